"""The imports of a generated module, and names in it that nothing else has."""

from __future__ import annotations

import sys
from collections.abc import Iterable


class Scope:
    """What a module imports and defines.

    ``taken`` are names that the module gives a meaning of its own, such as the fields of its
    classes: what is imported under one of them gets an alias.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._names: dict[tuple[str, str], str] = {}

    def name(self, module: str, name: str) -> str:
        """The local name of what ``from module import name`` imports."""
        return self._import(module, name, name)

    def module(self, module: str, alias: str) -> str:
        """The local name of ``import module as alias``."""
        return self._import(module, "", alias)

    def define(self, *preferred: str) -> str:
        """The first of these names that is free, from now on taken; with ``_`` where none is."""
        chosen = next((name for name in preferred if name not in self._taken), None)
        while chosen is None or chosen in self._taken:
            chosen = f"{chosen or preferred[-1]}_"
        self._taken.add(chosen)
        return chosen

    def lines(self, package: str) -> str:
        """The import statements, sorted as ruff's isort does, each on one line."""
        sections: dict[int, list[tuple[int, str, str]]] = {}
        for statement in self._statements():
            module = statement[1].split(".")[0]
            section = 2 if module == package else 0 if module in sys.stdlib_module_names else 1
            sections.setdefault(section, []).append(statement)
        return "\n\n".join(
            "\n".join(line for *_, line in sorted(sections[number])) for number in sorted(sections)
        )

    def _import(self, module: str, name: str, local: str) -> str:
        known = self._names.get((module, name))
        if known is None:
            known = self._names[module, name] = self.define(local)
        return known

    def _statements(self) -> Iterable[tuple[int, str, str]]:
        """``(rank, module, line)``: what is renamed has a line of its own, after the others."""
        plain: dict[str, list[str]] = {}
        for (module, name), local in self._names.items():
            if not name:
                yield 0, module, f"import {module}{f' as {local}' if local != module else ''}"
            elif local == name:
                plain.setdefault(module, []).append(name)
            else:
                yield 1, module, f"from {module} import {name} as {local}"
        for module, names in plain.items():
            listed = ", ".join(sorted(names, key=lambda name: (_rank(name), name)))
            yield 1, module, f"from {module} import {listed}"


def _rank(name: str) -> int:
    """Constants before classes before functions: isort's order of the names of one module."""
    if len(name) > 1 and name.isupper():
        return 0
    return 1 if name[0].isupper() else 2
