"""Carrying out a plan that a dry run printed, byte for byte, or not at all."""

from __future__ import annotations

import base64
import json
from typing import Any

from scaffold.plan import Plan, Status, Step
from scaffold.record import content_hash
from scaffold.spec.errors import ConflictError, RefusedError, UsageError
from scaffold.tree import Entry, Tree
from scaffold.workflow import Options, Result, finish, session

SCHEMA = 1


def apply_plan(text: str, options: Options) -> Result:
    """Commits the plan in ``text``, the JSON that ``--dry-run --json`` printed.

    Raises:
        UsageError: it isn't such a plan.
        ConflictError: a file that it rests on has changed since.
        RefusedError: the plan hides a secret's content, so it can't be carried out from here.
    """
    command, files, marked = _parse(text)
    with session(options) as tree:
        moved = [file["path"] for file in files if _hash_at(tree, file["path"]) != file["base"]]
        done = [file["path"] for file in files if _hash_at(tree, file["path"]) == file["sha256"]]
        if moved and len(done) != len(files):
            raise ConflictError(
                f"apply: changed since the plan was made: {', '.join(moved)}",
                hint="make the plan again with --dry-run --json",
            )
        after = tree
        steps = []
        for file in files:
            path = file["path"]
            if path not in done:
                after = after.with_entry(path, _entry(file))
            status = Status.UNCHANGED if path in done else Status(file["action"])
            steps.append(Step(path, status))
        plan = Plan(tree, after, tuple(steps), marked=marked)
        return finish(plan, options, title=f"apply {command}")


def _parse(text: str) -> tuple[str, list[dict[str, Any]], tuple[str, ...]]:
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA or data["error"] is not None:
            raise UsageError("apply: not a plan that can be applied", hint="see its error")
        files = [file for file in data["plan"]["files"] if file["action"] != "unchanged"]
        marked = tuple(data["plan"].get("marked", ()))
        for file in files:
            Status(file["action"])
            if not isinstance(file["path"], str) or not {"base", "sha256", "mode"} <= file.keys():
                raise KeyError("path")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            "apply: not a plan", hint="give what `scaffold add … --dry-run --json` printed"
        ) from error
    for file in files:
        if file["sha256"] is not None and file.get("content") is None:
            raise RefusedError(
                f"apply: {file['path']} is a secret, which a plan never holds",
                hint="run the command itself",
            )
    return str(data["command"]), files, marked


def _entry(file: dict[str, Any]) -> Entry | None:
    if file["sha256"] is None:
        return None
    content = file["content"]
    raw = base64.b64decode(content["base64"]) if isinstance(content, dict) else content.encode()
    if content_hash(raw) != file["sha256"]:
        raise UsageError(f"apply: {file['path']}: content and hash differ", hint="plan it again")
    return Entry(raw, int(file["mode"], 8))


def _hash_at(tree: Tree, path: str) -> str | None:
    entry = tree.get(path)
    return None if entry is None else content_hash(entry.content)
