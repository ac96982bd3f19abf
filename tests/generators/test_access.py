"""Who may use a resource: what is woven in, what is refused since it would show rows to others."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from scaffold.api import UsageError
from scaffold.generators.auth import auth
from scaffold.generators.auth.protect import protect
from scaffold.generators.field import field
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.generators.websocket import websocket
from scaffold.plan import Plan, Status
from scaffold.record import read_record
from scaffold.testing import changed, paths, run
from scaffold.tree import Tree


@cache
def guarded() -> Tree:
    """A project with accounts."""
    return run(auth, on=run(project, {"name": "shop"}, name="new").after).after


def add(name: str, *fields: str, on: Tree | None = None, **options: Any) -> Plan:
    return run(resource, {"name": name, "fields": fields, **options}, on=on or guarded())


def put(name: str, on: Tree, **options: Any) -> Plan:
    return run(protect, {"kind": "resource", "name": name, **options}, on=on)


def reasons(plan: Plan) -> list[str]:
    return [refusal.reason for refusal in plan.refusals]


def test_rows_belong_to_who_made_them() -> None:
    plan = add("orders", "total:int", owned=True)
    files = changed(plan)
    assert "order.owner_id = self.user.id" in files["app/services/orders.py"]
    repository = files["app/repositories/orders.py"]
    assert "statement = statement.where(Order.owner_id == self.owner_id)" in repository
    assert "if order is not None and self.owner_id not in (None, order.owner_id):" in repository
    assert "OrderRepository(session, visible_to(user)), user)" in files["app/routers/orders.py"]
    assert "owner_id" not in files["app/schemas/orders.py"].split("class OrderRead")[0]
    tests = files["tests/test_orders.py"]
    assert '("bob", UserRole.USER, [200, 201, 404, 404, 404]),' in tests
    assert "async def test_rows_of_others(" in tests
    assert read_record(plan.after).resources["orders"]["aspects"] == {
        "access": {"owned": True, "roles": []}
    }


def test_routes_are_for_users() -> None:
    files = changed(add("notes", require_auth=True))
    assert "Depends(current_user" in files["app/routers/notes.py"]
    assert "owner" not in files["app/models/notes.py"]
    assert '("", UserRole.USER, [401, 401, 401, 401, 401]),' in files["tests/test_notes.py"]


def test_routes_are_for_roles() -> None:
    files = changed(add("reports", require_role="admin"))
    assert "Depends(require_role(UserRole.ADMIN)" in files["app/routers/reports.py"]
    assert '("eve", UserRole.USER, [403, 403, 403, 403, 403]),' in files["tests/test_reports.py"]


def test_what_is_not_asked_for_changes_nothing() -> None:
    files = changed(add("notes"))
    assert not any("auth" in text for path, text in files.items() if "notes" in path)


def test_access_needs_accounts() -> None:
    plain = run(project, {"name": "shop"}, name="new").after
    plan = add("notes", on=plain, owned=True)
    assert "needs auth: run scaffold add auth first" in reasons(plan)[0]
    assert paths(plan) == set()


def test_a_role_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="there is no role 'boss'"):
        add("notes", require_role="admin,boss")


def test_a_field_called_owner_is_in_the_way() -> None:
    with pytest.raises(UsageError, match="field 'owner' is owner:str"):
        add("notes", "owner:str", owned=True)


def test_a_resource_that_is_there_gets_owners_by_a_migration() -> None:
    there = add("notes", "text:str").after
    plan = put("notes", there, owned=True)
    assert reasons(plan) == []
    (revision,) = (text for path, text in changed(plan).items() if path.startswith("migrations/"))
    assert "nullable=True" in revision
    assert 'ondelete="SET NULL"' in revision
    assert "app/repositories/notes.py" in paths(plan, Status.PATCHED)
    assert put("notes", plan.after, owned=True).changes == ()
    rendered = {p: t for p, t in changed(plan).items() if p.startswith("app/")}
    at_once = changed(add("notes", "text:str", owned=True))
    assert rendered == {path: at_once[path] for path in rendered}


def test_what_cannot_be_protected_is_refused() -> None:
    assert "no resource notes here" in reasons(put("notes", guarded(), owned=True))[0]
    assert "for administrators already" in reasons(put("users", guarded(), owned=True))[0]
    with pytest.raises(UsageError, match="nothing says for whom"):
        put("users", guarded())


ORDERS = {"owned": True}


@pytest.mark.parametrize(
    ("field", "target", "options", "reason"),
    [
        ("order:ref:to=orders", ORDERS, {}, "give lines --owned too"),
        ("order:ref:to=orders", ORDERS, {"require_role": "admin"}, "give lines --owned too"),
        ("all:many:orders", ORDERS, {"require_auth": True}, "give lines --owned too"),
        ("order:ref:to=orders", {"require_auth": True}, {}, "give lines --require-auth too"),
        (
            "order:ref:to=orders",
            {"require_role": "admin"},
            {"require_auth": True},
            "--require-role",
        ),
        ("author:ref:to=users", ORDERS, {"require_auth": True}, "--require-role admin too"),
    ],
)
def test_rows_are_not_shown_by_what_refers_to_them(
    field: str, target: dict[str, Any], options: dict[str, Any], reason: str
) -> None:
    there = add("orders", "total:int", **target).after
    plan = add("lines", "count:int", field, on=there, **options)
    assert len(reasons(plan)) == 1
    assert reason in reasons(plan)[0]
    assert paths(plan) == set()


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ({"require_auth": True}, {"require_auth": True}),
        ({"require_auth": True}, {"owned": True}),
        ({"require_role": "admin"}, {"require_role": "admin"}),
        ({}, {}),
    ],
)
def test_what_is_protected_as_much_may_refer(
    target: dict[str, Any], options: dict[str, Any]
) -> None:
    there = add("orders", "total:int", **target).after
    assert reasons(add("lines", "order:ref:to=orders", on=there, **options)) == []


def test_nobody_links_rows_of_others() -> None:
    there = add("orders", "total:int", owned=True).after
    plan = add("lines", "all:many:orders", on=there, owned=True)
    assert reasons(plan) == []
    files = changed(plan)
    repository = files["app/repositories/lines.py"]
    assert "statement = statement.where(Order.owner_id == self.owner_id)" in repository
    assert "self.owner_id in (None, found.owner_id)" in repository
    assert "async def test_links_to_rows_of_others(" in files["tests/test_lines.py"]


def test_what_refers_to_a_resource_is_guarded_as_soon_as_that_has_owners() -> None:
    there = add("orders", "total:int").after
    there = add("lines", "order:ref:to=orders", "all:many:orders", on=there, owned=True).after
    plan = put("orders", there, owned=True)
    assert reasons(plan) == []
    files = changed(plan)
    at_once = add("orders", "total:int", owned=True).after
    expected = changed(
        add("lines", "order:ref:to=orders", "all:many:orders", on=at_once, owned=True)
    )
    names = [path for path in expected if "lines" in path and "migrations" not in path]
    assert "app/repositories/lines.py" in names
    for path in names:
        entry = plan.after.get(path)
        assert entry is not None
        assert entry.content.decode() == expected[path]
    assert "check_references" in files["app/services/lines.py"]


def test_nobody_refers_to_rows_of_others() -> None:
    there = add("orders", "total:int", owned=True).after
    files = changed(add("lines", "order:ref:to=orders", on=there, owned=True))
    service = files["app/services/lines.py"]
    assert service.count("await self.repository.check_references(line)") == 2
    assert (
        "select(Order.owner_id).where(Order.id == line.order_id)"
        in (files["app/repositories/lines.py"])
    )
    assert '("bob", UserRole.USER, [200, 422, 404, 404, 404]),' in files["tests/test_lines.py"]


def test_what_others_refer_to_is_protected_after_them() -> None:
    there = add("orders", "total:int").after
    there = add("lines", "order:ref:to=orders", on=there).after
    plan = put("orders", there, owned=True)
    assert "order of lines refers to orders" in reasons(plan)[0]
    assert paths(plan) == set()


@pytest.mark.parametrize(
    ("options", "rooms"),
    [
        ({}, ['"notes"']),
        ({"require_auth": True}, ['"notes"']),
        ({"owned": True}, ['f"user/{note.owner_id or 0}/notes"']),
        ({"require_role": "admin,user"}, ['"role/admin/notes"', '"role/user/notes"']),
    ],
)
def test_events_are_heard_by_who_may_read_the_rows(
    options: dict[str, Any], rooms: list[str]
) -> None:
    there = run(websocket, on=guarded()).after
    service = changed(add("notes", on=there, events=True, **options))["app/services/notes.py"]
    assert service.count("self.changes.tell(") == 3 * len(rooms)
    assert all(service.count(f"self.changes.tell({room}, ") == 3 for room in rooms)


def test_what_shows_users_is_named_when_they_become_accounts() -> None:
    there = run(project, {"name": "shop"}, name="new").after
    there = add("users", "email:email:unique", on=there).after
    there = add("notes", "author:ref:to=users", on=there).after
    plan = run(auth, on=there)
    assert reasons(plan) == []
    (line,) = [one for one in plan.next if "protect resource notes" in one.command]
    assert "author of notes refers to users" in line.purpose
    grown = run(field, {"name": "notes", "fields": ["text:str:default=x"]}, on=plan.after)
    assert reasons(grown) == []
