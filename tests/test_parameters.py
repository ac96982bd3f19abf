"""A generator's signature is its command line, whatever the types of its parameters are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import typer

from scaffold.actions import Action
from scaffold.cli.generators import _typer_command, add_function
from scaffold.engine import Context


class Kind(StrEnum):
    """An enum of a generator's own."""

    SMALL = "small"
    LARGE = "large"


def typed(
    context: Context,
    size: Annotated[int, "How large."],
    *parts: str,
    ratio: Annotated[float, "How much."] = 0.5,
    folder: Annotated[Path, "Where."] = Path("here"),
    kind: Annotated[Kind, "Which."] = Kind.SMALL,
    mode: Annotated[Literal["a", "b"], "How."] = "a",
    limit: Annotated[int | None, "At most."] = None,
    names: Annotated[list[str], "Whom."] = [],  # noqa: B006  (a default as generators write it)
    note: Annotated[str | None, "Said."] = None,
    loud: Annotated[bool, "With noise."] = False,
    safe: Annotated[bool, "Without care."] = True,
) -> Iterator[Action]:
    """Take all of it."""
    yield from ()


def called(*argv: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The arguments that the command hands to the generator."""
    seen: dict[str, Any] = {}

    def add(context: Any, values: Any, title: str, calls: Any, *more: Any) -> None:
        seen.update(calls()[0].arguments)

    monkeypatch.setattr("scaffold.cli.generators._add", add)
    command = _typer_command(add_function("typed", typed, title="add typed"), "typed")
    command.main(list(argv), standalone_mode=False)
    return seen


def test_each_type_arrives_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("--ratio", "2", "--folder", "there", "--kind", "large", "--mode", "b")
    more = ("--limit", "7", "--names", "x", "--names", "y", "--note", "n", "--loud", "--no-safe")
    found = called("3", "p", "q", *options, *more, monkeypatch=monkeypatch)
    assert found == {
        "size": 3, "parts": ["p", "q"], "ratio": 2.0, "folder": Path("there"), "kind": Kind.LARGE,
        "mode": "b", "limit": 7, "names": ["x", "y"], "note": "n", "loud": True, "safe": False,
    }  # fmt: skip
    assert {name: type(value) for name, value in found.items()}["ratio"] is float
    assert type(found["kind"]) is Kind


def test_what_is_left_out_is_left_to_the_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    assert called("3", monkeypatch=monkeypatch) == {"size": 3}


@pytest.mark.parametrize(
    "argv",
    [("three",), ("3", "--ratio", "x"), ("3", "--kind", "huge"), ("3", "--mode", "c"), ("3", "--limit", "")],
)  # fmt: skip
def test_what_a_type_refuses_is_refused(
    argv: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(typer.BadParameter):
        called(*argv, monkeypatch=monkeypatch)


def short(context: Context, *parts: str, limit: int = 5, note: str = "") -> Iterator[Action]:
    """Take text, and a number that is left out."""
    yield from ()


def test_text_alone_needs_no_pydantic() -> None:
    program = (
        "import sys, scaffold.cli.generators as g; from tests.test_parameters import short;"
        "g._add = lambda *a: None; c = g._typer_command(g.add_function('t', short, title='t'), 't');"
        "c.main(sys.argv[1:], standalone_mode=False); print('pydantic' in sys.modules)"
    )
    root = Path(__file__).parent.parent

    def said(*argv: str) -> str:
        command = [sys.executable, "-c", program, *argv]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout

    assert said("a", "b", "--note", "n") == "False\n"
    assert said("--limit", "6") == "True\n"
