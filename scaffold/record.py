"""What scaffold did in a repository, as data: one file a run, readable, without time or chance.

A run's id is derived from its command and its parents, so the same command on two branches is
the same run, and two different runs never touch the same file of the record. Contents are kept
of files that we made (a later merge needs the base); of others only the inserted spans.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from scaffold.spans import Span
from scaffold.spec.errors import RefusedError
from scaffold.tree import Tree

Kind = TypeVar("Kind")

RUNS = ".scaffold/runs"
FORMAT = 1
_NONSENSE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
NEEDS = "needs"
"""In place of a codemod: the run needs the file itself, and all that goes with it."""


@dataclass(frozen=True)
class Made:
    """A file of ours: ``content`` as the run left it (None for a secret: only its hash is kept).

    ``before`` is what an earlier run had rendered there, None when the run created the file;
    ``found`` is what people had made of that, where they had.
    """

    sha256: str
    content: bytes | None
    mode: int = 0o644
    before: bytes | None = None
    found: bytes | None = None


@dataclass(frozen=True)
class Patch:
    """One codemod's change to a file of the user's.

    The spans take it back byte for byte; where edits have scattered them, the codemod's inverse
    still finds by meaning what goes away.
    """

    codemod: str
    arguments: Mapping[str, Any]
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Spliced:
    """A file of the user's, with what the run patched in, in order."""

    patches: tuple[Patch, ...]


@dataclass(frozen=True)
class Deleted:
    """A file that the run deleted, as it was."""

    content: bytes
    mode: int = 0o644


Touched = Made | Spliced | Deleted


@dataclass(frozen=True)
class Run:
    """One command that changed something.

    ``resources`` maps a resource's plural name to its spec (``Resource.to_data``); ``reverts``
    names the runs that this one takes back; ``relies`` are patches, as ``(path, codemod,
    arguments)``, that it needs and found done: whoever made them can't take them back alone;
    ``batch`` is the first run of a command that made several.
    """

    id: str
    generator: str
    arguments: Mapping[str, Any]
    parents: tuple[str, ...]
    scaffold: str
    files: Mapping[str, Touched]
    resources: Mapping[str, Any] = field(default_factory=dict)
    reverts: tuple[str, ...] = ()
    relies: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    batch: str = ""

    @property
    def path(self) -> str:
        """Where this run's file is, relative to the root."""
        return f"{RUNS}/{self.id}.json"

    def to_bytes(self) -> bytes:
        """The run's file: JSON, one line of content a line, so that it reads and diffs well."""
        data = {
            "format": FORMAT,
            "id": self.id,
            "generator": self.generator,
            "arguments": dict(self.arguments),
            "parents": list(self.parents),
            "scaffold": self.scaffold,
            **({"batch": self.batch} if self.batch else {}),
            "reverts": list(self.reverts),
            "relies": [{"path": p, "codemod": c, "arguments": dict(a)} for p, c, a in self.relies],
            "resources": dict(self.resources),
            "files": {path: _file_data(self.files[path]) for path in sorted(self.files)},
        }
        return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def run_id(generator: str, arguments: Mapping[str, Any], parents: tuple[str, ...]) -> str:
    """Twelve hex digits of the command and its parents."""
    canonical = json.dumps([generator, arguments, list(parents)], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Record:
    """All runs of a repository, oldest first (parents before children)."""

    runs: tuple[Run, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """The runs that no other run rests on; two after a merge of branches."""
        parents = {parent for run in self.runs for parent in run.parents}
        return tuple(run.id for run in self.runs if run.id not in parents)

    @property
    def in_effect(self) -> tuple[Run, ...]:
        """The runs that have not been taken back, oldest first."""
        gone: set[str] = set()
        for run in reversed(self.runs):
            if run.id not in gone:
                gone.update(run.reverts)
        return tuple(run for run in self.runs if run.id not in gone)

    def find(self, prefix: str) -> tuple[Run, ...]:
        """The runs whose id starts with ``prefix``."""
        return tuple(run for run in self.runs if run.id.startswith(prefix))

    def made(self, path: str) -> Made | None:
        """How the last run in effect left our file ``path``; None when it isn't ours."""
        for run in reversed(self.in_effect):
            touched = run.files.get(path)
            if isinstance(touched, Made):
                return touched
            if isinstance(touched, Deleted):
                return None
        return None

    @property
    def resources(self) -> dict[str, Any]:
        """The specs in effect, by plural name, in the order they were added."""
        found: dict[str, Any] = {}
        for run in self.in_effect:
            found.update(run.resources)
        return found

    def by_generator(self, generator: str) -> tuple[Run, ...]:
        """The runs of ``generator`` that are in effect."""
        return tuple(run for run in self.in_effect if run.generator == generator)


def read_record(tree: Tree) -> Record:
    """The record that a tree holds.

    Raises:
        RefusedError: a run's file isn't one that this version can read.
    """
    runs = {}
    for path in tree.walk(RUNS):
        if path.endswith(".json"):
            run = _parse(path, tree.read(path) or b"")
            runs[run.id] = run
    return Record(tuple(_parents_first(runs)))


def content_hash(content: bytes) -> str:
    """The SHA-256 of ``content``, in hex."""
    return hashlib.sha256(content).hexdigest()


def made(
    content: bytes,
    *,
    mode: int,
    secret: bool,
    before: bytes | None = None,
    found: bytes | None = None,
) -> Made:
    """A ``Made`` with its hash; a secret's content is left out."""
    if secret:
        return Made(content_hash(content), None, mode)
    return Made(content_hash(content), content, mode, before, found)


def _parents_first(runs: Mapping[str, Run]) -> Iterator[Run]:
    """Topological and deterministic; a parent that was taken back and removed counts as done."""
    missing = {name: {p for p in run.parents if p in runs} for name, run in runs.items()}
    children: dict[str, list[str]] = {name: [] for name in runs}
    for name, parents in missing.items():
        for parent in parents:
            children[parent].append(name)
    ready = sorted(name for name, parents in missing.items() if not parents)
    while ready:
        freed = []
        for name in ready:
            yield runs[name]
            del missing[name]
            for child in children[name]:
                missing[child].discard(name)
                if not missing[child]:
                    freed.append(child)
        ready = sorted(freed)
    # A cycle can only be made by hand; any order is as good as another then.
    yield from (runs[name] for name in sorted(missing))


@lru_cache(maxsize=4096)  # a command reads its record before and after, and for the proof
def _parse(path: str, content: bytes) -> Run:
    try:
        data = json.loads(_head(content))
        if data["format"] != FORMAT:
            raise RefusedError(
                f"{path}: written by a newer scaffold ({data['scaffold']})",
                hint="upgrade scaffold-api to at least that version",
            )
        run = Run(
            id=_as(str, data["id"]),
            generator=_as(str, data["generator"]),
            arguments=_as(dict, data["arguments"]),
            parents=tuple(_as(str, parent) for parent in _as(list, data["parents"])),
            scaffold=_as(str, data["scaffold"]),
            files=_Files(path, content, data.get("files")),
            resources=_as(dict, data["resources"]),
            reverts=tuple(_as(str, reverted) for reverted in _as(list, data["reverts"])),
            relies=tuple(
                (_as(str, r["path"]), _as(str, r["codemod"]), _as(dict, r["arguments"]))
                for r in data["relies"]
            ),
            batch=_as(str, data.get("batch", "")),
        )
    except _NONSENSE as error:
        raise _no_run(path, error) from error
    if path != run.path:
        raise RefusedError(f"{path}: holds run {run.id}", hint="restore the file's name")
    return run


def _as(kind: type[Kind], value: object) -> Kind:
    """``value``, which must be of that kind: people edit and merge these files."""
    if not isinstance(value, kind):
        raise TypeError(value)
    return value


def _head(content: bytes) -> bytes:
    """A run's file without the contents of files, which are nearly all of it.

    The whole of it where it isn't as we write it, as after a merge that left its marks.
    """
    start = content.find(b'\n "files": {')
    if start < 0 or not content.endswith(b"\n }\n}\n") or b"\n<<<<<<< " in content:
        return content
    return content[:start].rstrip(b",") + b"}"


class _Files(Mapping[str, Touched]):
    """The files of a recorded run, each built when it is asked for: most runs are only listed."""

    def __init__(self, path: str, content: bytes, data: dict[str, Any] | None) -> None:
        self._path = path
        self._content = content
        self._known = data
        self._built: dict[str, Touched] = {}

    @cached_property
    def _data(self) -> dict[str, Any]:
        try:
            return dict(self._known or json.loads(self._content)["files"])
        except _NONSENSE as error:
            raise _no_run(self._path, error) from error

    def __getitem__(self, name: str) -> Touched:
        if name not in self._built:
            data = self._data[name]
            try:
                self._built[name] = _file_from(data)
            except _NONSENSE as error:
                raise _no_run(self._path, error) from error
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


def _no_run(path: str, error: Exception) -> RefusedError:
    return RefusedError(
        f"{path}: not a run of scaffold ({type(error).__name__})",
        hint="restore the file from version control",
    )


def _file_data(touched: Touched) -> dict[str, Any]:
    match touched:
        case Made(sha256, content, mode, before, found):
            data: dict[str, Any] = {"made": sha256, "mode": f"{mode:o}"}
            if content is not None:
                data["content"] = _text_data(content)
            if before is not None:
                data["before"] = _text_data(before)
            if found is not None:
                data["found"] = _text_data(found)
            return data
        case Spliced(patches):
            return {"patches": [_patch_data(patch) for patch in patches]}
        case Deleted(content, mode):
            return {"deleted": _text_data(content), "mode": f"{mode:o}"}


def _file_from(data: Mapping[str, Any]) -> Touched:
    if "patches" in data:
        return Spliced(tuple(_patch_from(patch) for patch in data["patches"]))
    mode = int(data["mode"], 8)
    if not 0 <= mode <= 0o7777:
        raise ValueError(mode)
    if "deleted" in data:
        return Deleted(_text_from(data["deleted"]), mode)
    content = _text_from(data["content"]) if "content" in data else None
    before = _text_from(data["before"]) if "before" in data else None
    found = _text_from(data["found"]) if "found" in data else None
    return Made(data["made"], content, mode, before, found)


def _patch_data(patch: Patch) -> dict[str, Any]:
    keys = ("before", "removed", "inserted", "after")
    spans = [{key: _text_data(getattr(span, key)) for key in keys} for span in patch.spans]
    return {"codemod": patch.codemod, "arguments": dict(patch.arguments), "spans": spans}


def _patch_from(data: Mapping[str, Any]) -> Patch:
    spans = (
        Span(**{key: _text_from(value) for key, value in span.items()}) for span in data["spans"]
    )
    return Patch(data["codemod"], data["arguments"], tuple(spans))


def _text_data(content: bytes) -> list[str] | dict[str, str]:
    """UTF-8 text as its lines (joined with a newline they are the content); else base64."""
    try:
        return content.decode().split("\n")
    except UnicodeDecodeError:
        import base64

        return {"base64": base64.b64encode(content).decode()}


def _text_from(data: Any) -> bytes:
    if isinstance(data, dict):
        import base64

        return base64.b64decode(data["base64"])
    return "\n".join(data).encode()
