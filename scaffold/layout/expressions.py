"""Expressions to documents, by the rules of ``ruff format``."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from scaffold.layout.document import (
    Anchor,
    Best,
    Comment,
    Document,
    FitParens,
    Force,
    Group,
    GroupIn,
    Indent,
    Line,
    Overflow,
    When,
    must_break,
)
from scaffold.layout.nodes import (
    NO_COMMENTS,
    Atom,
    Attribute,
    Call,
    Chain,
    Clause,
    Comments,
    Comprehension,
    Lambda,
    Link,
    Named,
    Node,
    Pair,
    Parameter,
    Prefixed,
    Sequence,
    Slice,
    String,
    Subscript,
    Ternary,
    Unary,
    Unsupported,
)
from scaffold.layout.parentheses import (
    Need,
    Parent,
    can_omit_parentheses,
    is_fluent,
    need,
    own_brackets,
)
from scaffold.layout.parse import BOOLEAN, POWER, PRECEDENCE
from scaffold.layout.printer import print_document
from scaffold.layout.strings import join_strings
from scaffold.layout.widths import text_width


class Inside(Enum):
    """What encloses an expression; a Group or FitParens stands for optional parentheses."""

    NOTHING = "no brackets: a line can't end here"
    BRACKETS = "brackets"


Level = Inside | Anchor


class Policy(Enum):
    """How a statement wants parentheses around an expression in it."""

    KEEP = "those that are there stay; others as needed"
    BROKEN = "as needed"
    ALL = "as needed, also around what can't be broken"
    NESTED = "as ALL, within other parentheses too"


_UNLIMITED = 1_000_000
_PRAGMAS = {
    "isort", "type", "pyright", "pyrefly", "pylint", "flake8", "ruff", "ty",
}  # fmt: skip


def trailing_comment(text: str) -> Document:
    """A comment at the end of a line; what tells a tool something doesn't count as width."""
    if not text:
        return ""
    words = text[1:].strip()
    pragma = words[:4].lower() == "noqa" or words.startswith("nosec")
    pragma = pragma or (":" in words and words.partition(":")[0] in _PRAGMAS)
    return (Comment(text, 0 if pragma else 2 + text_width(text)), Force.EXPAND)


# Parentheses and brackets.


def bracketed(
    opening: str,
    contents: Document,
    closing: str,
    level: Level,
    *,
    comment: str = "",
    hug: bool = False,
) -> Document:
    """``contents`` (made for ``Inside.BRACKETS``) between brackets that are there anyway."""
    inner: Document = contents
    if not hug:
        inner = Group((trailing_comment(comment), Indent((Line.SOFT, contents)), Line.SOFT))
    if not isinstance(level, Inside):
        inner = Overflow(inner, level)
    return (opening, inner, closing)


def _optional(contents: Callable[[Level], Document], *, brackets: bool) -> Document:
    group = Group()
    inner = contents(Inside.BRACKETS if brackets else group)
    return group.fill(
        (
            When("(", flat=False),
            Indent((Line.SOFT, inner), group),
            Line.SOFT,
            When(")", flat=False),
        )
    )


def optional_parentheses(contents: Callable[[Level], Document]) -> Document:
    """Parentheses if the contents don't fit even after breaking the brackets at their ends."""
    return _optional(contents, brackets=False)


def parenthesize_if_broken(contents: Callable[[Level], Document]) -> Document:
    """Parentheses if the contents don't fit on the line."""
    return _optional(contents, brackets=True)


def fit_parentheses(contents: Callable[[Level], Document]) -> Document:
    """Parentheses only if that makes the contents fit."""
    document = FitParens()
    document.contents = contents(document)
    return document


def parenthesized(
    node: Node, policy: Policy, level: Level = Inside.NOTHING, parent: Parent = Parent.OTHER
) -> Document:
    """``node`` as a statement or an ``await`` holds it, with parentheses as ``policy`` says."""
    if policy is Policy.KEEP and node.parens:
        return _in_parentheses(node, level)
    needed = need(node, parent)
    comments = node.parens or NO_COMMENTS
    if needed is Need.ALWAYS or comments.need_parentheses:
        return _in_parentheses(node, level)

    def bare(inner: Level) -> Document:
        return (unparenthesized(node, inner), trailing_comment(comments.after))

    if level is not Inside.NOTHING:
        return parenthesize_if_broken(bare) if policy is Policy.NESTED else bare(level)
    if needed is Need.BROKEN or (needed is Need.HELPFUL and policy in (Policy.ALL, Policy.NESTED)):
        return (
            optional_parentheses(bare)
            if can_omit_parentheses(node)
            else (parenthesize_if_broken(bare))
        )
    if needed is Need.HELPFUL and policy is Policy.BROKEN:
        return _in_parentheses(node, level) if comments.after else fit_parentheses(bare)
    return bare(level)


def _in_parentheses(node: Node, level: Level) -> Document:
    comments = node.parens or NO_COMMENTS
    contents = _with_comments(unparenthesized(node, Inside.BRACKETS), comments)
    return bracketed("(", contents, ")", level, comment=comments.opening)


def _with_comments(document: Document, comments: Comments) -> Document:
    """``document`` with the comments above it, behind it and below it."""
    if comments is NO_COMMENTS:
        return document
    above = tuple((comment, Line.HARD) for comment in comments.before)
    return (above, document, trailing_comment(comments.after), _below(comments.below))


def _below(comments: tuple[str, ...]) -> Document:
    if not comments:
        return ""
    return (*(Comment(comment, 0, own_line=True) for comment in comments), Force.EXPAND)


# Line ends that exist only between brackets.


def line(level: Level, kind: Line = Line.SPACE) -> Document:
    """A line end that is possible only inside of brackets."""
    space = " " if kind is Line.SPACE else ""
    if level is Inside.NOTHING:
        return space
    if isinstance(level, Inside):
        return kind
    return (When(kind, flat=False, anchor=level), When(space, flat=True, anchor=level))


def group(level: Level, contents: Document) -> Document:
    """A group, if it is inside of brackets."""
    if level is Inside.NOTHING:
        return contents
    return Group(contents) if isinstance(level, Inside) else GroupIn(contents, level)


# Nodes.


def expression(node: Node, level: Level) -> Document:
    """``node`` with the parentheses that it has."""
    return _in_parentheses(node, level) if node.parens else unparenthesized(node, level)


def unparenthesized(node: Node, level: Level) -> Document:
    """``node`` without parentheses around it. Raises Unsupported."""
    if isinstance(node, Atom):
        return node.text
    if isinstance(node, String):
        return _string(node, level)
    if isinstance(node, Link):
        return _chain_of_links(node, level)
    if isinstance(node, Sequence):
        return sequence(node, level)
    if isinstance(node, Chain):
        return _operators(node, level)
    if isinstance(node, Pair):
        return _pair(node, level)
    if isinstance(node, Comprehension):
        return _comprehension(node, level)
    if isinstance(node, Prefixed):
        return _prefixed(node, level)
    if isinstance(node, Unary):
        return _unary(node, level)
    if isinstance(node, Ternary):
        return group(level, _ternary(node, level))
    if isinstance(node, Lambda):
        return lambda_expression(node, level)
    if isinstance(node, Named):
        target = Group((expression(node.target, level), line(level)))
        return (target, ":= ", expression(node.value, level))
    if isinstance(node, Slice):
        return _slice(node, level)
    if isinstance(node, Parameter):
        return parameter(node, level)
    raise Unsupported


def _string(node: String, level: Level) -> Document:
    if len(node.parts) == 1:
        return node.parts[0]
    if level is Inside.NOTHING:
        joined = join_strings(node.parts)
        if joined is not None:
            return joined
    return group(level, concatenation(node, level))


def concatenation(node: String, level: Level) -> Document:
    """Implicitly concatenated strings: one literal if that fits, else one a line."""
    joined = join_strings(node.parts)
    if joined is None:
        return (Force.EXPAND if node.apart else "", separate_strings(node, level))
    return (When(joined, flat=True), When(separate_strings(node, level), flat=False))


def separate_strings(node: String, level: Level) -> Document:
    """Implicitly concatenated strings one below the other."""
    first, *others = node.parts
    return (first, *((line(level), part) for part in others))


def _unary(node: Unary, level: Level) -> Document:
    sign = "not " if node.operator == "not" else node.operator
    operand = node.operand
    if isinstance(operand, Chain) and set(operand.operators) == {"**"}:
        return (sign, _in_parentheses(operand, level))
    return (sign, expression(operand, level))


def _prefixed(node: Prefixed, level: Level) -> Document:
    value = node.value
    if value is None:
        return node.prefix
    if node.prefix == "await":
        return ("await ", parenthesized(value, Policy.BROKEN, level, Parent.AWAIT))
    if node.prefix in ("*", "**"):
        return (node.prefix, expression(value, level))
    return (node.prefix, " ", parenthesized(value, Policy.KEEP, level, Parent.YIELD))


def _ternary(node: Ternary, level: Level) -> Document:
    orelse = node.orelse
    if isinstance(orelse, Ternary) and not orelse.parens:
        last = _ternary(orelse, level)
    else:
        last = group(level, expression(orelse, level))
    body = _with_comments(expression(node.body, level), node.body.comments)
    test = _with_comments(expression(node.test, level), node.test.comments)
    return (body, line(level), "if ", test, line(level), "else ", last)


def lambda_expression(node: Lambda, level: Level, *, assigned: bool = False) -> Document:
    """A lambda; if it is what a statement assigns, its body may break within the line."""
    parameters = tuple(parameter(p, Inside.NOTHING) for p in node.parameters)
    if must_break(parameters):
        raise Unsupported
    flat = ", ".join(print_document(document, 0, _UNLIMITED) for document in parameters)
    body = _lambda_body(node.body, level)
    return (f"lambda {flat}: " if flat else "lambda: ", Overflow(body) if assigned else body)


def _lambda_body(body: Node, level: Level) -> Document:
    needed = need(body, Parent.STATEMENT)
    if needed is Need.ALWAYS:
        return _in_parentheses(body, level)
    if needed is not Need.BROKEN:
        if isinstance(body, Call | Subscript):
            bare = unparenthesized(body, level)
            indented = ("(", Indent((Line.HARD, bare)), Line.HARD, ")")
            force: Document = Force.EXPAND if must_break(bare) else ""
            return (force, Best((bare, Group(bare, expand=True), indented)))
        if own_brackets(body) is not None:
            return expression(body, level)
    return parenthesize_if_broken(lambda inner: unparenthesized(body, inner))


def parameter(node: Parameter, level: Level) -> Document:
    """One parameter of a function."""
    annotation: Document = ""
    if node.annotation is not None:
        annotation = (": ", expression(node.annotation, level))
    if node.default is None:
        return (node.text, annotation)
    equals = " = " if node.annotation is not None else "="
    return (node.text, annotation, equals, expression(node.default, level))


def _pair(node: Pair, level: Level) -> Document:
    return (expression(node.key, level), node.separator, expression(node.value, level))


def _slice(node: Slice, level: Level) -> Document:
    space = "" if all(part is None or _is_simple(part) for part in node.parts) else " "
    lower, upper, *steps = node.parts
    documents: list[Document] = []
    if lower is not None:
        documents += (expression(lower, level), space)
    documents.append(":")
    if upper is not None:
        documents += (space, expression(upper, level))
    for step in steps:
        documents.append(space + ":" if upper is not None or step is None else ":")
        if step is not None:
            documents += (space, expression(step, level))
    return tuple(documents)


def _is_simple(node: Node) -> bool:
    if isinstance(node, Unary):
        return node.operator != "not" and _is_simple(node.operand)
    return isinstance(node, Atom | String)


# Calls, attributes and subscripts.


def _chain_of_links(node: Link, level: Level, fluent: bool | None = None) -> Document:
    if fluent is not None:
        return _link(node, level, fluent)
    fluent = level is not Inside.NOTHING and is_fluent(node)
    document = _link(node, level, fluent)
    return Group(document) if fluent else document


def _link(node: Link, level: Level, fluent: bool) -> Document:
    inner = node.inner
    if isinstance(inner, Link) and not inner.parens:
        head = _chain_of_links(inner, level, fluent)
    else:
        head = expression(inner, level)
    if isinstance(node, Call):
        return (head, arguments(node.arguments, level))
    if isinstance(node, Subscript):
        index = node.index
        return (head, bracketed("[", _index(index), "]", level, comment=index.opening))
    if not isinstance(node, Attribute):
        raise Unsupported
    if fluent and (inner.parens or isinstance(inner, Call | Subscript)):
        return (_with_comments(head, inner.comments), Line.SOFT, "." + node.name)
    return (head, "." + node.name)


def _index(index: Sequence) -> Document:
    if len(index.elements) > 1:
        bare = Sequence(elements=index.elements, comma=index.comma)
        return (Group(elements(bare)), _below(index.closing))
    return (elements(index, commas=False), "," if index.comma else "")


def arguments(node: Sequence, level: Level) -> Document:
    """``(…)`` of a call or of a class."""
    if not node.elements:
        return _empty("(", node, ")")
    [first, *others] = node.elements
    hug = (
        isinstance(first, String)
        and first.multiline
        and len(first.parts) == 1
        and not (others or node.comma or first.fresh)
        and first.comments is NO_COMMENTS
    )
    return bracketed("(", Group(elements(node)), ")", level, comment=node.opening, hug=hug)


# Sequences and comprehensions.

_CLOSING = {"(": ")", "[": "]", "{": "}"}


def _empty(opening: str, node: Sequence, closing: str) -> Document:
    if node.opening or node.closing:
        raise Unsupported
    return opening + closing


def sequence(node: Sequence, level: Level) -> Document:
    """A list, set, dict or tuple."""
    single = len(node.elements) == 1
    if not node.bracket and not single:
        return parenthesize_if_broken(lambda _: elements(node))
    bracket = node.bracket or "("
    closing = _CLOSING[bracket]
    if not node.elements:
        return _empty(bracket, node, closing)
    if bracket == "(" and single:
        contents: Document = (elements(node, commas=False), ",")
    else:
        contents = elements(node)
    return bracketed(bracket, contents, closing, level, comment=node.opening)


def elements(
    node: Sequence,
    level: Level = Inside.BRACKETS,
    *,
    commas: bool = True,
    always: bool = False,
) -> Document:
    """The elements between brackets, with a comma after the last one when they are broken.

    ``always``: with that comma even behind a single element. Not ``commas``: without it.
    """
    documents: list[Document] = []
    for element in node.elements:
        if documents:
            documents += (",", Line.SPACE)
        documents.append(_element(element, node.bracket, level))
    documents.append(_below(node.closing))
    if commas and (node.comma or always or len(node.elements) > 1):
        documents.append(When(",", flat=False))
        if node.comma:
            documents.append(Force.EXPAND)
    return tuple(documents)


def _element(node: Node, bracket: str, level: Level) -> Document:
    document = expression(node, level)
    if bracket == "{" and isinstance(node, Pair | Prefixed):
        document = Group(document)
    return _with_comments(document, node.comments)


def _comprehension(node: Comprehension, level: Level) -> Document:
    inside = Inside.BRACKETS if node.bracket else level
    element = node.element
    if isinstance(element, Pair):
        first: Document = (
            Group(expression(element.key, inside)),
            element.separator,
            expression(element.value, inside),
        )
    else:
        first = Group(_with_comments(expression(element, inside), element.comments))
    clauses = tuple((Line.SPACE, _clause(clause, inside)) for clause in node.clauses)
    if not node.bracket:
        return (first, clauses)
    contents, closing = Group((first, clauses)), _CLOSING[node.bracket]
    return bracketed(node.bracket, contents, closing, level, comment=node.opening)


def _clause(node: Clause, level: Level) -> Document:
    target = node.target
    if isinstance(target, Sequence) and not target.bracket and len(target.elements) > 1:
        first, *others = (expression(element, level) for element in target.elements)
        names: Document = (first, *((", ", other) for other in others))
    else:
        names = expression(target, level)
    iterable, *conditions = (
        _with_comments(expression(part, level), part.comments)
        for part in (node.iterable, *node.conditions)
    )
    tests = tuple((Line.SPACE, "if ", condition) for condition in conditions)
    return (node.keyword, " ", names, " in ", iterable, tests)


# Operators.


def _operators(node: Chain, level: Level) -> Document:
    operands, operators = node.operands, node.operators
    strings = [
        index
        for index, operand in enumerate(operands)
        if isinstance(operand, String) and len(operand.parts) > 1 and not operand.parens
    ]
    if not strings or any(PRECEDENCE[operator] == BOOLEAN for operator in operators):
        return group(level, _split(operands, operators, level))
    return group(level, _around_strings(node, strings, level))


def _split(operands: tuple[Node, ...], operators: tuple[str, ...], level: Level) -> Document:
    """Operands, with a line end before each of the loosest operators."""
    if not operators:
        return expression(operands[0], level)
    loosest = max(PRECEDENCE[operator] for operator in operators)
    documents: list[Document] = []
    start = 0
    for index, operator in enumerate(operators):
        if PRECEDENCE[operator] == loosest:
            part = _part(operands, operators, start, index, level)
            documents.append(_with_comments(part, operands[index].comments))
            if loosest == POWER and _is_simple_power(operands[index], operands[index + 1]):
                gap: Document = ""
                if isinstance(level, Inside) and level is Inside.BRACKETS:
                    gap = When(" ", flat=False)
                elif not isinstance(level, Inside):
                    gap = When(" ", flat=False, anchor=level)
                documents += (line(level, Line.SOFT), operator, gap)
            else:
                documents += (line(level), operator + " ")
            start = index + 1
    documents.append(_part(operands, operators, start, len(operators), level))
    return tuple(documents)


def _part(
    operands: tuple[Node, ...], operators: tuple[str, ...], start: int, end: int, level: Level
) -> Document:
    """The operands from ``start`` up to and including ``end``."""
    document = _split(operands[start : end + 1], operators[start:end], level)
    return document if start == end else group(level, document)


def _is_simple_power(left: Node, right: Node) -> bool:
    return not (left.parens or right.parens) and _is_simple_base(left) and _is_simple_base(right)


def _is_simple_base(node: Node) -> bool:
    if isinstance(node, Unary):
        return node.operator != "not" and _is_simple_base(node.operand)
    if isinstance(node, Attribute):
        return _is_simple_base(node.inner)
    return isinstance(node, Atom)


def _around_strings(node: Chain, strings: list[int], level: Level) -> Document:
    """A chain with implicitly concatenated strings: these break before the operators do."""
    operands, operators = node.operands, node.operators
    documents: list[Document] = []
    pending: tuple[Document, ...] = ()
    start = 0
    for index in strings:
        if index > start:
            left = _split(operands[start:index], operators[start : index - 1], level)
            pending = (*pending, left, line(level), operators[index - 1])
            documents += (group(level, pending), " ")
        elif pending:
            documents.append(group(level, pending))
        string = operands[index]
        assert isinstance(string, String)
        documents.append(concatenation(string, level))
        start = index + 1
        pending = (line(level), operators[index] + " ") if index < len(operators) else ()
    if pending:
        rest = _split(operands[start:], operators[start:], level)
        documents.append(group(level, (*pending, rest)))
    return tuple(documents)
