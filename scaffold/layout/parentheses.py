"""When an expression that must be broken gets parentheses of its own."""

from __future__ import annotations

from enum import Enum

from scaffold.layout.nodes import (
    Atom,
    Attribute,
    Call,
    Chain,
    Comprehension,
    Lambda,
    Link,
    Named,
    Node,
    Parameter,
    Prefixed,
    Sequence,
    Slice,
    String,
    Subscript,
    Ternary,
    Unary,
)
from scaffold.layout.parse import CONDITION, INVERSION, PRECEDENCE

_ATTRIBUTE = 1


class Need(Enum):
    """What an expression says about optional parentheses around it."""

    ALWAYS = "always"
    BROKEN = "if it is broken over lines"
    HELPFUL = "if it fits with them and doesn't without"
    NEVER = "it has brackets of its own"


class Parent(Enum):
    """What an expression stands in, where that matters."""

    OTHER = "other"
    AWAIT = "await"
    YIELD = "yield"
    ASSIGNMENT = "assignment"
    STATEMENT = "a statement in which := must be parenthesized"
    RETURNS = "the annotation of what a function returns"
    RETURNS_ALONE = "the same, of a function without parameters"


def need(node: Node, parent: Parent = Parent.OTHER) -> Need:
    """Whether ``node`` needs parentheses when its line is too long."""
    if isinstance(node, Atom):
        return Need.HELPFUL
    if isinstance(node, String):
        if len(node.parts) > 1:
            return Need.BROKEN
        return Need.NEVER if node.multiline else Need.HELPFUL
    if isinstance(node, Link):
        return _need_of_link(node, parent)
    if isinstance(node, Sequence):
        return Need.NEVER
    if isinstance(node, Comprehension):
        return Need.ALWAYS if parent is Parent.AWAIT and node.bracket in ("", "(") else Need.NEVER
    if isinstance(node, Prefixed):
        return _need_of_prefixed(node, parent)
    if isinstance(node, Named):
        return Need.BROKEN if parent is Parent.OTHER else Need.ALWAYS
    if parent is Parent.AWAIT and not isinstance(node, Slice):
        return Need.ALWAYS
    if isinstance(node, Unary):
        return Need.NEVER if node.operand.parens else need(node.operand)
    if isinstance(node, Chain) and _opens_with_text_block(node):
        return Need.NEVER
    return Need.BROKEN


def _need_of_link(node: Link, parent: Parent) -> Need:
    if is_fluent(node):
        return Need.BROKEN
    if node.inner.parens:
        return Need.NEVER
    needed = need(node.inner)
    if needed is Need.HELPFUL and isinstance(node, Subscript):
        if parent is Parent.RETURNS_ALONE:
            return Need.BROKEN
        if parent is Parent.RETURNS:
            return Need.NEVER
    return needed


def _need_of_prefixed(node: Prefixed, parent: Parent) -> Need:
    value = node.value
    if node.prefix == "await":
        if parent in (Parent.AWAIT, Parent.RETURNS, Parent.RETURNS_ALONE):
            return Need.ALWAYS
        assert value is not None
        return Need.NEVER if value.parens else need(value, Parent.AWAIT)
    if node.prefix in ("*", "**"):
        return Need.BROKEN
    if parent is not Parent.ASSIGNMENT:
        return Need.ALWAYS
    if value is None or value.parens:
        return Need.NEVER
    needed = need(value, Parent.YIELD)
    return Need.NEVER if needed is Need.HELPFUL else needed


def _opens_with_text_block(chain: Chain) -> bool:
    left, right = chain.operands[0], chain.operands[1]
    return (
        isinstance(left, String)
        and len(left.parts) == 1
        and left.multiline
        and chain.operators[0] not in ("and", "or")
        and (len(chain.operands) == 2 or PRECEDENCE[chain.operators[0]] == 10)
        and has_parentheses(right) is not None
    )


def is_fluent(node: Node) -> bool:
    """Whether a chain of calls, attributes and subscripts breaks before its dots: it does if at
    least two of its attributes are looked up on a call, a subscript or a parenthesized root."""
    hits = 0
    while isinstance(node, Link):
        inner = node.inner
        on_bracket = isinstance(node, Attribute) and isinstance(inner, Call | Subscript)
        if inner.parens:
            return hits + isinstance(node, Attribute) >= 2
        hits += on_bracket
        node = inner
    return hits >= 2


def own_brackets(node: Node) -> bool | None:
    """Whether the brackets that end ``node`` have contents; None if it ends in none."""
    if isinstance(node, Subscript):
        return True
    if isinstance(node, Comprehension):
        return True if node.bracket else None
    if isinstance(node, Sequence):
        return not node.empty if node.bracket else None
    if isinstance(node, Call):
        return not node.arguments.empty
    return None


def has_parentheses(node: Node) -> bool | None:
    """As ``own_brackets``, but parentheses around ``node`` count too."""
    own = own_brackets(node)
    return True if node.parens else own


def is_splittable(node: Node) -> bool:
    """Whether there is any place in ``node`` where a line may end."""
    if isinstance(node, Atom | Named | Slice):
        return False
    if isinstance(node, String):
        return len(node.parts) > 1
    if isinstance(node, Sequence):
        return bool(node.elements)
    if isinstance(node, Unary):
        return is_splittable(node.operand)
    if isinstance(node, Call):
        return bool(node.arguments.elements or node.inner.parens)
    if isinstance(node, Prefixed) and node.prefix == "yield":
        return node.value is not None
    if isinstance(node, Prefixed) and node.prefix == "*":
        return node.value is not None and _may_split(node.value)
    if isinstance(node, Lambda | Attribute):
        return _may_split(node.body if isinstance(node, Lambda) else node.inner)
    return True


def _may_split(node: Node) -> bool:
    return bool(node.parens) or is_splittable(node)


def can_omit_parentheses(node: Node) -> bool:
    """Whether ``node`` may be broken at the brackets in it instead of getting parentheses."""
    visitor = _Visitor()
    visitor.visit_inner(node)
    if not visitor.brackets or visitor.count > 1:
        return False
    if visitor.loosest <= _ATTRIBUTE:
        return True
    ends = (visitor.last, visitor.first if isinstance(visitor.first, Node) else None)
    return any(
        end is not None and not isinstance(end, Subscript) and bool(has_parentheses(end))
        for end in ends
    )


class _Visitor:
    """Finds the loosest operator outside of brackets, how often it occurs, and what the
    expression begins and ends with (``first`` is False if that is a keyword or a sign)."""

    def __init__(self) -> None:
        self.loosest = 0
        self.count = 0
        self.brackets = False
        self.first: Node | bool | None = None
        self.last: Node | None = None

    def visit(self, node: Node) -> None:
        self.last = node
        if node.parens:
            self.brackets = True
        else:
            self.visit_inner(node)
        if self.first is None:
            self.first = node

    def visit_inner(self, node: Node) -> None:
        if isinstance(node, Call | Subscript):
            self.brackets = True
            self.visit(node.inner)
            self.last = node
            return
        if isinstance(node, Attribute):
            self.visit(node.inner)
            if has_parentheses(node.inner) is not None:
                self._operator(_ATTRIBUTE)
            self.last = node
            return
        if own_brackets(node) is not None:
            self.brackets = True
            return
        if isinstance(node, Slice | Parameter):
            return
        self._operators(node)
        for child in node.children():
            self.visit(child)

    def _operators(self, node: Node) -> None:
        if isinstance(node, Chain):
            for operator in node.operators:
                self._operator(PRECEDENCE[operator])
        elif isinstance(node, Ternary):
            self._operator(CONDITION)
            self._operator(CONDITION)
        elif isinstance(node, Unary | Lambda | Prefixed):
            if isinstance(node, Unary) and node.operator == "~":
                self._operator(INVERSION)
            if self.first is None:
                self.first = False

    def _operator(self, precedence: int) -> None:
        if precedence > self.loosest:
            self.loosest, self.count = precedence, 1
        elif precedence == self.loosest:
            self.count += 1
