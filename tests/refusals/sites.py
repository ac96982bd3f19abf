"""What the code can say when it refuses: the words of every call that makes a refusal."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import scaffold
from scaffold.actions import Refuse
from scaffold.codemods.outcome import Cannot
from scaffold.codemods.places import Crowded
from scaffold.codemods.source import dotted
from scaffold.spec.errors import Refusal

HOME = Path(scaffold.__file__).parent
_TYPES = {one.__name__ for one in (Cannot, Refusal, Refuse, Crowded)}
_LEAST = 8  # characters that words must have to tell one reason from another


@dataclass(frozen=True)
class Site:
    """A call that makes a refusal; ``words`` are the constant parts of what it may say."""

    path: str
    line: int
    words: tuple[str, ...]

    def says(self, reason: str) -> bool:
        """Whether ``reason``, a part of what a command said, comes from here."""
        return any(words in reason or reason in words for words in self.words)


def sites() -> list[Site]:
    """The calls that make a refusal, and those of functions that answer nothing else.

    A call that passes on what another one said has no words of its own, and is left out.
    """
    trees = {p.relative_to(HOME).as_posix(): ast.parse(p.read_text()) for p in HOME.rglob("*.py")}
    makers = {path: set(_makers(tree)) for path, tree in trees.items()}
    public = {name for names in makers.values() for name in names if not name.startswith("_")}
    found = [
        Site(path, call.lineno, tuple(_words(function, call)))
        for path, tree in sorted(trees.items())
        for function, call in _calls(tree)
        if isinstance(call.func, ast.Name) and call.func.id in _TYPES | makers[path] | public
    ]
    return [site for site in found if site.words]


def _makers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        returns = node.returns if isinstance(node, ast.FunctionDef) else None
        if isinstance(node, ast.FunctionDef) and returns and ast.unparse(returns) in _TYPES:
            yield node.name


def _calls(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    yield function, node


def _words(function: ast.FunctionDef, call: ast.Call) -> Iterator[str]:
    """The longest constant of each text that the reason may be, variables looked up."""
    for argument in call.args:
        longest = [max(text, key=len, default="") for text in _texts(function, argument)]
        found = [words for words in longest if len(words.strip()) >= _LEAST]
        yield from found
        if found or (dotted(argument) or "").split(".")[-1] == "reason":
            return  # what follows is a place


def _texts(
    function: ast.FunctionDef, node: ast.expr, *, follow: bool = True
) -> Iterator[list[str]]:
    match node:
        case ast.Constant(value=str(value)):
            yield [value]
        case ast.JoinedStr(values=values):
            yield [str(v.value) for v in values if isinstance(v, ast.Constant)]
            for value in values:
                if isinstance(value, ast.FormattedValue):
                    yield from _texts(function, value.value, follow=follow)
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(function, body, follow=follow)
            yield from _texts(function, other, follow=follow)
        case ast.BinOp(left=left):
            yield from _texts(function, left, follow=follow)
        case ast.Name(id=name) if follow:
            for one in ast.walk(function):
                if isinstance(one, ast.Assign) and dotted(one.targets[0]) == name:
                    yield from _texts(function, one.value, follow=False)
