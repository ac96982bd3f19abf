"""From facts to one codemod call: which file includes the new router, how, or why none can."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from scaffold.codemods import imports
from scaffold.codemods.middleware import added_at
from scaffold.codemods.outcome import Cannot
from scaffold.codemods.pasted import named, refuse_in
from scaffold.codemods.router import include_by_hand, wired_at
from scaffold.codemods.routes import claims, served, takes
from scaffold.codemods.source import Source, dotted, find_scope, own_statements, walk_scope
from scaffold.layout import requote
from scaffold.project.apps import App
from scaffold.project.flow import Receiver, call_at, factories, follow, importers
from scaffold.project.includes import Site, aggregate, router_of, site_of
from scaffold.project.index import Evidence, Index, is_aside
from scaffold.project.names import refer
from scaffold.project.shadows import router_path, shadowing
from scaffold.spec.errors import Refusal

_FEW = 2
"""With so many routers for each route of its own, as of health or documents, an aggregate is one."""
_INCLUDES = b"include_router("
_SEARCHES = (
    b"iter_modules",
    b"walk_packages",
    b"glob(",
    b"os.walk(",
    b"listdir(",
    b"scandir(",
    b"iterdir(",
)
_DYNAMIC = (b"importlib", b"pkgutil", b"__import__", b"iter_modules", b"walk_packages")


@dataclass(frozen=True)
class Wiring:
    """The file to patch and the arguments of ``include_router``; ``evidence`` says why there."""

    path: str
    arguments: Mapping[str, object]
    evidence: Evidence


def choose(index: Index, app: App) -> Site | None:
    """The site that the new router joins: where most routers are, down through aggregates.

    None when the application has no name there.
    """
    receivers = follow(index, app)
    found = [(r, s) for r in receivers if (s := site_of(index, r)).includes]
    if not found:
        further = [f for r in receivers for f in (*importers(index, r), *factories(index, r))]
        found = [(r, s) for r in further if (s := site_of(index, r)).includes]
    if not found:
        mounted = _mounted(index, receivers)
        return _deepest(index, mounted) if mounted else _bare(index, app, receivers)
    receiver, site = max(found, key=lambda pair: _weight(pair[1]))
    if receiver.startup and receiver.callers and app.target:
        return _bare(index, app, receivers)  # what runs at start-up only can't be seen before
    site = _unobstructed(index, receivers, receiver, site)
    return _deepest(index, site)


def _deepest(index: Index, site: Site) -> Site:
    """``site``, or the aggregate router below it that takes most of its routers."""
    seen = {(site.path, site.scope, site.target)}
    while True:
        below = _descend(index, site)
        if below is None or (below.path, below.scope, below.target) in seen:
            return site
        site = below
        seen.add((site.path, site.scope, site.target))


def _mounted(index: Index, receivers: list[Receiver]) -> Site | None:
    """The site of the one application mounted into this one that includes routers."""
    found: list[Site] = []
    for receiver in receivers:
        source = index.source(receiver.path)
        for scope in find_scope(source.tree, receiver.scope) if source else ():
            for node in walk_scope(scope):
                if isinstance(node, ast.Call) and dotted(node.func) == f"{receiver.text}.mount":
                    values = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "app")]
                    name = dotted(values[0]) if values else None
                    definition = refer(index, receiver.path, name) if name else None
                    if definition is not None:
                        site = site_of(index, Receiver(definition.path, "", definition.name))
                        found += [site] if site.includes else []
    return found[0] if len(found) == 1 else None


def checked(index: Index, app: App) -> Evidence | None:
    """Code that looks at every route of the application and may raise, if there is some."""
    for receiver in follow(index, app):
        source = index.source(receiver.path)
        for scope in find_scope(source.tree, receiver.scope) if source else ():
            for node in own_statements(scope.body):
                if (
                    isinstance(node, ast.For)
                    and (dotted(node.iter) or "").startswith(f"{receiver.text}.")
                    and (dotted(node.iter) or "").endswith(".routes")
                    and any(isinstance(n, ast.Raise | ast.Assert) for n in ast.walk(node))
                ):
                    return Evidence(receiver.path, node.lineno, f"for … in {dotted(node.iter)}")
    return None


def _bare(index: Index, app: App, receivers: list[Receiver]) -> Site | None:
    """The place where the application is made, when nothing is included on it yet."""
    if not app.target:
        return None
    start = Receiver(app.path, app.scope, app.target)
    return _unobstructed(index, receivers, start, Site(app.path, app.scope, app.target))


def _unobstructed(index: Index, receivers: list[Receiver], receiver: Receiver, site: Site) -> Site:
    """``site`` with the calls that it must come before, or the place of a catch-all it is behind."""
    before: list[str] = []
    for other in receivers:
        lines = _catch_alls(index, other)
        if not lines or (other.startup and not receiver.startup):
            continue
        if (other.path, other.scope) == (receiver.path, receiver.scope):
            continue  # the codemod sees it
        handed = [c for c in other.callers if (c.path, c.scope) == (site.path, site.scope)]
        if handed:
            before += [c.callee for c in handed]
        elif not _runs_before(index, receiver, other, lines[0]):
            there = site_of(index, other)
            return Site(there.path, there.scope, there.target, there.includes)
    return replace(site, before=tuple(before))


def _catch_alls(index: Index, receiver: Receiver) -> list[int]:
    """The lines at which a receiver gets a route or mount that takes every path."""
    source = index.source(receiver.path)
    found: list[int] = []
    for scope in find_scope(source.tree, receiver.scope) if source else ():
        for statement in own_statements(scope.body):
            for template, mount in claims(statement, receiver.text):
                if takes(template, served("/scaffold"), mount=mount):
                    found.append(statement.lineno)
    return found


def _runs_before(index: Index, receiver: Receiver, other: Receiver, line: int) -> bool:
    """Whether the receiver's scope surely has run when ``other`` reaches ``line``."""
    calls = [c.line for c in receiver.callers if (c.path, c.scope) == (other.path, other.scope)]
    if calls:
        return calls[0] < line
    source = index.source(other.path)
    name = receiver.scope.rpartition(".")[2]
    for scope in find_scope(source.tree, other.scope) if source and name else ():
        for node in walk_scope(scope):
            called = isinstance(node, ast.Call) and node.lineno < line and dotted(node.func)
            if called and called.rpartition(".")[2] == name:
                return True
    mine = {(c.path, c.scope): c.line for c in receiver.callers}
    for caller in other.callers:
        if (caller.path, caller.scope) in mine:
            return mine[caller.path, caller.scope] < caller.line
    return False


def _weight(site: Site) -> tuple[int, int]:
    plain = [i for i in site.includes if not i.looped and not i.conditional]
    return len(plain) + 2 * sum(i.looped for i in site.includes), len(site.includes)


def _descend(index: Index, site: Site) -> Site | None:
    """The aggregate router that takes most of the site's routers; None to stay at the site."""
    aggregates = [a for i in site.includes if (a := aggregate(index, i)) and _pure(index, a)]
    if not aggregates:
        return None
    leaves = len(site.includes) - len(aggregates)
    largest, *others = sorted(aggregates, key=_weight, reverse=True)
    size = len(largest.includes)
    if leaves >= 2 and leaves >= size:
        return None
    if others and (size < 2 or _weight(others[0]) == _weight(largest)):
        return None
    if len(others) > 1 and size * 2 < size + sum(len(other.includes) for other in others):
        return None  # one subject of several, not where new ones go
    return largest


def _pure(index: Index, site: Site) -> bool:
    """Whether an aggregate includes routers of this repository, more than it has routes itself."""
    source = index.source(site.path)
    if source is None or not any(router_of(index, i) or i.looped for i in site.includes):
        return False
    own = sum(
        1
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for _ in claims(node, site.target)
    )
    return own == 0 or own * _FEW <= len(site.includes)


def discovered(index: Index, site: Site) -> Evidence | None:
    """What includes whatever modules it finds: a loop at the site, or another file that searches."""
    content = index.tree.read(site.path) or b""
    for include in site.includes:
        if include.looped and any(needle in content for needle in _DYNAMIC):
            return include.evidence
    for path, found in index.containing(b"include_router", b"import_module("):
        line = next((n for n, row in enumerate(found.splitlines(), 1) if _INCLUDES in row), None)
        if path == site.path or is_aside(path):
            continue
        if any(needle in found for needle in _SEARCHES):
            return Evidence(path, line, "include_router of the modules that are found")
    return None


@dataclass(frozen=True)
class Router:
    """What gets wired: ``name`` of the absolute ``module``, bound to ``alias``.

    ``prefix`` None means: what the neighbours get.
    """

    module: str
    name: str = "router"
    alias: str = ""
    prefix: str | None = None
    tags: tuple[str, ...] = ()
    late: bool = False

    def lines(self, target: str, code: Mapping[str, str] | None = None) -> str:
        """The two lines that wire it by hand."""
        alias = self.alias or self.name
        keywords = f', prefix="{self.prefix}"' if self.prefix else ""
        if self.tags:
            quoted = ", ".join(f'"{tag}"' for tag in self.tags)
            keywords += f", tags=[{quoted}]"
        keywords += "".join(f", {k}={v}" for k, v in (code or {}).items())
        return (
            f"{imports.import_line(self.module, self.name, alias)}\n"
            f"{target}.include_router({alias}{keywords})\n"
        )


def already(index: Index, root: str, router: Router, places: Collection[str] = ()) -> Wiring | None:
    """Where a file of the repository wires the router already, by whatever means.

    Tests and samples don't count, but for those that a refusal named as ``places``.
    """
    last = router.module.rpartition(".")[2].encode()
    for path, _ in index.containing(b"router", last):
        source = index.source(path)
        package = package_of(path, root)
        line = wired_at(source, router.module, router.name, package) if source else None
        if line and (path in places or not is_aside(path)):
            arguments = {"module": router.module, "name": router.name, "package": package}
            return Wiring(path, arguments, Evidence(path, line))
    return None


def already_added(index: Index, root: str, module: str, name: str) -> str | None:
    """The file that adds the middleware ``name`` of ``module``, tests and samples left out."""
    for path, _ in index.containing(name.encode(), b"iddleware"):
        source = index.source(path) if not is_aside(path) else None
        if source and added_at(source, module, name, package_of(path, root)):
            return path
    return None


def plan_wiring(
    index: Index,
    app: App,
    site: Site | None,
    root: str,
    router: Router,
    *,
    line_length: int = 88,
    quote: str = '"',
) -> Wiring | tuple[Refusal, ...]:
    """How to include ``router`` at ``site`` of the application.

    The refusals tell what was found and hold the lines to paste.
    """
    if site is None:
        return (_unnamed(index, app, root, router),)
    arguments = {
        **_arguments(index, site, root, router, quote),
        "line_length": line_length,
        "quote": quote,
    }
    obstacle = _obstacle(index, app, site)
    if obstacle is not None:
        return (_refused(index, site, arguments, *obstacle),)
    line = site.includes[-1].line if site.includes else app.line
    return Wiring(site.path, arguments, Evidence(site.path, line))


def _unnamed(index: Index, app: App, root: str, router: Router) -> Refusal:
    """A refusal with the lines that give the application a name and include the router on it."""
    reason = "the application is made without a name, so nothing can be included on it there"
    source = index.source(app.path)
    call = call_at(source, app) if source else None
    if source is None or call is None:
        return Refusal(reason, app.path, app.line)
    name = imports.free_name("app", imports.names_in(source.tree))
    module = written(index, app.path, router.module, package_of(app.path, root))
    lines = replace(router, module=module).lines(name).splitlines()
    edits = named(source, call, name, lines)
    if edits is None:
        return Refusal(f"{reason}: give it one", app.path, app.line)
    return told(refuse_in(source, edits, reason, app.line), app.path)


def _refused(
    index: Index, site: Site, arguments: Mapping[str, object], reason: str, found: Evidence
) -> Refusal:
    """A refusal with the lines that include the router at the site by hand."""
    source = index.parse(site.path)
    if not isinstance(source, Source):
        return Refusal(reason, found.path, found.line)
    return replace(told(include_by_hand(source, arguments, reason), site.path), line=found.line)


def told(cannot: Cannot, path: str) -> Refusal:
    """What a codemod refuses in the file at ``path``."""
    paste = tuple(replace(one, path=path) for one in cannot.paste)
    place = cannot.place or ", ".join(one.place for one in paste)
    return Refusal(cannot.reason, path, cannot.line, cannot.snippet, place, paste=paste)


def _arguments(
    index: Index, site: Site, root: str, router: Router, quote: str
) -> dict[str, object]:
    """The arguments of ``include_router`` that put the router among its neighbours."""
    package = package_of(site.path, root)
    code = neighbour_keywords(site) if router.prefix is None else {}
    brought = is_router(index, site) or code.get("prefix")
    prefix = "" if brought else router.prefix or ""
    path = router_path(index, root, router.module, router.name)
    url = prefix + path if path else ""
    return {
        "module": written(index, site.path, router.module, package),
        "name": router.name,
        "alias": router.alias or router.name,
        "target": site.target,
        "call": site.call,
        "scope": site.scope,
        "package": package,
        "prefix": prefix,
        "tags": list(router.tags),
        "code": {name: requote(value, quote) for name, value in code.items()},
        "path": url,
        "before": [*site.before, *(shadowing(index, site, url) if url else ())],
        "first_party": first_party(index, root),
        **({"late": True} if router.late else {}),
    }


def _obstacle(index: Index, app: App, site: Site) -> tuple[str, Evidence] | None:
    """What makes wiring at a site unsure, and where that is."""
    found = discovered(index, site)
    if found is not None:
        reason = "routers are discovered while running: one more include could register it twice"
        return reason, found
    found = checked(index, app)
    if found is not None:
        reason = "every route is checked here: one without what this asks for stops the application"
        return reason, found
    source = index.parse(site.path)
    if isinstance(source, Cannot):
        return source.reason, Evidence(site.path, source.line or 1)
    return None


def neighbour_keywords(site: Site) -> dict[str, str]:
    """The prefix and dependencies (source text) that all routers included at the site share."""
    found: dict[str, str] = {}
    if len(site.includes) >= 2 or any(i.looped for i in site.includes):
        dependencies = {i.keywords.get("dependencies") for i in site.includes}
        if len(dependencies) == 1 and (shared := dependencies.pop()):
            found["dependencies"] = shared
        prefix = _shared_prefix([i.keywords.get("prefix", "''") for i in site.includes])
        if prefix:
            found["prefix"] = prefix
    return found


def _shared_prefix(prefixes: list[str]) -> str:
    """The expression of what several prefixes have in common at their start; "" for nothing."""
    if len(set(prefixes)) == 1:
        return prefixes[0] if prefixes[0] not in ("''", '""') else ""
    values = [ast.parse(p, mode="eval").body for p in prefixes]
    texts = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    if len(texts) == len(values):
        shared: list[str] = []
        for parts in zip(*(t.split("/") for t in texts), strict=False):
            if len(set(parts)) > 1:
                break
            shared.append(parts[0])
        text = "/".join(shared)
        return repr(text) if text.startswith("/") and len(text) > 1 else ""
    first = [
        ast.unparse(v.values[0].value)
        for v in values
        if isinstance(v, ast.JoinedStr)
        and isinstance(v.values[0], ast.FormattedValue)
        and dotted(v.values[0].value)
        and len(v.values) > 1
        and isinstance(v.values[1], ast.Constant)
        and str(v.values[1].value).startswith("/")
    ]
    return first[0] if len(first) == len(values) and len(set(first)) == 1 else ""


def is_router(index: Index, site: Site) -> bool:
    """Whether the site's receiver is an APIRouter of its own module or function."""
    source = index.source(site.path)
    for scope in find_scope(source.tree, site.scope) if source else ():
        for statement in scope.body:
            match statement:
                case ast.Assign(targets=[target], value=ast.Call(func=func)):
                    if dotted(target) == site.target:
                        return (dotted(func) or "").endswith("Router")
                case ast.AnnAssign(target=target, value=ast.Call(func=func)):
                    if dotted(target) == site.target:
                        return (dotted(func) or "").endswith("Router")
    return False


def package_of(path: str, root: str) -> str:
    """The dotted package of the directory that ``path`` lies in, seen from ``root``."""
    below = path[len(root) + 1 :] if root and path.startswith(root + "/") else path
    return ".".join(below.split("/")[:-1])


def first_party(index: Index, root: str) -> list[str]:
    """The top-level module names of the project's own code."""
    prefix = root + "/" if root else ""
    names: set[str] = set()
    for path in index.tree_top(root):
        names.add(path[len(prefix) :].split("/")[0].removesuffix(".py"))
    return sorted(names)


def written(index: Index, path: str, module: str, package: str) -> str:
    """``module`` as the imports of ``path`` would write it: absolute, or with leading dots."""
    source = index.source(path)
    if source is None or not package or module.split(".")[0] != package.split(".")[0]:
        return module
    own = [
        s
        for s in imports.top_imports(source.tree)
        if isinstance(s, ast.ImportFrom)
        and (s.level or (s.module or "").split(".")[0] == package.split(".")[0])
    ]
    relative = [s for s in own if s.level]
    if not relative or len(relative) * 2 < len(own):
        return module
    return relative_module(module, package)


def relative_module(module: str, package: str) -> str:
    """``module`` with the dots that reach it from inside ``package``."""
    target, base = module.split("."), package.split(".")
    common = 0
    while common < min(len(target) - 1, len(base)) and target[common] == base[common]:
        common += 1
    return "." * (len(base) - common + 1) + ".".join(target[common:])
