"""The imports of a generated module, under names that nothing else in it has."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping

Names = Mapping[tuple[str, str], str]  # local names of (module, name); the module itself: ""


class Scope:
    """The names of a module: those it gives a meaning of its own, and those it imports.

    What is imported under a name that is ``taken``, say by a field of a class, gets an alias.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._names: dict[tuple[str, str], str] = {}
        self._typing: dict[tuple[str, str], str] = {}

    def typing(self, module: str, name: str) -> str:
        """The local name of what is imported for annotations alone, without running ``module``."""
        return self._import(self._typing, module, name, name)

    def name(self, module: str, name: str, alias: str | None = None) -> str:
        """The local name of what ``from module import name`` imports."""
        return self._import(self._names, module, name, alias or name)

    def module(self, module: str, alias: str) -> str:
        """The local name of ``import module as alias``."""
        return self._import(self._names, module, "", alias)

    def builtin(self, name: str) -> str:
        """What names the built-in type ``name``."""
        return f"{self.module('builtins', 'builtins')}.{name}" if name in self._taken else name

    def lines(self, *packages: str) -> str:
        """The import statements, sorted as ruff sorts them, each on one line.

        ``packages`` are the top-level names of the project's own code.
        """
        return _sorted(self._names, packages)

    def typing_lines(self, package: str) -> tuple[str, ...]:
        """The import statements that only type checkers run."""
        return tuple(_sorted(self._typing, (package,)).splitlines())

    def _import(self, names: dict[tuple[str, str], str], module: str, name: str, local: str) -> str:
        known = names.get((module, name))
        if known is None:
            while local in self._taken:
                local += "_"
            self._taken.add(local)
            known = names[module, name] = local
        return known


def _sorted(names: Names, packages: Iterable[str]) -> str:
    sections: dict[int, list[tuple[tuple[object, ...], str]]] = {}
    for module, key, line in _statements(names):
        root = module.partition(".")[0]
        own = 2 if root in (*packages, "tests") else 3 if not root else None
        section = own or (0 if root in sys.stdlib_module_names else 1)
        sections.setdefault(section, []).append((key, line))
    blocks = (sorted(sections[section]) for section in sorted(sections))
    return "\n\n".join("\n".join(line for _, line in block) for block in blocks)


def _statements(names: Names) -> Iterator[tuple[str, tuple[object, ...], str]]:
    """``(module, sort key, line)``: what has an alias has a line of its own."""
    plain: dict[str, list[str]] = {}
    for (module, name), local in names.items():
        if not name:
            alias = f" as {local}" if local != module else ""
            yield module, (0, module), f"import {module}{alias}"
        elif local == name:
            plain.setdefault(module, []).append(name)
        else:
            line = f"from {module} import {name} as {local}"
            yield module, (1, module, _rank(name), name), line
    for module, several in plain.items():
        several.sort(key=lambda name: (_rank(name), name))
        key = (1, module, _rank(several[0]), several[0])
        yield module, key, f"from {module} import {', '.join(several)}"


def _rank(name: str) -> int:
    """Constants come before classes, these before functions."""
    if len(name) > 1 and name.isupper():
        return 0
    return 1 if name[0].isupper() else 2
