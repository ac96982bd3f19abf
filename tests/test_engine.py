"""The fold: actions become a plan; ours is merged, a stranger's is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scaffold.actions import (
    Action,
    CreateFile,
    DeleteFile,
    MoveFile,
    Next,
    PatchFile,
    Refuse,
    Remember,
    Use,
)
from scaffold.engine import Context
from scaffold.plan import Status
from scaffold.record import Deleted, Made, Spliced, read_record
from scaffold.spec.resource import make_resource
from scaffold.testing import changed, paths, run, tree
from scaffold.tree import Entry


def toy(
    context: Context, name: str = "toy", *, text: str = "one\ntwo\nthree\n"
) -> Iterator[Action]:
    """Makes one file."""
    yield CreateFile(f"{name}.txt", text.encode())
    yield Next("cat toy.txt", "look at it")


def test_a_file_is_created_and_recorded() -> None:
    plan = run(toy)
    assert changed(plan) == {"toy.txt": "one\ntwo\nthree\n"}
    (recorded,) = read_record(plan.after).runs
    assert recorded.generator == "toy"
    assert isinstance(recorded.files["toy.txt"], Made)
    assert plan.next == (Next("cat toy.txt", "look at it"),)


def test_twice_is_once() -> None:
    again = run(toy, on=run(toy).after)
    assert again.changes == ()
    assert paths(again, Status.UNCHANGED) == {"toy.txt"}


def test_what_we_made_is_merged_with_edits() -> None:
    edited = run(toy).after.with_content("toy.txt", b"ONE\ntwo\nthree\n")
    plan = run(toy, {"text": "one\ntwo\nTHREE\n"}, on=edited)
    assert changed(plan) == {"toy.txt": "ONE\ntwo\nTHREE\n"}
    assert paths(plan, Status.MERGED) == {"toy.txt"}


def test_the_base_of_the_next_merge_is_what_was_rendered_not_what_was_merged() -> None:
    edited = run(toy).after.with_content("toy.txt", b"ONE\ntwo\nthree\n")
    plan = run(toy, {"text": "one\ntwo\nTHREE\n"}, on=edited)
    recorded = read_record(plan.after).made("toy.txt")
    assert recorded is not None
    assert (recorded.content, recorded.before) == (b"one\ntwo\nTHREE\n", b"one\ntwo\nthree\n")


def test_contradicting_edits_are_a_conflict_with_their_lines() -> None:
    edited = run(toy).after.with_content("toy.txt", b"one\nmine\nthree\n")
    plan = run(toy, {"text": "one\nyours\nthree\n"}, on=edited)
    (conflict,) = plan.conflicts
    assert (conflict.path, conflict.lines) == ("toy.txt", ((2, 2),))
    assert changed(plan) == {}


def test_a_checkout_with_crlf_is_no_edit() -> None:
    there = run(toy).after.with_content("toy.txt", b"one\r\ntwo\r\nthree\r\n")
    plan = run(toy, {"text": "one\ntwo\nTHREE\n"}, on=there)
    assert changed(plan) == {"toy.txt": "one\r\ntwo\r\nTHREE\r\n"}


@pytest.mark.parametrize(
    "there",
    [
        {"toy.txt": "mine"},
        {"toy.txt/inside": "a directory"},
    ],
)
def test_a_strangers_file_is_refused(there: dict[str, str]) -> None:
    plan = run(toy, on=tree(there))
    assert [refusal.path for refusal in plan.refusals] == ["toy.txt"]
    assert plan.changes == ()


def test_a_file_where_a_directory_is_needed_is_refused() -> None:
    plan = run(toy, {"name": "folder/toy"}, on=tree({"folder": "a file"}))
    assert [refusal.path for refusal in plan.refusals] == ["folder"]


def test_a_symlink_is_not_written_through() -> None:
    there = tree({}).with_entry("toy.txt", Entry(b"", link="/etc/passwd"))
    assert run(toy, on=there).refusals != ()


def test_a_strangers_file_with_the_same_bytes_is_adopted() -> None:
    plan = run(toy, on=tree({"toy.txt": "one\ntwo\nthree\n"}))
    assert (plan.changes, plan.refusals) == ((), ())


def test_a_secret_never_shows() -> None:
    def secret(context: Context) -> Iterator[Action]:
        yield CreateFile(".env", b"KEY=hunter2\n", mode=0o600, secret=True)

    plan = run(secret)
    assert plan.diff(".env") == ""
    assert not any(b"hunter2" in c.after.content for c in plan.changes[1:] if c.after)
    kept = run(secret, on=tree({".env": "KEY=mine\n"}))
    assert kept.changes == ()


def test_delete_and_move() -> None:
    def tidy(context: Context) -> Iterator[Action]:
        yield DeleteFile("old")
        yield DeleteFile("absent")
        yield MoveFile("a", "b/c")

    plan = run(tidy, on=tree({"old": "x", "a": "y"}))
    assert changed(plan) == {"old": "", "a": "", "b/c": "y"}
    recorded = read_record(plan.after).runs[0]
    assert recorded.files["old"] == Deleted(b"x")
    assert run(tidy, on=tree({"a": "x", "b/c": "y"})).refusals != ()


def test_every_refusal_is_collected() -> None:
    def hopeless(context: Context) -> Iterator[Action]:
        yield Refuse("first", "a.py", 3, "paste me", "below line 3")
        yield PatchFile("missing.py", "include_router", {})
        yield Refuse("last")

    plan = run(hopeless)
    assert [refusal.reason for refusal in plan.refusals] == [
        "first",
        "the file to patch doesn't exist",
        "last",
    ]


def test_a_generator_sees_what_was_planned_so_far() -> None:
    seen = []

    def looking(context: Context) -> Iterator[Action]:
        yield CreateFile("a", b"1")
        seen.append(context.tree.read("a"))
        yield Remember(make_resource("orders", []))
        seen.append(list(context.resources))

    run(looking)
    assert seen == [b"1", ["orders"]]


def test_a_resource_is_remembered_for_later_runs() -> None:
    def remember(context: Context) -> Iterator[Action]:
        yield Remember(make_resource("orders", ["total:int"]))

    plan = run(remember)
    assert list(read_record(plan.after).resources) == ["orders"]
    assert run(remember, on=plan.after).changes == ()


def test_use_runs_another_generator_in_the_same_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    from scaffold import registry

    monkeypatch.setattr(registry, "load", lambda name: {"toy": toy}[name])

    def both(context: Context) -> Iterator[Action]:
        yield Use("toy", {"name": "other"})

    assert changed(run(both)) == {"other.txt": "one\ntwo\nthree\n"}


def test_a_patch_is_recorded_as_spans_only() -> None:
    source = "from fastapi import FastAPI\n\napp = FastAPI()\n# private note\n" + "x = 1\n" * 20

    def patch(context: Context) -> Iterator[Action]:
        yield PatchFile(
            "main.py",
            "include_router",
            {"module": "orders", "name": "router", "alias": "orders_router", "target": "app"},
        )

    plan = run(patch, on=tree({"main.py": source}))
    assert not plan.refusals, plan.refusals
    touched = read_record(plan.after).runs[0].files["main.py"]
    assert isinstance(touched, Spliced)
    assert sum(len(span.inserted) for patch in touched.patches for span in patch.spans) < 120
    assert plan.diff("main.py").count("\n+") >= 2
