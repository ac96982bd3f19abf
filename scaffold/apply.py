"""Carrying out a plan that a dry run printed, byte for byte, or not at all."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scaffold.plan import Plan, Status, Step
from scaffold.project.alembic import read_revision
from scaffold.record import content_hash, read_record
from scaffold.spec.errors import ConflictError, RefusedError, UsageError
from scaffold.tree import Entry, Tree
from scaffold.workflow import Options, Result, finish, session

SCHEMA = 1
_PERMISSIONS = 0o7777


@dataclass(frozen=True)
class _File:
    """One file of a printed plan: the hashes before and after, and what is to be written."""

    path: str
    status: Status
    base: str | None
    sha256: str | None
    entry: Entry | None


def apply_plan(text: str, options: Options) -> Result:
    """Commits the plan in ``text``, the JSON that ``--dry-run --json`` printed.

    Raises:
        UsageError: it isn't such a plan.
        ConflictError: a file that it rests on has changed since, or other runs or migrations came.
        RefusedError: the plan hides a secret's content, so it can't be carried out from here.
    """
    command, files, marked = _parse(text)
    with session(options) as tree:
        moved = [file.path for file in files if _hash_at(tree, file.path) != file.base]
        done = [file.path for file in files if _hash_at(tree, file.path) == file.sha256]
        if moved and len(done) != len(files):
            raise _moved(moved)
        after = tree
        steps = []
        for file in files:
            if file.path not in done:
                after = after.with_entry(file.path, _on(tree.get(file.path), file.entry))
            status = Status.UNCHANGED if file.path in done else file.status
            steps.append(Step(file.path, status))
        _refuse_forks(tree, after, {file.path.rpartition("/")[0] for file in files})
        plan = Plan(tree, after, tuple(steps), marked=marked)
        return finish(plan, options, title=f"apply {command}")


def _moved(paths: Iterable[str]) -> ConflictError:
    return ConflictError(
        f"apply: changed since the plan was made: {', '.join(paths)}",
        hint="make the plan again with --dry-run --json",
    )


def _parse(text: str) -> tuple[str, list[_File], tuple[str, ...]]:
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA or data["error"] is not None:
            raise UsageError("apply: not a plan that can be applied", hint="see its error")
        files = [_file(file) for file in data["plan"]["files"] if file["action"] != "unchanged"]
        marked = tuple(str(path) for path in data["plan"].get("marked", ()))
        if len({file.path for file in files}) != len(files):
            raise ValueError("a path is there twice")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            "apply: not a plan", hint="give what `scaffold add … --dry-run --json` printed"
        ) from error
    return str(data["command"]), files, marked


def _file(data: Mapping[str, Any]) -> _File:
    """What a plan says of a file. ValueError, KeyError, TypeError, AttributeError if it can't."""
    path, base, sha256 = data["path"], data["base"], data["sha256"]
    if not isinstance(path, str) or not isinstance(base, str | None):
        raise TypeError(path)
    status = Status(data["action"])
    if sha256 is None:
        return _File(path, status, base, None, None)
    content, mode = data["content"], int(data["mode"], 8)
    if not 0 <= mode <= _PERMISSIONS:
        raise ValueError(mode)
    if content is None:
        raise RefusedError(
            f"apply: {path} is a secret, which a plan never holds", hint="run the command itself"
        )
    raw = base64.b64decode(content["base64"]) if isinstance(content, dict) else content.encode()
    if content_hash(raw) != sha256:
        raise UsageError(f"apply: {path}: content and hash differ", hint="plan it again")
    return _File(path, status, base, sha256, Entry(raw, mode))


def _on(before: Entry | None, after: Entry | None) -> Entry | None:
    """``after`` with the mode of what is there: plans change contents, never permissions."""
    return replace(after, mode=before.mode) if before and after else after


def _hash_at(tree: Tree, path: str) -> str | None:
    entry = tree.get(path)
    return None if entry is None else content_hash(entry.content)


def _refuse_forks(before: Tree, after: Tree, folders: Iterable[str]) -> None:
    """Raises where what came since the plan leaves a chain with two ends, or one without a link.

    A run of the record and a migration name what they come after without changing it, so no base
    hash tells.
    """
    pairs = [(".scaffold/runs", _runs(before), _runs(after))]
    pairs += [(f, _revisions(before, f), _revisions(after, f)) for f in sorted(folders)]
    forked = [folder for folder, old, new in pairs if _forks(old, new)]
    if forked:
        raise _moved(forked)


def _forks(old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]) -> bool:
    (old_ends, old_gaps), (new_ends, new_gaps) = _ends_and_gaps(old), _ends_and_gaps(new)
    return len(new_ends) > max(1, len(old_ends)) or not new_gaps <= old_gaps


def _ends_and_gaps(chain: Mapping[str, tuple[str, ...]]) -> tuple[set[str], set[str]]:
    """What nothing in ``chain`` comes after, and what is named there without being in it."""
    named = {name for names in chain.values() for name in names}
    return chain.keys() - named, named - chain.keys()


def _runs(tree: Tree) -> dict[str, tuple[str, ...]]:
    return {run.id: run.parents for run in read_record(tree).runs}


def _revisions(tree: Tree, folder: str) -> dict[str, tuple[str, ...]]:
    """The migrations in ``folder`` and what each comes after; {} where none are."""
    found = {}
    for path in tree.walk(folder) if folder else ():
        content = tree.read(path) if path.endswith(".py") else None
        revision = read_revision(path, content) if content else None
        if revision is not None:
            found[revision.revision] = revision.down
    return found
