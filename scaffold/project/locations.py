"""Where a project keeps its routers and how their files are called, told by those it includes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffold.project.includes import Site, router_of
from scaffold.project.index import Evidence, Index, is_aside

_SUFFIX = re.compile(
    r"(_routers?|_routes?|_api|_endpoints?|_controllers?|_views?|_handlers?|_models?|_schemas?|"
    r"_services?|_repositor(?:y|ies)|_repo|_crud|_dao|_dto|"
    r"Router|Controller|Model|Schema|Service|Repository)$"
)
_PREFIX = re.compile(r"^(crud_|dao_)")
_FOLDERS = ("routers", "routes", "endpoints", "controllers", "api", "views", "handlers")
ROUTER_FOLDERS = frozenset(_FOLDERS)


@dataclass(frozen=True)
class Home:
    """A directory for files of one kind. ``feature`` names the file inside a folder of its own.

    ``suffix`` ends a file's stem ("_router"), ``prefix`` starts it ("crud_"); ``plural`` says which
    form stands between them. ``count`` is how many neighbours there are.
    """

    directory: str
    suffix: str = ""
    plural: bool = True
    feature: str = ""
    evidence: Evidence | None = None
    prefix: str = ""
    count: int = 0

    def path(self, singular: str, plural: str) -> str:
        """The file for a resource, given its two snake_case forms."""
        stem = self.prefix + (plural if self.plural else singular) + self.suffix
        inner = (
            f"{plural if self.plural else singular}/{self.feature}"
            if self.feature
            else f"{stem}.py"
        )
        return f"{self.directory}/{inner}" if self.directory else inner


def router_home(index: Index, site: Site) -> Home:
    """Where the routers included at ``site`` are defined; else a folder beside the site."""
    files = [f.path for i in site.includes if (f := router_of(index, i)) and f.path != site.path]
    files = [f for f in dict.fromkeys(files) if not is_aside(f)]
    if not files:
        return _unused(index, site)
    features = _features(files)
    if features is not None:
        return features
    files = [f for f in files if PurePosixPath(f).name != "__init__.py"] or files
    counts = Counter(_parent(f) for f in files)
    directory = max(counts, key=lambda d: (counts[d], PurePosixPath(d).name in _FOLDERS))
    inside = [f for f in files if _parent(f) == directory]
    return home_of(directory, inside)


def home_of(directory: str, files: Sequence[str]) -> Home:
    """A directory as the home of files like those that are in it."""
    suffix, plural = naming(files)
    prefixes = Counter(m.group() if (m := _PREFIX.search(_stem(f))) else "" for f in files)
    prefix, often = prefixes.most_common(1)[0]
    prefix = prefix if often * 2 > len(files) else ""
    return Home(
        directory, suffix, plural, evidence=Evidence(files[0]), prefix=prefix, count=len(files)
    )


def _stem(path: str) -> str:
    return PurePosixPath(path).stem


def _features(files: Sequence[str]) -> Home | None:
    """A folder a feature, when at least two routers have one file name in different folders."""
    names = Counter(PurePosixPath(f).name for f in files)
    name, count = names.most_common(1)[0]
    if count < 2 or count * 2 <= len(files) or name == "__init__.py":
        return None
    same = [f for f in files if PurePosixPath(f).name == name]
    parents = Counter(_parent(_parent(f)) for f in same)
    folders = [PurePosixPath(_parent(f)).name for f in same]
    return Home(parents.most_common(1)[0][0], "", _mostly_plural(folders), name, Evidence(same[0]))


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
