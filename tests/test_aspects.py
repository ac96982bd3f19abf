"""What capabilities add to single resources: options, data in the spec, lines at the seams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from scaffold.api import Around, Aspect, Resource, Seam
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.plan import Plan
from scaffold.record import read_record
from scaffold.testing import changed, paths, run


def loud_options(*, loud: Annotated[str, "What it shouts."] = "") -> dict[str, Any] | None:
    return {"shout": loud} if loud else None


def weave_loud(resource: Resource, data: Any, around: Around) -> Iterator[Seam]:
    said = f"print({data['shout']!r}, {resource.name.snake!r})"
    yield Seam("service", "created", (said, "await sleep(0)"), ("from asyncio import sleep",))
    yield Seam("router", "arguments", ("deprecated=True",))


def tagged_options(*, tagged: Annotated[bool, "With a tag."] = False) -> dict[str, Any] | None:
    return {} if tagged else None


def weave_tagged(resource: Resource, data: Any, around: Around) -> Iterator[Seam]:
    yield Seam(
        "service", "created", ("print()",), (f"from {around.package}.errors import Conflict",)
    )


LOUD = Aspect("loud", "", loud_options, weave_loud)
TAGGED = Aspect("tagged", "", tagged_options, weave_tagged)
NEEDY = Aspect("needy", "megaphone", loud_options, weave_loud)


def add(*aspects: Aspect, **options: object) -> Plan:
    made = run(project, {"name": "shop"}, name="new")
    known = {aspect.name: aspect for aspect in aspects}
    return run(resource, {"name": "orders", **options}, on=made.after, aspects=known)


def test_what_is_asked_for_is_woven_in_and_recorded() -> None:
    plan = add(LOUD, loud="hey")
    service = changed(plan)["app/services/orders.py"]
    assert "from asyncio import sleep\n\nfrom app.errors import NotFound\n" in service
    assert (
        "        await self.repository.save(order)\n"
        "        print('hey', 'order')\n"
        "        await sleep(0)\n"
        "        return order\n"
    ) in service
    router = changed(plan)["app/routers/orders.py"]
    assert 'APIRouter(prefix="/orders", tags=["orders"], deprecated=True)' in router
    recorded = read_record(plan.after)
    assert recorded.resources["orders"]["aspects"] == {"loud": {"shout": "hey"}}
    assert recorded.runs[-1].arguments == {"name": "orders", "loud": "hey"}


def test_what_is_not_asked_for_changes_nothing() -> None:
    assert changed(add(LOUD, TAGGED)) == changed(add())


def test_the_order_of_aspects_makes_no_difference() -> None:
    one = changed(add(LOUD, TAGGED, loud="hey", tagged=True))
    other = changed(add(TAGGED, LOUD, tagged=True, loud="hey"))
    assert one == other
    service = one["app/services/orders.py"]
    assert service.index("print('hey'") < service.index("print()")
    assert "from app.errors import Conflict, NotFound\n" in service


def test_an_aspect_without_its_generator_is_refused() -> None:
    plan = add(NEEDY, loud="hey")
    assert [refusal.reason for refusal in plan.refusals] == [
        "the aspect needy needs megaphone: run scaffold add megaphone first"
    ]
    assert paths(plan) == set()


def test_other_aspects_are_another_resource() -> None:
    plan = add(LOUD, loud="hey")
    again = run(resource, {"name": "orders", "loud": "hey"}, on=plan.after, aspects={"loud": LOUD})
    assert again.changes == ()
    other = run(resource, {"name": "orders"}, on=plan.after, aspects={"loud": LOUD})
    assert "with other fields or options" in other.refusals[0].reason
