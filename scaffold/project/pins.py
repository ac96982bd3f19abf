"""What ``[tool.scaffold]`` in pyproject.toml, or the command line, states instead of a guess.

A value is a name, a path or a number and nothing else: it gets into code and into paths.
"""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from scaffold.codemods.toml import Assignment, Header, scan
from scaffold.project.index import Evidence, Index, is_aside
from scaffold.spec.errors import UsageError

TABLE = ("tool", "scaffold")

_STATES = re.compile(rb"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*scaffold\b", re.MULTILINE)
_BELOW = re.compile(r"/pyproject\.toml$")
_SEGMENT = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9_.][A-Za-z0-9_.-]*"
_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
HOME = re.compile(
    rf"(?P<directory>{_SEGMENT}(?:/{_SEGMENT})*?)"
    r"(?:/\{(?P<form>plural|singular)\}(?:(?P<suffix>\w*)\.py|"
    r"/(?P<feature>(?:[A-Za-z0-9_]+/)*(?:\{(?:plural|singular)\}[A-Za-z0-9_]*|[A-Za-z0-9_]+)\.py)))?"
)
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_DOTTED = re.compile(rf"{_NAME}(?:\.{_NAME})*")
_SYMBOL = re.compile(
    rf"(?:{_SEGMENT}(?:/{_SEGMENT})*\.py|{_NAME}(?:\.{_NAME})*):{_NAME}(?:\.{_NAME})*"
)
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,2}")


@dataclass(frozen=True)
class Pin:
    """A fact as stated: its value (text, number or truth), and where that stands.

    ``base`` is the directory that its paths start from.
    """

    value: str | int | bool
    evidence: Evidence
    base: str = ""

    @property
    def path(self) -> str:
        """The value as a path from the root of the tree."""
        return f"{self.base}/{self.value}".strip("/") if self.value != "." else self.base

    @property
    def told(self) -> str:
        """What states it, for messages: ``--app main.py:app``, ``app = "…" (pyproject.toml:3)``."""
        return (
            f"{self.evidence.text} ({self.evidence})" if self.evidence.path else self.evidence.text
        )


@dataclass(frozen=True)
class Rule:
    """What a key's value must be: matched by ``pattern``, one of ``choices``, or in ``between``."""

    wanted: str
    pattern: re.Pattern[str] | None = None
    choices: tuple[str | int | bool, ...] = ()
    between: tuple[int, int] | None = None

    def allows(self, value: object) -> bool:
        """Whether ``value`` is what the key takes."""
        if self.between:
            low, high = self.between
            return type(value) is int and low <= value <= high
        if self.choices:
            return any(type(value) is type(choice) and value == choice for choice in self.choices)
        matched = isinstance(value, str) and self.pattern and self.pattern.fullmatch(value)
        return bool(matched) and not any(
            keyword.iskeyword(p) for p in re.split(r"[.:/]", str(value))
        )


_HOME = Rule('"app/routers", "app/routers/{plural}_router.py" or "app/{plural}/router.py"', HOME)
_SYMBOL_RULE = Rule('"app/database.py:name" or "app.database:name"', _SYMBOL)
_VERSION_RULE = Rule('a version such as "2.0"', _VERSION)
_FILE = Rule('a path from the directory of pyproject.toml, such as "requirements/base.txt"', _PATH)
HOMES = ("routers", "models", "schemas", "services", "repositories")
VERSIONS = ("python", "fastapi", "sqlalchemy", "pydantic")
RULES: Mapping[str, Rule] = {
    "app": _SYMBOL_RULE,
    "root": Rule('a directory such as "backend", or "."', re.compile(rf"\.|{_PATH.pattern}")),
    "package": Rule('a dotted name such as "app"', _DOTTED),
    **dict.fromkeys(HOMES, _HOME),
    "tests": Rule('a directory such as "tests"', _PATH),
    "database": Rule(
        '"sqlalchemy", "sqlmodel" or "none"', choices=("sqlalchemy", "sqlmodel", "none")
    ),
    "async": Rule("true or false", choices=(True, False)),
    "session": _SYMBOL_RULE,
    "base": _SYMBOL_RULE,
    "imports": Rule('"absolute" or "relative"', choices=("absolute", "relative")),
    "line_length": Rule("a number from 40 to 320", between=(40, 320)),
    "quote": Rule('"double" or "single"', choices=("double", "single")),
    **dict.fromkeys(VERSIONS, _VERSION_RULE),
    "manifest": _FILE,
    "settings": _SYMBOL_RULE,
    "dotenv": _FILE,
}
"""Every key of ``[tool.scaffold]``."""

_OF_ONE_APP = ("root", "package", *HOMES, "tests", "session", "base", "settings")
"""What is stated of the application that ``app`` names, and of no other one."""


def read_pins(index: Index, given: Mapping[str, str]) -> dict[str, Pin]:
    """What is stated, ``given`` by the command line or in the pyproject.toml nearest the top.

    Where the command line names another application than the file, what the file says of its own
    one doesn't count.

    Raises:
        UsageError: an unknown key or a wrong value; file, line, and what is right.
    """
    stated = index.fact("pins", lambda: _stated(index))
    told = {
        name: Pin(value, Evidence("", None, f"--{name} {value}"))
        for name, value in given.items()
        if name in RULES
    }
    if "app" in told and "app" in stated and told["app"].value != stated["app"].value:
        stated = {name: pin for name, pin in stated.items() if name not in _OF_ONE_APP}
    return stated | told


def _stated(index: Index) -> dict[str, Pin]:
    paths = ["pyproject.toml", *sorted(index.called(_BELOW), key=lambda p: (p.count("/"), p))]
    for path in paths:
        content = index.tree.read(path)
        if content and b"scaffold" in content and not (is_aside(path) and "/" in path):
            found = _read(path, content)
            if found is not None:
                return found
    return {}


def _read(path: str, content: bytes) -> dict[str, Pin] | None:
    """The pins of one file; None where it has no such table."""
    try:
        text = content.decode("utf-8-sig")
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        if _STATES.search(content):
            raise UsageError(
                f"{path}: [tool.scaffold] can't be read: {error}", hint="make it TOML again"
            ) from error
        return None  # what needs the file refuses with the reason
    table = data.get("tool", {}).get("scaffold")
    if table is None:
        return None
    if not isinstance(table, dict):
        raise UsageError(f"{path}: tool.scaffold is no table", hint="write [tool.scaffold]")
    base = path.rpartition("/")[0]
    lines = _lines(text)
    return {name: _pin(path, lines.get(name), base, name, value) for name, value in table.items()}


def _pin(path: str, line: int | None, base: str, name: str, value: object) -> Pin:
    where = str(Evidence(path, line))
    if name not in RULES:
        near = get_close_matches(name, RULES, 1)
        raise UsageError(
            f"{where}: [tool.scaffold] has no key {name!r}",
            hint=f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(RULES)}",
        )
    if not RULES[name].allows(value):
        raise UsageError(
            f"{where}: [tool.scaffold] {name} = {_shown(value)} can't be",
            hint=f"it takes {RULES[name].wanted}",
        )
    assert isinstance(value, str | int)
    return Pin(value, Evidence(path, line, f"{name} = {_shown(value)}"), base)


def _shown(value: object) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.encode("unicode_escape").decode().replace('"', '\\"') + '"'
    return str(value) if isinstance(value, int | float) else f"a {type(value).__name__}"


def _lines(text: str) -> dict[str, int]:
    """The line of each key of the table."""
    found: dict[str, int] = {}
    for item in scan(text):
        path = item.path if isinstance(item, Assignment) else item.table
        if path[:2] == TABLE and len(path) > 2:
            found.setdefault(path[2], text.count("\n", 0, item.start) + 1)
        elif path == TABLE and not isinstance(item, Header):
            found.setdefault("", text.count("\n", 0, item.start) + 1)
    return found
