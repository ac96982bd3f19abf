"""The syntax of one logical line, as far as its layout depends on it.

Unlike ``ast`` it knows parentheses, comments and trailing commas, and holds operator chains flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


class Unsupported(Exception):
    """This logical line is left as it is."""


@dataclass(frozen=True, slots=True)
class Comments:
    """``opening`` stands behind the bracket, ``before`` on lines of their own, ``after`` at the
    end of the line, ``below`` on lines of their own after that."""

    opening: str = ""
    before: tuple[str, ...] = ()
    after: str = ""
    below: tuple[str, ...] = ()

    @property
    def need_parentheses(self) -> bool:
        """Whether they must stay between parentheses."""
        return bool(self.opening or self.before or self.below)


NO_COMMENTS = Comments()


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """``parens``: the comments in the parentheses around it, None if it has none.

    ``comments``: those around an element between brackets or an operand.
    """

    parens: Comments | None = None
    comments: Comments = NO_COMMENTS

    def children(self) -> Iterator[Node]:
        """The expressions that aren't enclosed by this node's own brackets, in source order."""
        return iter(())


@dataclass(slots=True, eq=False, kw_only=True)
class Atom(Node):
    """A name, a number, ``...``, a single token without any place to break."""

    text: str


@dataclass(slots=True, eq=False, kw_only=True)
class String(Node):
    """String literals, several of them if they are implicitly concatenated.

    ``apart``: they are on different lines. ``fresh``: the first one begins a line.
    """

    parts: tuple[str, ...]
    apart: bool = False
    fresh: bool = False

    @property
    def multiline(self) -> bool:
        """Whether a literal spans lines."""
        return any("\n" in part for part in self.parts)


@dataclass(slots=True, eq=False, kw_only=True)
class Chain(Node):
    """Operands with binary operators, comparisons, ``and``, ``or`` between them, not nested."""

    operands: tuple[Node, ...]
    operators: tuple[str, ...]

    def children(self) -> Iterator[Node]:
        return iter(self.operands)


@dataclass(slots=True, eq=False, kw_only=True)
class Unary(Node):
    operator: str
    operand: Node

    def children(self) -> Iterator[Node]:
        yield self.operand


@dataclass(slots=True, eq=False, kw_only=True)
class Prefixed(Node):
    """``await``, ``yield``, ``yield from``, ``*`` or ``**`` with what follows."""

    prefix: str
    value: Node | None = None

    def children(self) -> Iterator[Node]:
        if self.value is not None:
            yield self.value


@dataclass(slots=True, eq=False, kw_only=True)
class Parameter(Node):
    """One parameter; ``text`` is its name with stars, or a bare ``*`` or ``/``."""

    text: str
    annotation: Node | None = None
    default: Node | None = None

    def children(self) -> Iterator[Node]:
        if self.annotation is not None:
            yield self.annotation
        if self.default is not None:
            yield self.default


@dataclass(slots=True, eq=False, kw_only=True)
class Lambda(Node):
    parameters: tuple[Parameter, ...]
    body: Node

    def children(self) -> Iterator[Node]:
        for parameter in self.parameters:
            yield from parameter.children()
        yield self.body


@dataclass(slots=True, eq=False, kw_only=True)
class Ternary(Node):
    body: Node
    test: Node
    orelse: Node

    def children(self) -> Iterator[Node]:
        yield self.body
        yield self.test
        yield self.orelse


@dataclass(slots=True, eq=False, kw_only=True)
class Named(Node):
    """``name := value``."""

    target: Node
    value: Node

    def children(self) -> Iterator[Node]:
        yield self.target
        yield self.value


@dataclass(slots=True, eq=False, kw_only=True)
class Pair(Node):
    """``key: value`` in a dict, ``name=value`` in a call, ``name as other`` in an import."""

    key: Node
    separator: str
    value: Node


@dataclass(slots=True, eq=False, kw_only=True)
class Clause(Node):
    """``for target in iterable if condition …`` of a comprehension."""

    keyword: str
    target: Node
    iterable: Node
    conditions: tuple[Node, ...]


@dataclass(slots=True, eq=False, kw_only=True)
class Comprehension(Node):
    """``bracket`` is empty for the only argument of a call."""

    bracket: str = ""
    opening: str = ""
    element: Node
    clauses: tuple[Clause, ...]

    def children(self) -> Iterator[Node]:
        yield self.element
        for clause in self.clauses:
            yield clause.target
            yield clause.iterable
            yield from clause.conditions


@dataclass(slots=True, eq=False, kw_only=True)
class Sequence(Node):
    """Elements between brackets, or a tuple without any (``bracket`` empty).

    ``comma``: a comma follows the last one. ``opening`` is the comment behind the bracket,
    ``closing`` those on lines of their own after the last element.
    """

    bracket: str = ""
    elements: tuple[Node, ...] = ()
    comma: bool = False
    opening: str = ""
    closing: tuple[str, ...] = ()

    def children(self) -> Iterator[Node]:
        return iter(self.elements)

    @property
    def empty(self) -> bool:
        """Whether there is nothing between the brackets, comments included."""
        return not (self.elements or self.opening or self.closing)


@dataclass(slots=True, eq=False, kw_only=True)
class Link(Node):
    """What hangs on another expression: an attribute, a call or a subscript."""

    inner: Node


@dataclass(slots=True, eq=False, kw_only=True)
class Attribute(Link):
    name: str


@dataclass(slots=True, eq=False, kw_only=True)
class Call(Link):
    arguments: Sequence


@dataclass(slots=True, eq=False, kw_only=True)
class Subscript(Link):
    index: Sequence


@dataclass(slots=True, eq=False, kw_only=True)
class Slice(Node):
    """``parts`` are what stands between the colons, None where nothing does."""

    parts: tuple[Node | None, ...]

    def children(self) -> Iterator[Node]:
        return (part for part in self.parts if part is not None)
