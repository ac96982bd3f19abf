"""Statements to documents, by the rules of ``ruff format``: one logical line at a time."""

from __future__ import annotations

import re

from scaffold.layout.assignments import (
    has_own_brackets,
    last_value,
    middle_target,
    split_right_first,
)
from scaffold.layout.document import (
    Document,
    Group,
    Indent,
    Line,
)
from scaffold.layout.expressions import (
    Inside,
    Policy,
    arguments,
    bracketed,
    elements,
    expression,
    optional_parentheses,
    parenthesize_if_broken,
    parenthesized,
    sequence,
    trailing_comment,
    unparenthesized,
)
from scaffold.layout.nodes import (
    Chain,
    Node,
    Pair,
    Sequence,
    Unsupported,
)
from scaffold.layout.parentheses import (
    Parent,
    can_omit_parentheses,
    is_splittable,
)
from scaffold.layout.parse import PRECEDENCE, Parser
from scaffold.layout.tokens import END, NAME, OPERATOR, tokenize

_TOP = Inside.NOTHING
_SKIPPED = re.compile(r"#\s*fmt:\s*skip\b")
_LOOSE = {PRECEDENCE[operator] for operator in ("|", "^", "<<", ">>", "+", "-")}


def statement(source: str) -> Document:
    """The document of one logical line (a simple statement, or a header up to its colon).

    Raises Unsupported for what is better left alone.
    """
    tokens = tokenize(source)
    comments = sum(len(token.before) + bool(token.after) for token in tokens)
    parser = Parser(tokens)
    comment = tokens[-2].after if len(tokens) > 1 else ""
    if _SKIPPED.match(comment):
        raise Unsupported
    document = _Statement(parser, comment).document()
    if parser.next.kind != END or parser.comments + bool(comment) != comments:
        raise Unsupported
    return document


class _Statement:
    """Parses a statement by its first word. ``comment`` is the one at its end."""

    def __init__(self, parser: Parser, comment: str) -> None:
        self.parser = parser
        self.comment = comment

    def document(self) -> Document:
        parser = self.parser
        word = parser.next.text
        if parser.accept("@"):
            return self._end("@", parenthesized(parser.named(), Policy.KEEP))
        if parser.accept("async"):
            word = parser.next.text
            if word not in _HEADERS:
                raise Unsupported
            return ("async ", _HEADERS[word](self))
        if word in _SIMPLE and parser.next.kind == NAME:
            return _SIMPLE[word](self)
        if word in _HEADERS and parser.next.kind == NAME:
            return _HEADERS[word](self)
        return self._expression_statement()

    def _end(self, *document: Document) -> Document:
        return (document, trailing_comment(self.comment))

    # Simple statements.

    def import_from(self) -> Document:
        parser = self.parser
        parser.expect("from")
        module = ""
        while not parser.accept("import"):
            module += parser.take(NAME if parser.next.kind == NAME else OPERATOR)
        if parser.at("*"):
            raise Unsupported
        names = parser.aliases()
        head = f"from {module} import "
        if names.opening:
            body = bracketed("(", elements(names, always=True), ")", _TOP, comment=names.opening)
        else:
            body = parenthesize_if_broken(lambda _: elements(names, always=True))
        return self._end(head, body)

    def returned(self) -> Document:
        self.parser.expect("return")
        if self.parser.next.kind == END:
            raise Unsupported
        value = self.parser.expressions()
        if isinstance(value, Sequence) and value.bracket in ("", "("):
            if not value.bracket and len(value.elements) == 2:
                body = optional_parentheses(lambda level: elements(value, level))
            else:
                body = sequence(value, _TOP)
            return self._end("return ", body)
        return ("return ", self._last(value, Parent.STATEMENT))

    def raised(self) -> Document:
        parser = self.parser
        parser.expect("raise")
        document: tuple[Document, ...] = ("raise ", parenthesized(parser.expression(), Policy.KEEP))
        if parser.accept("from"):
            document += (" from ", parenthesized(parser.expression(), Policy.KEEP))
        return self._end(*document)

    def asserted(self) -> Document:
        parser = self.parser
        parser.expect("assert")
        test = parenthesized(parser.expression(), Policy.BROKEN, parent=Parent.STATEMENT)
        document: tuple[Document, ...] = ("assert ", test)
        if parser.accept(","):
            message = parser.expression()
            document += (", ", parenthesized(message, Policy.ALL, parent=Parent.STATEMENT))
        return self._end(*document)

    def deleted(self) -> Document:
        self.parser.expect("del")
        value = self.parser.expressions()
        if isinstance(value, Sequence) and value.bracket in ("", "("):
            if not value.elements or (value.bracket and value.opening):
                raise Unsupported
            return self._end("del ", parenthesize_if_broken(lambda _: elements(value)))
        return self._end("del ", parenthesized(value, Policy.BROKEN, parent=Parent.STATEMENT))

    def _expression_statement(self) -> Document:
        parser = self.parser
        first = parser.expressions()
        if parser.accept(":"):
            return self._annotated(first)
        operator = parser.next.text
        if operator != "=" and operator.endswith("=") and operator[:-1] in PRECEDENCE:
            parser.position += 1
            return self._augmented(first, operator, parser.expressions())
        targets = [first]
        while parser.accept("="):
            targets.append(parser.expressions())
        if len(targets) > 1:
            *targets, value = targets
            return self._assigned(targets, value)
        if isinstance(first, Chain) and _is_loose(first):
            return self._end(parenthesized(first, Policy.KEEP))
        return self._end(expression(first, _TOP))

    def _annotated(self, target: Node) -> Document:
        parser = self.parser
        annotation = parser.expression()
        head = (expression(target, _TOP), ": ")
        if not parser.accept("="):
            return (head, self._last(annotation))
        value = parser.expressions()
        if is_splittable(annotation):
            return (head, self._split_right_first(annotation, "=", value))
        return (head, unparenthesized(annotation, _TOP), " = ", self._last(value))

    def _augmented(self, target: Node, operator: str, value: Node) -> Document:
        if has_own_brackets(target) and not target.parens:
            return self._split_right_first(target, operator, value)
        return (expression(target, _TOP), f" {operator} ", self._last(value))

    def _assigned(self, targets: list[Node], value: Node) -> Document:
        first, *others = targets
        if others:
            *middle, last = others
            head = (expression(first, _TOP), " = ", *((middle_target(t), " = ") for t in middle))
            return (head, self._split_right_first(last, "=", value))
        if has_own_brackets(first) and not first.parens:
            return self._split_right_first(first, "=", value)
        return (expression(first, _TOP), " = ", self._last(value))

    def _last(self, value: Node, parent: Parent = Parent.ASSIGNMENT) -> Document:
        return last_value(value, parent, self.comment)

    def _split_right_first(self, left: Node, operator: str, value: Node) -> Document:
        return split_right_first(left, operator, value, self.comment)

    # Headers.

    def _colon(self, *document: Document, stub: bool = False) -> Document:
        self.parser.expect(":")
        if stub and self.parser.accept("..."):
            return self._end(*document, ": ...")
        return self._end(*document, ":")

    def condition(self) -> Document:
        word = self.parser.next.text
        self.parser.expect(word)
        return self._colon(word, " ", parenthesized(self.parser.named(), Policy.BROKEN))

    def matched(self) -> Document:
        self.parser.expect("except")
        star = "*" if self.parser.accept("*") else ""
        if self.parser.at(":"):
            raise Unsupported
        document = parenthesized(self.parser.expression(), Policy.BROKEN, parent=Parent.STATEMENT)
        name = f" as {self.parser.take(NAME)}" if self.parser.accept("as") else ""
        return self._colon(f"except{star} ", document, name)

    def loop(self) -> Document:
        parser = self.parser
        parser.expect("for")
        target = parser.targets()
        parser.expect("in")
        iterable = parser.expressions()
        if (
            isinstance(target, Sequence)
            and target.bracket in ("", "(")
            and len(target.elements) > 1
        ):
            names = optional_parentheses(lambda level: elements(target, level))
        else:
            names = parenthesized(target, Policy.BROKEN, parent=Parent.STATEMENT)
        over = parenthesized(iterable, Policy.BROKEN, parent=Parent.STATEMENT)
        return self._colon("for ", names, " in ", over)

    def function(self) -> Document:
        parser = self.parser
        parser.expect("def")
        name = parser.take(NAME)
        if parser.at("["):
            raise Unsupported
        parameters = parser.parameters()
        returns: Document = ""
        if parser.accept("->"):
            returns = (" -> ", _returns(parser.expressions(), alone=not parameters.elements))
        return self._colon("def ", name, Group((_parameters(parameters), returns)), stub=True)

    def class_definition(self) -> Document:
        parser = self.parser
        parser.expect("class")
        name = parser.take(NAME)
        bases: Document = ""
        if parser.at("("):
            inside = parser.arguments()
            bases = "" if inside.empty else arguments(inside, _TOP)
        return self._colon("class ", name, bases, stub=True)

    def context(self) -> Document:
        parser = self.parser
        parser.expect("with")
        items = parser.with_items()
        many = items.comma or len(items.elements) > 1
        [first, *_] = items.elements
        manager = first.key if isinstance(first, Pair) else first
        if (manager.parens and many) or items.opening or (items.closing and not many):
            raise Unsupported
        if many or (isinstance(first, Pair) and not can_omit_parentheses(manager)):
            body = parenthesize_if_broken(lambda _: elements(items))
        elif isinstance(first, Pair) and not manager.parens:
            body = optional_parentheses(lambda level: expression(first, level))
        else:
            body = parenthesized(manager, Policy.BROKEN, parent=Parent.STATEMENT)
            if isinstance(first, Pair):
                body = (body, " as ", expression(first.value, _TOP))
        return self._colon("with ", body)


def _is_loose(chain: Chain) -> bool:
    """Whether the operator that binds least is an arithmetic or bitwise one."""
    return max(PRECEDENCE[operator] for operator in chain.operators) in _LOOSE


def _returns(node: Node, *, alone: bool) -> Document:
    """The annotation of what a function returns, ``alone`` if it has no parameters."""
    if isinstance(node, Sequence):
        return sequence(node, _TOP)
    if alone:
        return parenthesized(node, Policy.ALL, parent=Parent.RETURNS_ALONE)
    return parenthesized(node, Policy.BROKEN, parent=Parent.RETURNS)


def _parameters(node: Sequence) -> Document:
    if not node.elements:
        if not node.empty:
            raise Unsupported
        return "()"
    inner = elements(node, always=True)
    if len(node.elements) > 1:
        inner = Group(inner)
    return ("(", trailing_comment(node.opening), Indent((Line.SOFT, inner)), Line.SOFT, ")")


_SIMPLE = {
    "from": _Statement.import_from,
    "return": _Statement.returned,
    "raise": _Statement.raised,
    "assert": _Statement.asserted,
    "del": _Statement.deleted,
}
_HEADERS = {
    "if": _Statement.condition,
    "elif": _Statement.condition,
    "while": _Statement.condition,
    "except": _Statement.matched,
    "for": _Statement.loop,
    "def": _Statement.function,
    "class": _Statement.class_definition,
    "with": _Statement.context,
}
