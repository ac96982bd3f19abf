"""Where a project keeps its routers and how their files are called, told by those it includes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffold.project.features import NO_FEATURE, features_of
from scaffold.project.includes import Include, Site, aggregate, router_of
from scaffold.project.index import Evidence, Index, ancestors, is_aside

_SUFFIX = re.compile(
    r"(_routers?|_routes?|_api|_endpoints?|_controllers?|_views?|_handlers?|_models?|_schemas?|"
    r"_services?|_repositor(?:y|ies)|_repo|_crud|_dao|_dto|"
    r"Router|Controller|Model|Schema|Service|Repository)$"
)
_PREFIX = re.compile(r"^(crud|dao|repo|repository|service|schema|model|router|routes|controller)_")
_FOLDERS = ("routers", "routes", "endpoints", "controllers", "api", "views", "handlers")
ROUTER_FOLDERS = frozenset(_FOLDERS)
_GENERIC = ("router", "routers", "routes", "views", "endpoints", "api", "controller", "handlers")
_FEW = 4
"""Where this many times as many files define routes as are included here, they show the way."""
_ROUTE = re.compile(rb"@\w+\.(get|post|put|patch|delete|api_route)\(|\.add_api_route\(")


@dataclass(frozen=True)
class Home:
    """A directory for files of one kind. ``feature`` names the file inside a folder of its own:
    ``views.py``, ``api/{singular}.py``.

    ``suffix`` ends a file's stem ("_router"), ``prefix`` starts it ("crud_"); ``plural`` says which
    form stands between them, in ``case`` "snake", "pascal" or "camel". ``count`` is how many
    neighbours there are, of ``total`` of the kind.
    """

    directory: str
    suffix: str = ""
    plural: bool = True
    feature: str = ""
    evidence: Evidence | None = None
    prefix: str = ""
    count: int = 0
    total: int = 0
    case: str = "snake"

    def path(self, singular: str, plural: str) -> str:
        """The file for a resource, given its two snake_case forms."""
        name = plural if self.plural else singular
        inner = f"{self.prefix}{_cased(name, self.case)}{self.suffix}.py"
        if self.feature:
            inner = f"{name}/{filled(self.feature, singular, plural)}"
        return f"{self.directory}/{inner}" if self.directory else inner


def _cased(name: str, case: str) -> str:
    """A snake_case name as ``WidgetPart`` or ``widgetPart``."""
    first, *rest = name.split("_")
    if case == "snake":
        return name
    return (first.title() if case == "pascal" else first) + "".join(word.title() for word in rest)


def filled(pattern: str, singular: str, plural: str) -> str:
    """The path that a pattern of ``features`` names for a resource."""
    return pattern.replace("{singular}", singular).replace("{plural}", plural)


def router_home(index: Index, root: str, site: Site) -> Home:
    """Where the routers included at ``site`` are defined; else where other routers here are."""
    files = list(dict.fromkeys(p for i in site.includes for p in _leaves(index, i)))
    files = [f for f in files if f != site.path and not is_aside(f)]
    around = _defining(index, root, site.path)
    if len(files) < 2 or len(files) * _FEW < len(around):
        spread = _features(around) or _feature_of_one(index, site, files)
        if spread is not None:
            return spread
        if not files or b"include_router" in (index.tree.read(files[0]) or b""):
            files = around or files
    if not files:
        return _unused(index, site)
    features = _features(files)
    if features is not None:
        return features
    files = [f for f in files if PurePosixPath(f).name != "__init__.py"] or files
    counts = Counter(_parent(f) for f in files)
    directory = max(counts, key=lambda d: (counts[d], PurePosixPath(d).name in _FOLDERS))
    inside = [f for f in files if _parent(f) == directory]
    if len(inside) * 2 < len(files):
        folders = Counter(folder for f in files if (folder := _routers_folder(f)))
        above, many = folders.most_common(1)[0] if folders else ("", 0)
        if many * 2 > len(files):
            inside = [f for f in files if f.startswith(f"{above}/")]
            directory = max(set.intersection(*(set(ancestors(f)) for f in inside)), key=len)
    return home_of(directory, inside, len(files))


def _routers_folder(path: str) -> str:
    """The uppermost folder above a file that is called by routers."""
    parts = path.split("/")[:-1]
    return next(("/".join(parts[: n + 1]) for n, p in enumerate(parts) if p in _FOLDERS), "")


def _feature_of_one(index: Index, site: Site, files: Sequence[str]) -> Home | None:
    """The home of a single router that is called by its kind, in a folder called by its subject."""
    if len(files) != 1 or PurePosixPath(files[0]).stem not in _GENERIC:
        return None
    folder = PurePosixPath(files[0]).parent
    if str(folder) in ancestors(site.path) or NO_FEATURE.fullmatch(folder.name):
        return None
    directory = "" if folder.parent == PurePosixPath(".") else str(folder.parent)
    plural, name = _mostly_plural([folder.name]), PurePosixPath(files[0]).name
    return Home(directory, "", plural, name, Evidence(files[0]), count=1, total=1)


def _leaves(index: Index, include: Include, depth: int = 3) -> Iterator[str]:
    """The file of an included router; of one that a package hands on, those that it includes."""
    found = router_of(index, include)
    if found is None:
        return
    package = PurePosixPath(found.path).name == "__init__.py"
    site = aggregate(index, include) if package and depth else None
    if site is None:
        yield found.path
        return
    for inner in site.includes:
        yield from _leaves(index, inner, depth - 1)


def _defining(index: Index, root: str, site: str) -> list[str]:
    """The files below ``root``, beside the site's own, that define routes of a router."""
    below = f"{root}/" if root else ""
    return [
        path
        for path, content in index.containing(b"APIRouter")
        if path.startswith(below) and path != site and not is_aside(path) and _ROUTE.search(content)
    ]


def home_of(directory: str, files: Sequence[str], total: int = 0) -> Home:
    """A directory as the home of files like those that are in it, of ``total`` of their kind."""
    suffix, plural = naming(files)
    prefixes = Counter(m.group() if (m := _PREFIX.search(_stem(f))) else "" for f in files)
    prefix, often = prefixes.most_common(1)[0]
    return Home(
        directory,
        suffix,
        plural,
        evidence=Evidence(files[0]),
        prefix=prefix if often * 2 > len(files) else "",
        count=len(files),
        total=total or len(files),
        case=_case([_stem(f).removesuffix(suffix) for f in files], suffix),
    )


def _case(names: Sequence[str], suffix: str) -> str:
    """How most names of several files are written."""
    if sum(name[:1].isupper() for name in names) * 2 > len(names):
        return "pascal"
    humps = sum(re.search(r"[a-z][A-Z]", name) is not None for name in names)
    return "camel" if suffix[:1].isupper() or humps * 2 > len(names) else "snake"


def _stem(path: str) -> str:
    return PurePosixPath(path).stem


def _features(files: Sequence[str]) -> Home | None:
    """The home of routers that are in a folder a feature."""
    found = features_of(files)
    if found is None:
        return None
    plural = _mostly_plural([PurePosixPath(folder).name for folder in found.folders])
    return Home(found.directory, "", plural, found.pattern, Evidence(found.sample))


def naming(files: Sequence[str]) -> tuple[str, bool]:
    """The suffix that most file stems share, and whether what is before it is plural."""
    stems = [PurePosixPath(f).stem for f in files]
    suffixes = Counter(m.group() if (m := _SUFFIX.search(s)) else "" for s in stems)
    suffix, _ = suffixes.most_common(1)[0]
    return suffix, _mostly_plural([s.removesuffix(suffix) for s in stems])


def _mostly_plural(stems: Sequence[str]) -> bool:
    plural = sum(s.endswith("s") and not s.endswith("ss") for s in stems)
    return plural * 2 >= len(stems)


def _unused(index: Index, site: Site) -> Home:
    """A folder for routers beside the file that will include them: one that is there, or new."""
    base = _parent(site.path)
    for folder in _FOLDERS:
        directory = f"{base}/{folder}" if base else folder
        if index.tree.is_directory(directory) and index.tree.get(f"{directory}/__init__.py"):
            return Home(directory)
    return Home(f"{base}/routers" if base else "routers")


def _parent(path: str) -> str:
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent
