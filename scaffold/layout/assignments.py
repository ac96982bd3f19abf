"""The last value of a statement, and what stands left of it: assignments and ``return``."""

from __future__ import annotations

from scaffold.layout.document import (
    Best,
    Document,
    FitParens,
    Force,
    Group,
    Indent,
    Line,
    When,
    must_break,
)
from scaffold.layout.expressions import (
    Inside,
    Policy,
    lambda_expression,
    optional_parentheses,
    parenthesize_if_broken,
    parenthesized,
    separate_strings,
    trailing_comment,
    unparenthesized,
)
from scaffold.layout.nodes import (
    NO_COMMENTS,
    Atom,
    Attribute,
    Call,
    Lambda,
    Link,
    Node,
    Sequence,
    String,
    Subscript,
)
from scaffold.layout.parentheses import (
    Need,
    Parent,
    can_omit_parentheses,
    has_parentheses,
    need,
    own_brackets,
)
from scaffold.layout.strings import join_strings

_TOP = Inside.NOTHING


def last_value(value: Node, parent: Parent, comment: str) -> Document:
    """The value where what stands left of it can't be split, and the comment behind it."""
    inside = value.parens or NO_COMMENTS
    behind: Document = trailing_comment(comment)
    if isinstance(value, String) and (joined := _joined(value)) is not None:
        group = Group((Indent((Line.SOFT, joined, behind)), Line.SOFT), expand=True)
        apart = (_one_a_line(value), behind)
        return Best(((joined, behind), ("(", group, ")"), apart), every=True)
    if not _takes_comment(value) or inside.need_parentheses:
        return (_alone(value, parent), behind)
    behind = (trailing_comment(inside.after), behind)
    document = FitParens()
    bare = unparenthesized(value, document)
    document.contents = (bare, When(behind, flat=False, anchor=document))
    return (document, When(behind, flat=True, anchor=document))


def split_right_first(left: Node, operator: str, value: Node, comment: str) -> Document:
    """``left operator value`` where both could be split: the value is, if that is enough."""
    inside = value.parens or NO_COMMENTS
    behind: Document = trailing_comment(comment)
    head = _Head(left, operator)
    if isinstance(value, String) and (joined := _joined(value)) is not None:
        return _strings_right(head, value, joined, behind)
    takes_comment = _takes_comment(value)
    calls = isinstance(value, Link) and need(value) is Need.HELPFUL
    if not (takes_comment or calls) or inside.need_parentheses:
        return (head.document, _alone(value, Parent.ASSIGNMENT), behind)
    bare = unparenthesized(value, _TOP)
    if head.breaks:
        return (head.document, bare, behind)
    if calls:
        opened = (head.document, Group(bare, expand=True))
        flat, wrapped, split = head.variants(bare)
        return (Best((flat, opened, wrapped, split)), behind)
    return Best(head.variants((bare, trailing_comment(inside.after), behind)))


class _Head:
    """The last target, or the annotation, with the operator behind it."""

    def __init__(self, left: Node, operator: str) -> None:
        self.left = _before_operator(left)
        self.operator = f" {operator} "
        self.document = (self.left, self.operator)
        self.breaks = must_break(self.left)

    @property
    def split(self) -> Document:
        """Broken over lines."""
        return (Group(self.left, expand=True), self.operator)

    def variants(self, value: Document) -> tuple[Document, Document, Document]:
        """All on a line; the value in parentheses; what stands left broken, the value not."""
        return (self.document, value), (self.document, _indented(value)), (self.split, value)


def _indented(value: Document) -> Document:
    return ("(", Group((Indent((Line.SOFT, value)), Line.SOFT), expand=True), ")")


def _strings_right(head: _Head, value: String, joined: str, behind: Document) -> Document:
    """Concatenated strings where what stands left of them could be split, too."""
    flat, wrapped, split = head.variants((joined, behind))
    apart = (_one_a_line(value), behind)
    both = (split, (head.split, _indented((joined, behind))), (head.split, apart))
    if head.breaks:
        return Best(both, every=True)
    return Best((flat, wrapped, (head.document, apart), *both), every=True)


def _one_a_line(value: String) -> Document:
    """Parentheses with one literal a line."""
    group = Group()
    inner = (Line.SOFT, separate_strings(value, group))
    return ("(", group.fill((Indent(inner), Line.SOFT, Force.EXPAND)), ")")


def _joined(value: String) -> str | None:
    return join_strings(value.parts) if len(value.parts) > 1 else None


def _takes_comment(value: Node) -> bool:
    """Whether a comment behind ``value`` goes into the parentheses with it."""
    if isinstance(value, Atom):
        return value.text != "..."
    return isinstance(value, String) and need(value) is Need.HELPFUL


def _alone(value: Node, parent: Parent) -> Document:
    if isinstance(value, Lambda):
        return parenthesize_if_broken(lambda level: lambda_expression(value, level, assigned=True))
    return parenthesized(value, Policy.BROKEN, parent=parent)


def has_own_brackets(target: Node) -> bool:
    """Whether a target that must be split has brackets for that."""
    return isinstance(target, Sequence) or own_brackets(target) is not None


def middle_target(node: Node) -> Document:
    """A target between others."""
    if has_own_brackets(node) or _hangs_on_brackets(node):
        return unparenthesized(node, _TOP)
    return parenthesize_if_broken(lambda level: unparenthesized(node, level))


def _before_operator(node: Node) -> Document:
    """The last target, or the annotation, before the value."""
    if has_own_brackets(node) or _hangs_on_brackets(node) or not can_omit_parentheses(node):
        return middle_target(node)
    return optional_parentheses(lambda level: unparenthesized(node, level))


def _hangs_on_brackets(node: Node) -> bool:
    if isinstance(node, Attribute):
        return has_parentheses(node.inner) is not None or _hangs_on_brackets(node.inner)
    if isinstance(node, Call):
        return bool(node.arguments.elements)
    return isinstance(node, Subscript)
