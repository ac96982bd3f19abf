from __future__ import annotations

import pytest

from scaffold.codemods import Already, Cannot, Outcome, Patched, invert
from scaffold.codemods.settings import add_setting, add_variable
from tests.codemods.test_settings import SETTINGS

FIELD = {"name": "redis_url", "annotation": "str", "default": '"redis://localhost"', "class_name": "Settings"}  # fmt: skip
LINE = {"name": "REDIS_URL", "value": "redis://localhost", "comment": "Where it is."}


def field(text: str, **changes: str) -> Outcome:
    return invert("add_setting", text.encode(), {**FIELD, **changes})


def line(text: str | bytes, **changes: str) -> Outcome:
    content = text.encode() if isinstance(text, str) else text
    return invert("add_variable", content, {**LINE, **changes})


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_field_is_taken_out_again(ending: str) -> None:
    before = SETTINGS.replace("\n", ending).encode()
    added = add_setting(before, **FIELD)
    assert isinstance(added, Patched)
    assert invert("add_setting", added.content, FIELD) == Patched(before)
    assert invert("add_setting", before, FIELD) == Already()


def test_a_field_is_found_by_meaning() -> None:
    text = "class S(Base):\n\tredis_url : str='redis://localhost'\n\n\ta: int\n"
    assert field(text) == Patched(b"class S(Base):\n\n\ta: int\n")
    two = "class A:\n    redis_url: str\n    b: int\nclass Settings:\n    redis_url: str = (\n        'redis://localhost'\n    )\n    b: int\n"
    left = "class A:\n    redis_url: str\n    b: int\nclass Settings:\n    b: int\n"
    assert field(two) == Patched(left.encode())
    bare = "class S:\n    a: int\n    redis_url: str"
    assert field(bare, default="") == Patched(b"class S:\n    a: int\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("class S:\n    redis_url: str = 'redis://elsewhere'\n    a: int\n", "changed since"),
        (
            "class S:\n    redis_url: str | None = 'redis://localhost'\n    a: int\n",
            "changed since",
        ),
        ("class S:\n    redis_url: str\n    a: int\n", "changed since"),
        ("class S:\n    redis_url: str = 'redis://localhost'\n", "all that its class holds"),
        ("class S:\n    redis_url: str = 'redis://localhost'; a = 1\n", "shares its line"),
        ("class S:\n    redis_url: str = 'redis://localhost'  # ours\n    a: int\n", "a comment"),
        ("class A:\n    redis_url: str\nclass B:\n    redis_url: str\n", "several classes"),
        ("class S(:\n", "does not parse"),
    ],
)
def test_leaves_a_field_alone(text: str, reason: str) -> None:
    outcome = field(text)
    assert isinstance(outcome, Cannot), outcome
    assert reason in outcome.reason


@pytest.mark.parametrize("before", ["", "A=1\n", "A=1\r\n", "\ufeffA=1\n", "A=1"])
def test_a_variable_is_taken_out_again(before: str) -> None:
    added = add_variable(before.encode(), **LINE)
    assert isinstance(added, Patched)
    assert invert("add_variable", added.content, LINE) == Patched(before.encode())
    assert line(before) == Already()


def test_a_variable_is_found_by_meaning() -> None:
    text = 'A=1\n# Where it is.\nexport REDIS_URL = "redis://localhost"\nB=2\n'
    assert line(text) == Patched(b"A=1\nB=2\n")
    own = "# the cache\nREDIS_URL='redis://localhost'\n"
    assert line(own) == Patched(b"# the cache\n")
    assert line("# REDIS_URL=redis://localhost\nMY_REDIS_URL=x\n") == Already()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("REDIS_URL=redis://elsewhere\n", "another value"),
        ("REDIS_URL=redis://localhost\nREDIS_URL=redis://localhost\n", "several lines"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_leaves_a_variable_alone(text: str | bytes, reason: str) -> None:
    outcome = line(text)
    assert isinstance(outcome, Cannot), outcome
    assert reason in outcome.reason
