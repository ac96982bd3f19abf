"""A router to be wired, as plain values: its lines, and the refusal that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scaffold.codemods import imports


@dataclass(frozen=True)
class Wanted:
    """What is to be wired and where, as plain values (see ``include_router``)."""

    module: str
    name: str
    alias: str
    target: str
    call: str = ""
    scope: str = ""
    package: str = ""
    prefix: str = ""
    tags: tuple[str, ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    before: tuple[str, ...] = ()
    first_party: tuple[str, ...] = ()
    late: bool = False
    line_length: int = 88
    quote: str = '"'

    @property
    def own(self) -> str:
        """The absolute name of the router's module."""
        return imports.absolute(self.module, self.package)

    @property
    def carries(self) -> bool:
        """Whether it is a lifespan, carried by a router made for it (see ``lifespan_router``)."""
        return "(lifespan={}" in self.call


def include_line(wanted: Wanted, expression: str) -> str:
    """The include statement on one line."""
    if wanted.call:
        return wanted.call.replace("{}", expression)
    arguments = [expression]
    quote = wanted.quote
    if wanted.prefix and "prefix" not in wanted.code:
        arguments.append(f"prefix={quote}{wanted.prefix}{quote}")
    if wanted.tags and "tags" not in wanted.code:
        arguments.append(f"tags=[{', '.join(quote + tag + quote for tag in wanted.tags)}]")
    arguments += [f"{key}={value}" for key, value in wanted.code.items()]
    return f"{wanted.target}.include_router({', '.join(arguments)})"


def laid_out(line: str, indent: str, wanted: Wanted) -> list[str]:
    """``line`` as the formatter would break it, at the width that the indentation leaves."""
    width = wanted.line_length - len(indent.expandtabs(4))
    if len(line) <= width:
        return [line]
    from scaffold.layout import format_python

    text = format_python(line + "\n", width)
    if "\t" in indent:
        text = text.replace("    ", "\t")
    return text.splitlines()
