"""How a repository lays its code out: line length and quotes, as its tools are told."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffold.project.index import Evidence, Index

_STRING = re.compile(
    r"""#[^\r\n]*|(?P<long>"{3}|'{3})(?:\\.|(?!(?P=long)).)*(?P=long)|"""
    r"""(?P<quote>["'])(?:\\.|(?!(?P=quote))[^\\\r\n])*(?P=quote)""",
    re.DOTALL,
)
"""A comment, a long string, or a string on one line (then with its quote)."""


@dataclass(frozen=True)
class Style:
    """``line_length`` in columns and the quote character of strings."""

    line_length: int = 88
    quote: str = '"'
    evidence: Evidence | None = None


def read_style(index: Index, root: str, samples: Sequence[str]) -> Style:
    """The style that formatters are told; quotes by majority in ``samples`` if they aren't."""
    length, evidence = next(_lengths(index, root), (88, None))
    quote = next(_quotes(index, root), None) or majority_quote(index, samples)
    return Style(length, quote, evidence)


def _directories(root: str) -> Iterator[str]:
    parts = root.split("/") if root else []
    for length in range(len(parts), -1, -1):
        yield "/".join([*parts[:length], ""]) if length else ""


def _settings(index: Index, root: str) -> Iterator[tuple[str, dict[str, object]]]:
    """The (file, [tool.x] tables) that name a formatter, nearest first; ruff files as such."""
    for base in _directories(root):
        for name in ("ruff.toml", ".ruff.toml", "pyproject.toml"):
            content = index.tree.read(base + name)
            if not content:
                continue
            try:
                data = tomllib.loads(content.decode())
            except (tomllib.TOMLDecodeError, UnicodeDecodeError):
                continue
            yield base + name, data.get("tool", {}) if name == "pyproject.toml" else {"ruff": data}


def _lengths(index: Index, root: str) -> Iterator[tuple[int, Evidence | None]]:
    for path, tools in _settings(index, root):
        for tool, key in (
            ("ruff", "line-length"),
            ("black", "line-length"),
            ("flake8", "max-line-length"),
        ):
            table = tools.get(tool)
            value = (
                table.get(key, table.get(key.replace("-", "_")))
                if isinstance(table, dict)
                else None
            )
            if isinstance(value, int):
                yield value, _line(index, path, str(value))
    for base in _directories(root):
        for name, section in (
            (".flake8", "flake8"),
            ("setup.cfg", "flake8"),
            ("tox.ini", "flake8"),
        ):
            value = _ini(index, base + name, section, "max-line-length")
            if value and value.isdigit():
                yield int(value), _line(index, base + name, value)
        value = _editorconfig(index, base + ".editorconfig")
        if value:
            yield value, _line(index, base + ".editorconfig", str(value))


def _quotes(index: Index, root: str) -> Iterator[str]:
    for _, tools in _settings(index, root):
        ruff, black = tools.get("ruff"), tools.get("black")
        style = ruff.get("format", {}).get("quote-style") if isinstance(ruff, dict) else None
        if style in ("single", "double"):
            yield "'" if style == "single" else '"'
        elif isinstance(black, dict) and not black.get("skip-string-normalization"):
            yield '"'


def _ini(index: Index, path: str, section: str, option: str) -> str | None:
    content = index.tree.read(path)
    if not content:
        return None
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=("#", ";"))
    try:
        parser.read_string(content.decode("utf-8", "replace"))
    except configparser.Error:
        return None
    for name in (option, option.replace("-", "_")):
        if parser.has_option(section, name):
            return parser.get(section, name).strip()
    return None


def _editorconfig(index: Index, path: str) -> int | None:
    """``max_line_length`` of the section that matches Python files."""
    content = index.tree.read(path)
    section, found = "", None
    for row in (content or b"").decode("utf-8", "replace").splitlines():
        if row.startswith("["):
            section = row
        match = re.match(r"\s*max_line_length\s*=\s*(\d+)", row)
        if match and (section == "[*]" or "py" in section):
            found = int(match[1])
    return found


def _line(index: Index, path: str, text: str) -> Evidence:
    content = (index.tree.read(path) or b"").decode("utf-8", "replace")
    for number, row in enumerate(content.splitlines(), 1):
        if re.search(r"line.?length", row) and text in row:
            return Evidence(path, number, row.strip())
    return Evidence(path)


def majority_quote(index: Index, paths: Sequence[str]) -> str:
    """The quote that most one-line strings of some files use; the double one if it is even."""
    counts = {"'": 0, '"': 0}
    for path in paths:
        source = index.source(path)
        for match in _STRING.finditer(source.text if source else ""):
            if match["quote"]:
                counts[match["quote"]] += 1
    return "'" if counts["'"] > counts['"'] else '"'
