"""Which application is meant: pinned, pointed at, served by a script, or the only one there is."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from scaffold.codemods.outcome import Cannot
from scaffold.codemods.routes import claims
from scaffold.codemods.source import dotted, walk_scope
from scaffold.project.apps import App, apps_in, find_apps, scoped_statements
from scaffold.project.index import Evidence, Index, ancestors, importable, is_aside
from scaffold.project.launch import Pointer, locate, official_pointer, script_pointers
from scaffold.project.names import Found, refer
from scaffold.project.pins import Pin
from scaffold.spec.errors import Paste, Refusal

_ENOUGH = 60
"""So many imports of a file tell where imports start from."""

_APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
_NEW = ("main", "app", "api", "asgi", "server")

_STUB = 2
"""An application with no more routes than this, and no routers, is a health check or a sample."""


@dataclass(frozen=True)
class Entry:
    """The chosen application, why it was chosen, and how sure that is ("certain", "likely").

    ``launched`` is the directory that the launch script's ``module:name`` starts from,
    ``pointer`` what it, or ``[tool.fastapi]``, tells a server to run.
    """

    app: App
    evidence: Evidence
    confidence: str
    launched: str | None = None
    pointer: Pointer | None = None


def find_entry(index: Index, pins: Mapping[str, Pin]) -> Entry | tuple[Refusal, ...]:
    """The application to extend, or the reasons why none can be named."""
    if "app" in pins:
        return _pinned(index, pins["app"])
    pointer = official_pointer(index)
    if pointer is not None:
        return _official(index, pointer)
    found = [a for a in find_apps(index) if not _mounted(index, a)]
    return _served(index, found) or _only(index, found) or _refused(index, found)


def _place(app: App) -> tuple[str, str, str]:
    """Constructions with one place are one application, made in two branches."""
    return app.path, app.scope, app.target


def _single(apps: Iterable[App]) -> App | None:
    """The application, if all of ``apps`` are one."""
    places = {_place(a): a for a in apps}
    return next(iter(places.values())) if len(places) == 1 else None


def _mounted(index: Index, app: App) -> bool:
    """Whether the application is mounted into another one of its file."""
    source = index.source(app.path)
    for node in ast.walk(source.tree) if source else ():
        if isinstance(node, ast.Call) and (dotted(node.func) or "").endswith(".mount"):
            for value in [*node.args[1:], *(k.value for k in node.keywords)]:
                made_there = isinstance(value, ast.Call) and value.lineno == app.line
                if (dotted(value) == app.target) if app.target else made_there:
                    return True
    return False


def _official(index: Index, pointer: Pointer) -> Entry | tuple[Refusal, ...]:
    """What ``[tool.fastapi] entrypoint`` names; it is never passed over for a guess."""
    apps = behind(index, pointer.path, pointer.name) or apps_in(index, pointer.path)
    app = _single(apps)
    if app is not None:
        return Entry(app, pointer.evidence, "certain", pointer.root, pointer)
    what = f"{pointer.evidence.text} ({pointer.evidence})"
    return (
        _unclear(
            index,
            pointer.path,
            f"{what} names no single FastAPI(…) that can be followed{_there_are(index)}",
        ),
    )


def _there_are(index: Index) -> str:
    """Which applications ``--app`` can name, if there are any."""
    labels = sorted({app.label for app in find_apps(index)})
    return f" (there are: --app {', --app '.join(labels)})" if labels else ""


def _unclear(index: Index, path: str, reason: str) -> Refusal:
    """A refusal for a file: that it doesn't parse, if so, else ``reason``."""
    broken = index.parse(path)
    if isinstance(broken, Cannot):
        return Refusal(broken.reason, path, broken.line)
    return Refusal(reason, path)


def _pinned(index: Index, pin: Pin) -> Entry | tuple[Refusal, ...]:
    """``--app file.py:name`` or ``module:name``, or the same as ``[tool.scaffold]`` states it."""
    where, _, name = str(pin.value).partition(":")
    located: tuple[str, str] | None = (f"{pin.base}/{where}".lstrip("/"), "")
    if not where.endswith(".py"):
        located = locate(index, where, pin.evidence.path or "pyproject.toml")
    if located is None or index.tree.get(located[0]) is None:
        return (Refusal(f"there is no {where} for {pin.told}{_there_are(index)}"),)
    path = located[0]
    apps = behind(index, path, name) if name else apps_in(index, path)
    if name and not apps:
        apps = [a for a in apps_in(index, path) if name in (a.target, a.scope)]
    app = _single(apps)
    if app is None:
        return (
            _unclear(
                index,
                path,
                f"{pin.told} names no single FastAPI(…) that can be followed{_there_are(index)}",
            ),
        )
    evidence = pin.evidence if pin.evidence.path else Evidence(path, app.line, pin.told)
    return Entry(app, evidence, "certain")


def _served(index: Index, found: list[App]) -> Entry | tuple[Refusal, ...] | None:
    """The application that launch files serve, or why it can't be told; None if they serve none."""
    votes: dict[tuple[str, str, str], list[tuple[App, Pointer]]] = {}
    known: dict[tuple[str, str], App | None] = {}
    for pointer in script_pointers(index):
        key = (pointer.path, pointer.name)
        if key not in known:
            apps = behind(index, *key) or apps_in(index, pointer.path)
            known[key] = _single(a for a in apps if a in found)
            if _is_broken_app(index, pointer.path):
                return (_unclear(index, pointer.path, ""),)
        app = known[key]
        if app is not None:
            votes.setdefault(_place(app), []).append((app, pointer))
    if len(votes) != 1:
        return _several([v[0][0] for v in votes.values()]) if votes else None
    (served,) = votes.values()
    beside = _beside(index, served, found)
    if beside:
        return _several([served[0][0], *beside])
    launched = Counter(p.root for _, p in served).most_common(1)[0][0]
    app, pointer = served[0]
    confidence = "certain" if _single(found) else "likely"
    return Entry(app, pointer.evidence, confidence, launched, pointer)


def _beside(index: Index, served: list[tuple[App, Pointer]], found: list[App]) -> list[App]:
    """Applications of other projects, next to the one that launch files serve.

    A launch file speaks for the directory that holds both it and what it starts; the official
    pointers aside, nothing tells which project of several is meant.
    """
    app = served[0][0]
    spoken = [
        max(set(ancestors(pointer.evidence.path)) & set(ancestors(app.path)), key=len)
        for _, pointer in served
    ]
    return [
        other
        for other in found
        if _place(other) != _place(app)
        and not any(not base or other.path.startswith(f"{base}/") for base in spoken)
        and not _is_stub(index, other)
    ]


def _is_stub(index: Index, app: App) -> bool:
    routers = b"include_router" in (index.tree.read(app.path) or b"")
    return not routers and _routes(index, app) <= _STUB


def _is_broken_app(index: Index, path: str) -> bool:
    """Whether a file that makes an application doesn't parse."""
    content = index.tree.read(path) or b""
    return b"FastAPI(" in content and isinstance(index.parse(path), Cannot)


def _only(index: Index, found: list[App]) -> Entry | None:
    """The one application that the code makes, or the only one that includes routers."""
    app = _single(found)
    if app is not None:
        return Entry(app, app.evidence, "likely")
    places = {_place(a): a for a in found}
    busy = [a for a in places.values() if b"include_router" in (index.tree.read(a.path) or b"")]
    if len(busy) == 1 and all(_routes(index, a) <= _STUB for a in places.values() if a not in busy):
        (app,) = busy
        text = f"of {len(places)} applications the only one that is more than a stub"
        return Entry(app, Evidence(app.path, app.line, text), "likely")
    return None


def _routes(index: Index, app: App) -> int:
    """How many routes and mounts the application's file registers on it."""
    source = index.source(app.path)
    statements = (s.statement for s in scoped_statements(source.tree.body)) if source else ()
    return sum(1 for s in statements for _ in claims(s, app.target))


def _several(apps: Iterable[App]) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(f"one of several applications: name it with --app {a.label}", a.path, a.line)
        for a in {_place(a): a for a in apps}.values()
    )


def _refused(index: Index, found: list[App]) -> tuple[Refusal, ...]:
    """Why there is no application: several, broken files, samples only, or nothing at all."""
    if found:
        return _several(found)
    broken = [p for p, _ in index.containing(b"FastAPI(") if _is_broken_app(index, p)]
    if any(not is_aside(p) for p in broken):
        return tuple(_unclear(index, p, "") for p in broken if not is_aside(p))
    looked = "[tool.fastapi] entrypoint, launch scripts and FastAPI(…) in the code"
    aside = find_apps(index, aside=True)
    if aside:
        reason = "only tests, documentation or samples make one: name it with --app"
        return tuple(
            Refusal(f"{reason} {a.label} (looked for {looked})", a.path, a.line) for a in aside[:3]
        )
    return (_none(index, f"no FastAPI application was found: looked for {looked}"),)


def _none(index: Index, reason: str) -> Refusal:
    """A refusal with the application that would be enough, in a file that isn't there."""
    tree = index.tree
    stems = [n for n in _NEW if tree.get(f"{n}.py") is None and not tree.is_directory(n)]
    if not stems:
        return Refusal(reason)
    path = f"{stems[0]}.py"
    return Refusal(
        reason, snippet=_APP, place=f"in a new file {path}", paste=(Paste(path, 1, _APP),)
    )


def behind(index: Index, path: str, name: str) -> list[App]:
    """The constructions that the module-level ``name`` of ``path`` comes from."""
    found: list[App] = []
    seen: set[tuple[str, str]] = set()
    waiting = [(path, name)]
    while waiting and len(seen) < 50:
        reference = refer(index, *waiting.pop(0))
        if reference is None or (reference.path, reference.name) in seen:
            continue
        seen.add((reference.path, reference.name))
        made = _made_by(index, reference)
        found += [a for a in made if a not in found]
        if not made and (statement := reference.statement):
            waiting += [(reference.path, e) for e in _sources(statement)]
    return found


def _made_by(index: Index, found: Found) -> list[App]:
    """The constructions inside the definition of a name."""
    content = index.tree.read(found.path) or b""
    if b"FastAPI" not in content and not isinstance(found.statement, ast.ClassDef | ast.Assign):
        return []
    here = apps_in(index, found.path)
    if isinstance(found.statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [a for a in here if (a.scope + ".").startswith(found.name + ".")]
    made = [a for a in here if not a.scope and a.target == found.name]
    if made or found.statement is None:
        return made
    start, end = found.statement.lineno, found.statement.end_lineno or 0
    return [a for a in here if start <= a.line <= end]


def _sources(statement: ast.stmt) -> Iterator[str]:
    """The expressions that a name's value, or a factory's result, may come from."""
    values: list[ast.expr] = []
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        returned = [n.value for n in walk_scope(statement) if isinstance(n, ast.Return) and n.value]
        names = {dotted(v) for v in returned}
        values += returned
        for node in walk_scope(statement):
            if isinstance(node, ast.Assign) and names & {dotted(t) for t in node.targets}:
                values.append(node.value)
    elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
        values.append(statement.value)
    for value in values:
        for node in ast.walk(value):
            if isinstance(node, ast.Call) and dotted(node.func):
                called = dotted(node.func) or ""
                yield called
                yield called.rpartition(".")[0] or called
            elif isinstance(node, ast.Name | ast.Attribute):
                text = dotted(node) or ""
                yield text
                yield text.rpartition(".")[0] or text


def root_of(index: Index, paths: Sequence[str], launched: str | None = None) -> str:
    """The directory that absolute imports start from, told by the imports of ``paths``.

    The directory under which most of them resolve; where several do as well, ``launched`` (where
    the server is started) if it is one of them, else the deepest.
    """
    votes: dict[str, int] = {}
    for path in paths:
        bases = _possible_roots(index, path)
        for module, name in islice(_absolute_imports(index, path), _ENOUGH):
            for base in bases:
                if _resolves(index, base, module, name):
                    votes[base] = votes.get(base, 0) + 1
    if votes:
        top = max(votes.values())
        best = [base for base, count in votes.items() if count == top]
        return launched if launched in best else max(best, key=len)
    possible = _possible_roots(index, paths[0])
    if launched in possible:
        return launched
    base = possible[-1]
    while base and index.tree.get(f"{base}/__init__.py") is not None:
        base = ancestors(base)[-1]
    return base


def _possible_roots(index: Index, path: str) -> list[str]:
    """The directories above a file that its relative imports leave to start from."""
    source = index.source(path)
    levels = [
        s.level for s in (source.tree.body if source else ()) if isinstance(s, ast.ImportFrom)
    ]
    above = ancestors(path)
    left = above[: len(above) - max(levels, default=0)] or above[:1]
    return [base for base in left if importable(base, path.rpartition("/")[0])] or above[-1:]


def _absolute_imports(index: Index, path: str) -> Iterator[tuple[str, str]]:
    """(module, imported name or "") of every absolute import of a file, stdlib names left out."""
    source = index.source(path)
    for node in ast.walk(source.tree) if source else ():
        found: list[tuple[str, str]] = []
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found = [(node.module, a.name) for a in node.names]
        elif isinstance(node, ast.Import):
            found = [(a.name, "") for a in node.names]
        yield from (f for f in found if f[0].split(".")[0] not in sys.stdlib_module_names)


def _resolves(index: Index, base: str, module: str, name: str) -> bool:
    if index.module_at(base, module):
        return True
    return bool(name and index.module_at(base, f"{module}.{name}"))
