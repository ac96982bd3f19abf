"""The house stands as drawn: arrows point down, the lower floors are pure, functions are small."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "scaffold"

# Floors 0 to 2: no writing, no process, no network, no terminal, no clock, no chance.
PURE = (
    *(
        "spec",
        "tree",
        "spans",
        "chance",
        "actions",
        "plan",
        "record",
        "merge",
        "migrations",
        "ignored",
    ),
    *("layout", "literals", "plain", "templates", "codemods", "project", "aspects"),
)
IMPURE_MODULES = {
    *("asyncio", "concurrent", "ctypes", "fcntl", "http", "logging", "multiprocessing", "os"),
    *("random", "rich", "secrets", "shutil", "signal", "socket", "sqlite3", "subprocess"),
    *("tempfile", "threading", "time", "typer"),
}
IMPURE_FUNCTIONS = {"open", "print", "input", "exec", "eval", "__import__"}
IMPURE_METHODS = {
    *("open", "write_text", "write_bytes", "mkdir", "rmdir", "unlink", "touch", "rename", "chmod"),
    *("symlink_to", "hardlink_to", "now", "today", "utcnow", "uuid1", "uuid4", "cwd", "home"),
}

# What generators may import: what third parties may, which is the API and the words it speaks.
PUBLIC = ("scaffold.api", "scaffold.spec")

LONGEST_FUNCTION = 51  # lines, from ``def`` to the last; lower it when the longest one shrinks


def modules(*below: str) -> list[Path]:
    """The source files of these modules and packages, of all without a name."""
    named = [PACKAGE / name for name in below] or [PACKAGE]
    return sorted(
        path
        for place in named
        for path in (place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")])
    )


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, in functions as well; relative ones made absolute."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: a relative import"
            assert node.module is not None
            yield node.module


def test_arrows_point_down() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_has_its_floor() -> None:
    """The contract above is exhaustive, so a new module must be drawn into the house."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = settings["contracts"]
    drawn = {name for layer in contract["layers"] for name in re.split(r"\s*[|:]\s*", layer)}
    there = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    there |= {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert contract["exhaustive"] is True
    assert there == drawn
    assert set(PURE) < there


@pytest.mark.parametrize("path", modules(*PURE), ids=name_of)
def test_the_lower_floors_are_pure(path: Path) -> None:
    imported = {name.split(".")[0] for name in imports(path)}
    assert not imported & IMPURE_MODULES
    called = [node for node in nodes(path) if isinstance(node, ast.Call) and _is_impure(node.func)]
    assert not [f"{name_of(path)}:{call.lineno} {ast.unparse(call.func)}" for call in called]


def _is_impure(function: ast.expr) -> bool:
    match function:
        case ast.Name(name):
            return name in IMPURE_FUNCTIONS
        case ast.Attribute(_, name):
            return name in IMPURE_METHODS
    return False


@pytest.mark.parametrize("path", modules("generators"), ids=name_of)
def test_generators_use_nothing_that_a_third_party_cannot(path: Path) -> None:
    own = (*PUBLIC, "scaffold.generators")
    for name in imports(path):
        if name.split(".")[0] == "scaffold":
            assert any(name == one or name.startswith(one + ".") for one in own), name
        else:
            assert name.split(".")[0] in sys.stdlib_module_names, name


def test_only_the_edges_know_typer_and_rich() -> None:
    for path in modules():
        used = {name.split(".")[0] for name in imports(path)} & {"typer", "rich", "click"}
        edge = path.relative_to(PACKAGE).parts[0]
        allowed = {"cli": {"typer"}, "console.py": {"rich"}}.get(edge, set())
        assert used <= allowed, name_of(path)


def test_functions_are_small() -> None:
    lengths = {
        f"{name_of(path)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in modules()
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    }
    too_long = {where: length for where, length in lengths.items() if length > LONGEST_FUNCTION}
    assert not too_long


def test_nothing_is_put_off() -> None:
    word = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplemented|except Exception:\s+pass")
    sources = [*modules(), *(p for p in (ROOT / "templates").rglob("*") if p.is_file())]
    found = [
        f"{name_of(path)}: {match[0]}"
        for path in sources
        if (match := word.search(path.read_text(encoding="utf-8")))
    ]
    assert not found
