"""The plain part of Jinja, rendered without Jinja, whose import costs more than ``scaffold new``.

A plain template holds ``{{ name.attribute }}``, perhaps through one filter, ``{{ "text" }}``, and
``{% if %}`` on a name or on its equality to a text. Its result is Jinja's with ``trim_blocks`` and
``lstrip_blocks``; what is no plain template goes to Jinja itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

NAME = r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*"
_TAG = re.compile(
    rf"\{{\{{\s*(?:(?P<name>{NAME})\s*(?:\|\s*(?P<filter>\w+)\s*)?|\"(?P<text>[^\"\\]*)\"\s*)\}}\}}"
    r"|(?:^[ \t]+)?\{%\s*(?:"
    rf"(?P<test>if|elif)\s+(?P<negated>not\s+)?(?P<subject>{NAME})"
    r"(?:\s*(?P<operator>[!=]=)\s*\"(?P<value>[^\"\\]*)\")?"
    r"|(?P<other>else|endif))\s*%\}\n?",
    re.MULTILINE,
)
_OTHER_TAG = re.compile(r"\{[{%#]")


class Missing(Exception):
    """A variable that the context doesn't have; ``line`` is 1-based."""

    line: int | None = None


def look_up(name: str, context: Mapping[str, object]) -> object:
    """The value of ``name``, its attributes (or keys, where there is no attribute) followed.

    Raises Missing.
    """
    first, *attributes = name.split(".")
    if first not in context:
        raise Missing(f"{first!r} is undefined")
    value = context[first]
    for attribute in attributes:
        try:
            value = getattr(value, attribute)
        except AttributeError:
            if not isinstance(value, Mapping) or attribute not in value:
                raise Missing(f"{name!r} is undefined: there is no {attribute!r}") from None
            value = value[attribute]
    return value


class Plain:
    """A plain template, parsed."""

    def __init__(self, source: str, tags: Sequence[re.Match[str]]) -> None:
        self.source = source
        self.tags = tags

    @classmethod
    def parse(cls, source: str, filters: Mapping[str, object]) -> Plain | None:
        """The template, or None if it isn't plain. ``filters`` are the names of those known."""
        tags = list(_TAG.finditer(source))
        # With the brace that the next tag begins with: Jinja takes the first two of ``{{{``.
        ends = [0, *(tag.end() for tag in tags)]
        starts = [*(tag.start() + 1 for tag in tags), len(source)]
        between = (source[end:start] for end, start in zip(ends, starts, strict=True))
        if any(_OTHER_TAG.search(text) for text in between):
            return None
        open_ifs: list[bool] = []  # whether each has had its else
        for tag in tags:
            if tag["filter"] and tag["filter"] not in filters:
                return None
            kind = tag["test"] or tag["other"]
            if kind == "if":
                open_ifs.append(False)
            elif kind and (not open_ifs or (open_ifs[-1] and kind != "endif")):
                return None
            elif kind == "else":
                open_ifs[-1] = True
            elif kind == "endif":
                open_ifs.pop()
        return None if open_ifs else cls(source, tags)

    def render(
        self, context: Mapping[str, object], filters: Mapping[str, Callable[[object], str]]
    ) -> str:
        """The text. Raises Missing or what a filter raises, with the ``line`` of the tag noted."""
        parts: list[str] = []
        branches: list[tuple[bool, bool]] = []  # (this branch counts, a later one may)
        position = 0
        for tag in self.tags:
            counts = not branches or branches[-1][0]
            if counts:
                parts.append(self.source[position : tag.start()])
            position = tag.end()
            try:
                if tag["test"] or tag["other"]:
                    _branch(tag, branches, context)
                elif counts:
                    parts.append(_output(tag, context, filters))
            except (Missing, ValueError) as error:
                missing = Missing(str(error))
                missing.line = self.source.count("\n", 0, tag.end() - tag[0].endswith("\n")) + 1
                raise missing from error
        return "".join((*parts, self.source[position:]))


def _output(
    tag: re.Match[str],
    context: Mapping[str, object],
    filters: Mapping[str, Callable[[object], str]],
) -> str:
    if tag["name"] is None:
        return str(tag["text"])
    value = look_up(tag["name"], context)
    return filters[tag["filter"]](value) if tag["filter"] else str(value)


def _branch(
    tag: re.Match[str], branches: list[tuple[bool, bool]], context: Mapping[str, object]
) -> None:
    """Open, change or close the innermost ``{% if %}``."""
    if tag["test"] == "if":
        around = not branches or branches[-1][0]
        branches.append((False, around))
    elif tag["other"] == "endif":
        branches.pop()
        return
    counts = branches[-1][1] and (tag["other"] == "else" or _holds(tag, context))
    branches[-1] = (counts, branches[-1][1] and not counts)


def _holds(tag: re.Match[str], context: Mapping[str, object]) -> bool:
    value = look_up(tag["subject"], context)
    if tag["operator"]:
        value = (value == tag["value"]) == (tag["operator"] == "==")
    return bool(value) != bool(tag["negated"])
