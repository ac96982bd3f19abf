"""A small document algebra: text, possible line breaks, and what depends on a group breaking.

A document is a string, a tuple of documents or one of the classes below. Whether it *must*
break (a comment, a magic trailing comma, a string over several lines) is known on construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Line(Enum):
    """A place where a line may end."""

    SOFT = "nothing when flat"
    SPACE = "a space when flat"
    HARD = "always a line end"


class Force(Enum):
    """No output; the groups around it break."""

    EXPAND = "expand"


class Group:
    """Printed on one line if it fits, otherwise with all its own line ends.

    ``flat`` is set by the printer: others refer to how this group was printed. The contents
    come after construction, because they may refer to the group they are in.
    """

    __slots__ = ("contents", "expand", "flat")

    def __init__(self, contents: Document = "", *, expand: bool = False) -> None:
        self.flat = True
        self.expand = expand
        self.fill(contents)

    def fill(self, contents: Document) -> Group:
        """This group, with its contents set."""
        self.contents = contents
        self.expand = self.expand or must_break(contents)
        return self


class FitParens:
    """Parentheses around the contents if they then fit, and only if they don't without."""

    __slots__ = ("contents", "flat")

    def __init__(self) -> None:
        self.flat = True
        self.contents: Document = ""


Anchor = Group | FitParens


@dataclass(slots=True)
class GroupIn:
    """A group that exists only if ``anchor`` breaks."""

    contents: Document
    anchor: Anchor
    expand: bool = False

    def __post_init__(self) -> None:
        self.expand = must_break(self.contents)


@dataclass(slots=True)
class Indent:
    """Four columns deeper; with an ``anchor`` only if that breaks."""

    contents: Document
    anchor: Anchor | None = None


@dataclass(slots=True)
class When:
    """Contents that exist only if ``anchor`` (without one: what surrounds) is flat, or broken."""

    contents: Document
    flat: bool
    anchor: Anchor | None = None


@dataclass(slots=True)
class Overflow:
    """Contents that may break without breaking the flat group around them.

    With an ``anchor`` this holds only while that is flat.
    """

    contents: Document
    anchor: Anchor | None = None
    expand: bool = False

    def __post_init__(self) -> None:
        self.expand = must_break(self.contents)


@dataclass(slots=True)
class Best:
    """The first variant that fits, else the last. ``every`` line must fit, or only the first."""

    variants: tuple[Document, ...]
    every: bool = False


@dataclass(slots=True)
class Comment:
    """Printed at the end of the line, or with ``own_line`` on lines of its own after it."""

    text: str
    width: int
    own_line: bool = False


Document = (
    str
    | tuple["Document", ...]
    | Line
    | Force
    | Group
    | FitParens
    | GroupIn
    | Indent
    | When
    | Overflow
    | Best
    | Comment
)


def must_break(document: Document) -> bool:
    """Whether the group around ``document`` can't be printed on one line."""
    if isinstance(document, str):
        return "\n" in document
    if isinstance(document, tuple):
        return any(must_break(part) for part in document)
    if isinstance(document, Group | GroupIn):
        return document.expand
    if isinstance(document, Indent | When):
        return must_break(document.contents)
    return document is Line.HARD or document is Force.EXPAND
