"""Files rendered again over edits: merged, refused with the lines, marked on demand, taken back.

``SCAFFOLD_STORIES`` says how many random sequences of commands and edits are told (8).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.console import result_data
from scaffold.generators.field import field, remove
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.record import read_record
from scaffold.revert import Edited
from scaffold.spec.errors import ConflictError, RefusedError
from scaffold.undo import remove as remove_runs
from scaffold.undo import undo
from scaffold.workflow import Call, Options, Result, generate
from scaffold.workspace import open_tree

MODEL = "app/models/orders.py"
LINE = "    note: Mapped[str] = mapped_column(sa.String(255))\n"


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def grow(root: Path, *fields: str, name: str = "orders", merge: bool = False) -> Result:
    options = Options(root, verify=False, pins={"merge": "yes"} if merge else {})
    return generate([Call("field", {"name": name, "fields": fields}, field)], options, title="add")


def shrink(root: Path, *fields: str, name: str = "orders") -> Result:
    call = Call("field:remove", {"name": name, "fields": fields}, remove)
    return generate([call], Options(root, verify=False), title="remove field")


def add(root: Path, name: str) -> Result:
    call = Call("resource", {"name": name, "fields": ["total:int", "note:str"]}, resource)
    return generate([call], Options(root, verify=False), title="add")


def back(root: Path, run: str | None = None, edited: Edited = Edited.REFUSE) -> Result:
    return undo(Options(root), run, edited)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "shop"
    generate([Call("new", {"name": "shop"}, project)], Options(root), title="new shop")
    add(root, "orders")
    return root


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "shop"
    shutil.copytree(made, root)
    yield root


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new, 1))


def test_a_conflict_shows_both_versions_and_writes_nothing(shop: Path) -> None:
    edit(shop, MODEL, LINE, LINE.replace("255", "300"))
    here = files(shop)
    with pytest.raises(ConflictError) as caught:
        grow(shop, "vat:int:default=0")
    assert files(shop) == here
    assert MODEL in caught.value.message
    assert "--merge" in (caught.value.hint or "")
    (place,) = caught.value.refusals
    assert (
        place.line == here[MODEL].decode().splitlines().index(LINE.replace("255", "300")[:-1]) + 1
    )
    assert place.shown is not None
    for line in ("<<<<<<< yours", "sa.String(300)", "=======", "vat: Mapped[int]", ">>>>>>>"):
        assert line in place.shown


def test_markers_are_written_on_demand_and_said(shop: Path) -> None:
    edit(shop, MODEL, LINE, LINE.replace("255", "300"))
    result = grow(shop, "vat:int:default=0", merge=True)
    text = (shop / MODEL).read_text()
    assert f"<<<<<<< yours\n{LINE.replace('255', '300')}=======\n{LINE}    vat" in text
    assert result.plan.marked == (MODEL,)
    assert "conflict markers" in result.proof
    (note,) = result.plan.notes
    first = text.splitlines().index("<<<<<<< yours") + 1
    assert f"{MODEL}: conflict markers in lines {first}-{first + 5}" in note
    assert result_data("add", result)["plan"]["marked"] == [MODEL]


def test_a_plan_with_markers_can_be_applied(shop: Path, tmp_path: Path) -> None:
    from scaffold.apply import apply_plan

    edit(shop, MODEL, LINE, LINE.replace("255", "300"))
    other = tmp_path / "other"
    shutil.copytree(shop, other)
    call = Call("field", {"name": "orders", "fields": ["vat:int:default=0"]}, field)
    options = Options(shop, dry_run=True, verify=False, pins={"merge": "yes"})
    plan = result_data("add", generate([call], options, title="add"))
    apply_plan(json.dumps(plan), Options(other))
    grow(shop, "vat:int:default=0", merge=True)
    assert files(shop) == files(other)


def test_undo_of_markers_restores_every_byte(shop: Path) -> None:
    edit(shop, MODEL, LINE, LINE.replace("255", "300"))
    edit(shop, "app/services/orders.py", '"""The rules', '"""Our rules')
    here = files(shop)
    grow(shop, "vat:int:default=0", merge=True)
    back(shop)
    assert files(shop) == here


def test_markers_settled_by_hand_are_never_lost(shop: Path) -> None:
    edit(shop, MODEL, LINE, LINE.replace("255", "300"))
    here = files(shop)
    grow(shop, "vat:int:default=0", merge=True)
    text = (shop / MODEL).read_text()
    start, end = text.index("<<<<<<<"), text.index(">>>>>>> scaffold\n") + len(">>>>>>> scaffold\n")
    settled = LINE.replace("255", "300") + "    vat: Mapped[int] = mapped_column(sa.Integer())\n"
    (shop / MODEL).write_text(text[:start] + settled + text[end:])
    after = files(shop)
    with pytest.raises(ConflictError) as caught:
        back(shop)
    assert "--keep" in (caught.value.hint or "")
    assert files(shop) == after
    back(shop, edited=Edited.FORCE)
    assert files(shop) == here


def test_edits_before_and_after_a_merge_outlive_its_undo(shop: Path) -> None:
    edit(shop, MODEL, '"""The table', '"""Our table')
    grow(shop, "vat:int:default=0")
    edit(shop, MODEL, "from sqlalchemy.orm", "# mine\nfrom sqlalchemy.orm")
    back(shop)
    text = (shop / MODEL).read_text()
    assert '"""Our table' in text
    assert "# mine\nfrom sqlalchemy.orm" in text
    assert "vat" not in text


def test_the_earlier_of_two_renderings_is_refused_by_name(shop: Path) -> None:
    first = grow(shop, "vat:int:default=0").runs[0]
    second = grow(shop, "tip:int:default=0").runs[0]
    here = files(shop)
    with pytest.raises(RefusedError, match=second):
        back(shop, first)
    assert files(shop) == here
    back(shop)
    back(shop)
    assert "vat" not in (shop / MODEL).read_text()
    assert not [path for path in files(shop) if "_vat_" in path]


def test_a_rendering_is_taken_back_below_later_work_elsewhere(shop: Path) -> None:
    """The migration holds undo up, as every revision that others rest on does."""
    run = grow(shop, "vat:int:default=0").runs[0]
    add(shop, "bills")
    with pytest.raises(RefusedError, match="rests on the migration"):
        back(shop, run)
    shrink(shop, "vat")
    assert "vat" not in (shop / MODEL).read_text()
    assert "bills" in (shop / "app/main.py").read_text()


def test_a_checkout_with_crlf_is_no_edit(shop: Path) -> None:
    for path in ("app/models/orders.py", "tests/test_orders.py"):
        (shop / path).write_bytes((shop / path).read_bytes().replace(b"\n", b"\r\n"))
    here = files(shop)
    grow(shop, "vat:int:default=0")
    text = (shop / MODEL).read_bytes()
    assert b"vat" in text
    assert text.count(b"\r\n") == text.count(b"\n")
    back(shop)
    assert files(shop) == here


def test_a_resource_that_grew_is_removed_whole(shop: Path) -> None:
    grow(shop, "vat:int:default=0")
    shrink(shop, "total")
    result = remove_runs(Options(shop), "resource", "orders", Edited.REFUSE, delete_migration=False)
    here = files(shop)
    assert not [path for path in here if path.endswith("orders.py") and "versions" not in path]
    reverts = [step.path for step in result.plan.steps if "_revert_" in step.path]
    assert len(reverts) == 3
    assert read_record(open_tree(shop)).resources == {}
    assert b"orders" not in here["app/main.py"]


def test_a_resource_that_grew_is_removed_with_its_migrations(shop: Path, made: Path) -> None:
    back(shop)
    before = files(shop)
    add(shop, "orders")
    grow(shop, "vat:int:default=0")
    remove_runs(Options(shop), "resource", "orders", Edited.REFUSE, delete_migration=True)
    assert files(shop) == before


STORIES = int(os.environ.get("SCAFFOLD_STORIES", "8"))
NAMES = ("orders", "people")
EDITED = (MODEL, "app/services/orders.py", "app/schemas/orders.py", "app/main.py", "README.md")
FIELDS = (
    *("vat:int:default=0", "code:str:optional:unique", "memo:text:optional"),
    *("person:ref:optional", "order:ref:optional", "links:many:people"),
)
STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(NAMES)),
    st.tuples(st.just("grow"), st.sampled_from(NAMES), st.sampled_from(FIELDS)),
    st.tuples(st.just("shrink"), st.sampled_from(NAMES), st.sampled_from(FIELDS)),
    st.tuples(st.just("edit"), st.sampled_from(EDITED), st.integers(0, 200)),
    st.tuples(st.just("undo")),
    st.tuples(st.just("remove"), st.sampled_from(NAMES)),
)


class Story:
    """A project that people and scaffold change in turn, and what people wrote in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notes: dict[str, set[str]] = {}
        self.undone: list[dict[str, bytes]] = [files(root)]

    def step(self, number: int, step: tuple[object, ...]) -> None:
        before = files(self.root)
        try:
            self._take(number, step)
        except (ConflictError, RefusedError):
            assert files(self.root) == before
        self._nothing_of_people_is_lost()

    def _take(self, number: int, step: tuple[object, ...]) -> None:
        match step:
            case ("add", str(name)):
                self._run(lambda: add(self.root, name))
            case ("grow", str(name), str(text)):
                self._run(lambda: grow(self.root, text, name=name))
            case ("shrink", str(name), str(text)):
                self._run(lambda: shrink(self.root, text.partition(":")[0], name=name))
            case ("remove", str(name)):
                options = Options(self.root)
                remove_runs(options, "resource", name, Edited.REFUSE, delete_migration=False)
                self.undone = []
            case ("undo",):
                back(self.root)
                if self.undone:
                    # Nothing was touched since: every byte is as it was before the run.
                    assert files(self.root) == self.undone.pop()
            case ("edit", str(path), int(place)) if (self.root / path).exists():
                self._edit(path, place, f"# by hand {number}")

    def _run(self, command: object) -> None:
        assert callable(command)
        before = files(self.root)
        if not command().nothing:
            self.undone.append(before)

    def _edit(self, path: str, place: int, note: str) -> None:
        lines = (self.root / path).read_text().splitlines(keepends=True)
        # A whole line between two others, outside of what brackets and strings hold together.
        places = [n for n, line in enumerate(lines) if line == "\n"] or [len(lines)]
        lines.insert(places[place % len(places)], f"{note}\n")
        (self.root / path).write_text("".join(lines))
        self.notes.setdefault(path, set()).add(note)
        self.undone = []

    def _nothing_of_people_is_lost(self) -> None:
        for path, notes in self.notes.items():
            text = (self.root / path).read_text()
            assert all(f"{note}\n" in text for note in notes), path


@pytest.mark.slow
@settings(max_examples=STORIES)
@given(steps=st.lists(STEPS, max_size=8))
def test_any_story_keeps_every_byte_that_nobody_touched(
    made: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]]
) -> None:
    root = tmp_path_factory.mktemp("story") / "shop"
    shutil.copytree(made, root)
    story = Story(root)
    # The run that made orders was the last one before.
    story.undone = []
    for number, step in enumerate(steps):
        story.step(number, step)


def relate_shop(root: Path) -> None:
    """Orders, and bills made later, that both refer to people."""
    people = Call("resource", {"name": "people", "fields": ["name:str"]}, resource)
    bills = Call("resource", {"name": "bills", "fields": ["total:int", "person:ref"]}, resource)
    relation = Call("field", {"name": "orders", "fields": ["person:ref:optional"]}, field)
    for call in (people, relation, bills):
        generate([call], Options(root, verify=False), title="add")


def part(root: Path, name: str, edited: Edited = Edited.REFUSE) -> Result:
    return remove_runs(Options(root), "resource", name, edited, delete_migration=False)


PEOPLE = "app/models/people.py"


def test_what_others_refer_to_is_not_removed(shop: Path) -> None:
    relate_shop(shop)
    here = files(shop)
    with pytest.raises(RefusedError) as caught:
        part(shop, "people")
    assert [reason.reason.partition(":")[0] for reason in caught.value.refusals] == [
        "orders refers to it by person",
        "bills refers to it by person",
    ]
    assert files(shop) == here


def test_a_relation_goes_with_its_resource_and_later_ones_stay(shop: Path) -> None:
    relate_shop(shop)
    here = files(shop)
    part(shop, "orders")
    text = (shop / PEOPLE).read_text()
    assert "Order" not in text
    assert "bills: Mapped[" in text
    back(shop)
    assert files(shop) == here


def test_what_nobody_refers_to_any_more_is_removed_whole(shop: Path) -> None:
    relate_shop(shop)
    shrink(shop, "person")
    part(shop, "bills")
    part(shop, "people")
    here = files(shop)
    assert not [path for path in here if path.endswith("people.py") and "versions" not in path]
    assert b"person" not in here[MODEL] + here["tests/test_orders.py"]
    assert b"people" not in here["app/main.py"]


def test_edits_where_a_relation_goes_are_refused_kept_or_taken_back(shop: Path) -> None:
    relate_shop(shop)
    edit(shop, PEOPLE, '    orders: Mapped[list["Order"]]', '    mine: Mapped[list["Order"]]')
    here = files(shop)
    with pytest.raises(ConflictError) as caught:
        part(shop, "orders")
    assert "--keep" in (caught.value.hint or "")
    assert files(shop) == here
    part(shop, "orders", Edited.KEEP)
    assert (shop / PEOPLE).read_bytes() == here[PEOPLE]
    back(shop)
    assert files(shop) == here
    part(shop, "orders", Edited.FORCE)
    assert "mine" not in (shop / PEOPLE).read_text()
