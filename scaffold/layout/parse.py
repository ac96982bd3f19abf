"""A parser for Python expressions: tokens to the nodes that layout needs."""

from __future__ import annotations

from collections.abc import Callable
from keyword import kwlist

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
from scaffold.layout.tokens import END, NAME, NUMBER, STRING, Token

POWER, INVERSION, BITWISE_OR, COMPARISON, BOOLEAN, CONDITION = 2, 3, 9, 10, 11, 12
PRECEDENCE = (
    {"**": POWER, "|": BITWISE_OR, "^": 8, "&": 7, "<<": 6, ">>": 6, "+": 5, "-": 5}
    | dict.fromkeys(("*", "/", "//", "%", "@"), 4)
    | dict.fromkeys(("==", "!=", "<", ">", "<=", ">="), COMPARISON)
    | dict.fromkeys(("in", "not in", "is", "is not"), COMPARISON)
    | dict.fromkeys(("and", "or"), BOOLEAN)
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_KEYWORDS = frozenset(kwlist) - {"False", "None", "True"}


class Parser:
    """Reads one logical line from left to right; every method raises Unsupported when stuck.

    ``comments`` counts those that have found their place.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.comments = 0

    @property
    def next(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.position]

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of ``texts`` (not a string literal that looks like it)."""
        token = self.tokens[self.position]
        return token.text in texts and token.kind != STRING

    def accept(self, text: str) -> bool:
        """Skip ``text`` if it comes next; whether it did."""
        if self.at(text):
            self.position += 1
            return True
        return False

    def expect(self, *texts: str) -> None:
        """Skip all of ``texts``."""
        for text in texts:
            if not self.accept(text):
                raise Unsupported

    def take(self, kind: str) -> str:
        """The text of the next token, which must be of ``kind``; names aren't keywords."""
        token = self.next
        if token.kind != kind or (kind == NAME and token.text in _KEYWORDS):
            raise Unsupported
        self.position += 1
        return token.text

    # Expressions, from the loosest to the tightest.

    def expressions(self) -> Node:
        """What may stand right of ``=``: an expression, or a tuple without parentheses."""
        return self._tuple(self.starred)

    def targets(self) -> Node:
        """What may stand between ``for`` and ``in``."""
        return self._tuple(lambda: self._starred(lambda: self.chain(BITWISE_OR)))

    def _tuple(self, element: Callable[[], Node]) -> Node:
        first = element()
        if not self.at(","):
            if isinstance(first, Prefixed) and first.prefix == "*":
                raise Unsupported  # no Python, though ``ast`` takes it
            return first
        elements = [first]
        comma = False
        while self.accept(","):
            comma = self._at_tuple_end()
            if comma:
                break
            elements.append(element())
        return Sequence(elements=tuple(elements), comma=comma)

    def _at_tuple_end(self) -> bool:
        return self.next.kind == END or self.at(")", "]", "}", "=", ":", "in")

    def starred(self) -> Node:
        """An expression, perhaps with a star, or ``yield``."""
        if self.at("yield"):
            return self.yielded()
        return self._starred(self.named)

    def _starred(self, element: Callable[[], Node]) -> Node:
        if self.accept("*"):
            return Prefixed(prefix="*", value=self.chain(BITWISE_OR))
        return element()

    def yielded(self) -> Node:
        """``yield``, ``yield value`` or ``yield from value``."""
        self.expect("yield")
        if self.accept("from"):
            return Prefixed(prefix="yield from", value=self.expression())
        done = self.next.kind == END or self.at(")", "]", "}", "=")
        return Prefixed(prefix="yield", value=None if done else self.expressions())

    def named(self) -> Node:
        """An expression or ``name := value``."""
        expression = self.expression()
        if isinstance(expression, Atom) and self.accept(":="):
            return Named(target=expression, value=self.expression())
        return expression

    def expression(self) -> Node:
        """A lambda, a conditional expression or simpler."""
        if self.accept("lambda"):
            parameters: list[Parameter] = []
            while not self.accept(":"):
                parameters.append(self._parameter(annotated=False))
                if not self.at(":"):
                    self.expect(",")
            return Lambda(parameters=tuple(parameters), body=self.expression())
        body = self.chain(BOOLEAN)
        if not self.at("if"):
            return body
        self._claim(body)
        self.expect("if")
        test = self.chain(BOOLEAN)
        self._claim(test)
        self.expect("else")
        return Ternary(body=body, test=test, orelse=self.expression())

    def _claim(self, node: Node) -> None:
        """Give ``node``, which has just been read, the comments between it and what comes next."""
        after, below = self.tokens[self.position - 1].after, self.next.before
        if after or below:
            node.comments = Comments(after=after, below=below)
            self.comments += bool(after) + len(below)

    def chain(self, loosest: int) -> Node:
        """Operands and operators that bind at least as tight as ``loosest``."""
        operands = [self._unary()]
        operators: list[str] = []
        while operator := self._operator(loosest):
            self._claim(operands[-1])
            self.position += 1 + (" " in operator)
            operators.append(operator)
            operands.append(self._unary())
        if not operators:
            return operands[0]
        return Chain(operands=tuple(operands), operators=tuple(operators))

    def _operator(self, loosest: int) -> str:
        token = self.next
        text = token.text
        if token.kind == STRING:
            return ""
        following = self.tokens[self.position + 1].text if token.kind == NAME else ""
        if (text, following) in {("not", "in"), ("is", "not")}:
            text = f"{text} {following}"
        return text if PRECEDENCE.get(text, CONDITION) <= loosest else ""

    def _unary(self) -> Node:
        if self.accept("not"):
            return Unary(operator="not", operand=self.chain(COMPARISON))
        for sign in "-+~":
            if self.accept(sign):
                return Unary(operator=sign, operand=self.chain(POWER))
        if self.accept("await"):
            return Prefixed(prefix="await", value=self._primary())
        return self._primary()

    def _primary(self) -> Node:
        node = self._atom()
        while True:
            if self.at("."):
                self._claim(node)
                self.expect(".")
                node = Attribute(inner=node, name=self.take(NAME))
            elif self.at("("):
                node = Call(inner=node, arguments=self.arguments())
            elif self.at("["):
                node = Subscript(inner=node, index=self.bracketed(self._slice))
            else:
                return node

    def _atom(self) -> Node:
        token = self.next
        if token.kind == STRING:
            return self._strings()
        if token.kind == NAME:
            return Atom(text=self.take(NAME))
        if token.kind == NUMBER or token.text == "...":
            self.position += 1
            if self.at("."):
                raise Unsupported
            return Atom(text=token.text)
        if token.text in ("(", "[", "{"):
            return self._display(token.text)
        raise Unsupported

    def _strings(self) -> Node:
        first = self.next
        parts: list[str] = []
        apart = False
        while self.next.kind == STRING:
            apart = apart or (bool(parts) and self.next.fresh)
            parts.append(self.take(STRING))
        return String(parts=tuple(parts), apart=apart, fresh=first.fresh)

    # Brackets.

    def _display(self, bracket: str) -> Node:
        sequence = self.bracketed(self._element)
        if len(sequence.elements) != 1 or sequence.comma:
            return sequence
        [only] = sequence.elements
        comprehension = isinstance(only, Comprehension) and not only.bracket
        if not comprehension and bracket != "(":
            return sequence
        inside = only.comments
        if isinstance(only, Comprehension) and comprehension:
            if inside.before or sequence.closing:
                raise Unsupported
            last = only.clauses[-1]
            [*_, end] = (last.iterable, *last.conditions)
            end.comments, only.comments = inside, NO_COMMENTS
            only.bracket, only.opening = bracket, sequence.opening
        else:
            only.comments = NO_COMMENTS
            only.parens = Comments(sequence.opening, inside.before, inside.after, sequence.closing)
        return only

    def _element(self) -> Node:
        """An element of a display, with the clauses of a comprehension that follow it."""
        if self.accept("**"):
            return Prefixed(prefix="**", value=self.chain(BITWISE_OR))
        element = self.starred()
        if self.accept(":"):
            element = Pair(key=element, separator=": ", value=self.expression())
        return self._comprehension(element)

    def _comprehension(self, element: Node) -> Node:
        """``element``, or the comprehension if its clauses follow."""
        if not self.at("for", "async"):
            return element
        if not isinstance(element, Pair):
            self._claim(element)
        return Comprehension(element=element, clauses=self._clauses())

    def _clauses(self) -> tuple[Clause, ...]:
        clauses: list[Clause] = []
        while self.at("for", "async"):
            keyword = "async for" if self.accept("async") else "for"
            self.expect("for")
            target = self.targets()
            self.expect("in")
            iterable = self.chain(BOOLEAN)
            conditions: list[Node] = []
            while self.accept("if"):
                conditions.append(self._condition())
            clauses.append(
                Clause(
                    keyword=keyword,
                    target=target,
                    iterable=iterable,
                    conditions=tuple(conditions),
                )
            )
        return tuple(clauses)

    def _condition(self) -> Node:
        condition = self.chain(BOOLEAN)
        if isinstance(condition, Atom) and self.accept(":="):
            return Named(target=condition, value=self.chain(BOOLEAN))
        return condition

    def _slice(self) -> Node:
        parts: list[Node | None] = [None if self.at(":") else self.starred()]
        while self.accept(":"):
            parts.append(None if self.at(":", ",", "]") else self.expression())
        if len(parts) > 1:
            return Slice(parts=tuple(parts))
        if parts[0] is None:
            raise Unsupported
        return parts[0]

    def arguments(self) -> Sequence:
        """``(…)`` of a call or of a class."""
        return self.bracketed(self._argument)

    def _argument(self) -> Node:
        if self.next.kind == NAME and self.tokens[self.position + 1].text == "=":
            key = Atom(text=self.take(NAME))
            self.expect("=")
            return Pair(key=key, separator="=", value=self.expression())
        if self.accept("**"):
            return Prefixed(prefix="**", value=self.expression())
        if self.accept("*"):
            return Prefixed(prefix="*", value=self.expression())
        argument = self.named()
        return self._comprehension(argument)

    def parameters(self) -> Sequence:
        """``(…)`` of a function."""
        return self.bracketed(lambda: self._parameter(annotated=True))

    def _parameter(self, *, annotated: bool) -> Parameter:
        if self.accept("/"):
            return Parameter(text="/")
        star = "**" if self.accept("**") else "*" if self.accept("*") else ""
        if star == "*" and self.at(",", ")"):
            return Parameter(text="*")
        parameter = Parameter(text=star + self.take(NAME))
        if annotated and self.accept(":"):
            parameter.annotation = self.starred()
        if self.accept("="):
            parameter.default = self.expression()
        return parameter

    def aliases(self) -> Sequence:
        """What ``from … import`` names, in parentheses or not."""
        if self.at("("):
            return self.bracketed(self._alias)
        names = [self._alias()]
        while self.accept(","):
            names.append(self._alias())
        return Sequence(elements=tuple(names))

    def _alias(self) -> Node:
        name = Atom(text=self.take(NAME))
        if self.accept("as"):
            return Pair(key=name, separator=" as ", value=Atom(text=self.take(NAME)))
        return name

    def with_items(self) -> Sequence:
        """What stands between ``with`` and its colon; the brackets of the result don't count."""
        if self.at("("):
            position, comments = self.position, self.comments
            items = self.bracketed(self._with_item)
            [*_, last] = items.elements or [None]
            several = len(items.elements) > 1 or items.comma or isinstance(last, Pair)
            if several and self.at(":"):
                return items
            self.position, self.comments = position, comments
        unbracketed = [self._with_item()]
        while self.accept(","):
            unbracketed.append(self._with_item())
        return Sequence(elements=tuple(unbracketed))

    def _with_item(self) -> Node:
        manager = self.named()
        if self.accept("as"):
            return Pair(key=manager, separator=" as ", value=self.chain(BITWISE_OR))
        return manager

    def bracketed(self, element: Callable[[], Node]) -> Sequence:
        """Elements between the bracket that comes next and its partner, with their comments."""
        opening = self.next
        if not self.at(*_CLOSING):
            raise Unsupported
        self.position += 1
        elements: list[Node] = []
        comma = False
        while not self.at(_CLOSING[opening.text]):
            if elements and not comma:
                raise Unsupported
            before = self.next.before
            node = element()
            if node.comments is not NO_COMMENTS:
                raise Unsupported
            after = self.tokens[self.position - 1].after
            comma = self.at(",")
            if comma:
                if after or self.next.before:
                    raise Unsupported
                after = self.next.after
                self.position += 1
            if before or after:
                node.comments = Comments(before=before, after=after)
                self.comments += len(before) + bool(after)
            elements.append(node)
        closing = self.next.before
        self.position += 1
        self.comments += len(closing) + bool(opening.after)
        return Sequence(
            bracket=opening.text,
            elements=tuple(elements),
            comma=comma,
            opening=opening.after,
            closing=closing,
        )
