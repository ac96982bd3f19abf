"""The only user of Rich: results and errors for people, and the same values as JSON."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scaffold.plan import Plan, Status, Step
from scaffold.record import content_hash
from scaffold.spec.errors import ExitCode, Paste, Refusal, ScaffoldError
from scaffold.tree import Entry

if TYPE_CHECKING:
    from scaffold.actions import Next
    from scaffold.reports import Report, Row
    from scaffold.workflow import Result

SCHEMA = 1

_STYLES = {
    Status.CREATED: "green",
    Status.PATCHED: "yellow",
    Status.MERGED: "yellow",
    Status.MOVED: "yellow",
    Status.DELETED: "red",
    Status.UNCHANGED: "dim",
}


# -- for people

Line = tuple[tuple[str, str], ...]  # pieces of a line, each with its style


def print_result(result: Result) -> None:
    """The tree of files, the diff of every existing one, what holds, and what to type next."""
    _print(_result_lines(result))


def print_report(report: Report) -> None:
    """A report's sections, aligned, each row with its evidence."""
    _print(line for title, rows in report.sections.items() for line in _section_lines(title, rows))


def print_error(error: ScaffoldError) -> None:
    """One clear line on stderr, then every reason with the lines to paste."""
    _print(_error_lines(error), stderr=True)


def _print(lines: Iterable[Line], *, stderr: bool = False) -> None:
    """Prints lines: through Rich where their styles can show, since its import isn't cheap."""
    stream = sys.stderr if stderr else sys.stdout
    if not (stream.isatty() or os.environ.get("FORCE_COLOR")):
        encoding = stream.encoding
        for line in lines:
            text = "".join(text for text, _ in line) + "\n"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        return
    from rich.console import Console
    from rich.text import Text

    # Paths and code are data: no markup, no emoji, no highlighting, no wrapping at the edge.
    console = Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*line))


def _result_lines(result: Result) -> Iterator[Line]:
    plan = result.plan
    if result.nothing:
        for note in plan.notes or (f"{result.title}: nothing to do, everything is in place",):
            yield ((_one_line(note), ""),)
        return
    dry = " (dry run: nothing was written)" if result.dry_run else ""
    yield (_one_line(result.title), "bold"), (dry, "yellow")
    yield ((".", ""),)
    yield from _branch_lines(_branches(plan.steps))
    for step in plan.steps:
        if step.status in (Status.PATCHED, Status.MERGED):
            yield from _diff_lines(plan.diff(step.path))
    for note in plan.notes:
        yield ((f"note: {note}", "yellow"),)
    if result.proof:
        yield ((f"proof: {result.proof}", "dim"),)
    if plan.next and not result.dry_run:
        yield from _next_lines(plan.next)


def _branches(steps: Iterable[Step]) -> dict[str, Any]:
    """The steps as nested directories, their names ending in a slash, with statuses as leaves."""
    top: dict[str, Any] = {}
    for step in steps:
        *parents, name = step.path.split("/")
        branch = top
        for parent in parents:
            branch = branch.setdefault(parent + "/", {})
        branch[name] = step.status
    return top


def _branch_lines(branch: Mapping[str, Any], before: str = "") -> Iterator[Line]:
    unicode = sys.stdout.encoding.lower().startswith("utf")
    tee, corner, bar = ("├── ", "└── ", "│   ") if unicode else ("|-- ", "`-- ", "|   ")
    for number, (name, below) in enumerate(branch.items(), 1):
        last = number == len(branch)
        guide = (before + (corner if last else tee), "dim")
        if isinstance(below, Status):
            yield guide, (f"{name}  ", ""), (below.value, _STYLES[below])
        else:
            yield guide, (name, "")
            yield from _branch_lines(below, before + ("    " if last else bar))


def _diff_lines(diff: str) -> Iterator[Line]:
    for line in diff.splitlines():
        style = "green" if line.startswith("+") else "red" if line.startswith("-") else "dim"
        yield ((line, style),)


def _next_lines(steps: Sequence[Next]) -> Iterator[Line]:
    yield (("next:", "bold"),)
    width = max(len(step.command) for step in steps)
    for step in steps:
        purpose = f"  # {step.purpose}" if step.purpose else ""
        command = f"{step.command:<{width}}" if purpose else step.command
        yield (f"  {command}", "cyan"), (purpose, "dim")


def _section_lines(title: str, rows: Sequence[Row]) -> Iterator[Line]:
    yield ((title, "bold"),)
    if not rows:
        yield (("  none", "dim"),)
    names = max((len(row.name) for row in rows), default=0)
    texts = max((len(row.text) for row in rows), default=0)
    for row in rows:
        text = f"{row.text:<{texts}}" if row.evidence else row.text
        name = f"{row.name:<{names}}" if text else row.name
        pieces = ((name, "cyan"), (text, ""), (row.evidence, "dim"))
        yield tuple((f"  {_one_line(piece)}", style) for piece, style in pieces if piece)


def _error_lines(error: ScaffoldError) -> Iterator[Line]:
    hint = f" ({_one_line(error.hint)})" if error.hint else ""
    yield ("scaffold: ", "bold red"), (_one_line(error.message) + hint, "")
    for refusal in error.refusals:
        said = len(error.refusals) == 1 and refusal.reason in error.message
        if not said or _has_lines(refusal):
            yield from _refusal_lines(refusal)


def _has_lines(refusal: Refusal) -> bool:
    return bool(refusal.snippet or refusal.shown or refusal.paste)


def _refusal_lines(refusal: Refusal) -> Iterator[Line]:
    where = refusal.path or ""
    if where and refusal.line:
        where += f":{refusal.line}"
    told = f"{where}: {refusal.reason}" if where else refusal.reason
    yield ((f"  - {_one_line(told)}", ""),)
    for line in (refusal.shown or "").splitlines():
        yield ((f"        {_one_line(line)}", "yellow"),)
    blocks = [(_placed(refusal, one), one.text) for one in refusal.paste]
    for place, text in blocks or [(f"paste {refusal.place or ''}".rstrip(), refusal.snippet or "")]:
        if text:
            yield ((f"    {place}:", "dim"),)
        for line in text.splitlines():
            yield ((f"        {line}", "cyan"),)


def _placed(refusal: Refusal, paste: Paste) -> str:
    """Where a block goes, so that an editor finds it: as file and line, and in words."""
    words = f" ({refusal.place})" if refusal.place and refusal.place != paste.place else ""
    return f"paste {paste.place}{words}"


def _one_line(text: str) -> str:
    """``text`` on one line, control characters spelled out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


# -- for machines


def print_json(data: Mapping[str, Any]) -> None:
    """One JSON document, and nothing else, on stdout."""
    sys.stdout.write(json.dumps(data, indent=1, ensure_ascii=True) + "\n")


def result_data(command: str, result: Result) -> dict[str, Any]:
    """The stable form of a result (docs/json.md)."""
    plan = result.plan
    return _document(command) | {
        "dry_run": result.dry_run,
        "plan": {
            "files": [_file_data(plan, step.path, step.status, step.hidden) for step in plan.steps],
            "next": [{"command": n.command, "purpose": n.purpose} for n in plan.next],
            "notes": list(plan.notes),
            "marked": list(plan.marked),
        },
        "proof": result.proof,
        "runs": list(result.runs),
    }


def report_data(command: str, report: Report) -> dict[str, Any]:
    """The stable form of a report (docs/json.md)."""
    return _document(command) | {"facts": dict(report.data)}


def error_data(command: str, error: ScaffoldError) -> dict[str, Any]:
    """The stable form of an error (docs/json.md)."""
    return _document(command, error.exit_code) | {
        "error": {
            "code": error.code,
            "message": _one_line(error.message),
            "hint": error.hint,
            "reasons": [_refusal_data(refusal) for refusal in error.refusals],
        }
    }


def _document(command: str, code: ExitCode = ExitCode.OK) -> dict[str, Any]:
    return {"schema": SCHEMA, "command": command, "exit_code": int(code), "error": None}


def _refusal_data(refusal: Refusal) -> dict[str, Any]:
    keys: Iterable[str] = ("reason", "path", "line", "snippet", "place", "shown")
    paste = [
        {"path": one.path, "line": one.line, "over": one.over, "text": one.text}
        for one in refusal.paste
    ]
    return {key: getattr(refusal, key) for key in keys} | {"paste": paste}


def _file_data(plan: Plan, path: str, status: Status, hidden: bool) -> dict[str, Any]:
    before, after = plan.before.get(path), plan.after.get(path)
    return {
        "path": path,
        "action": status.value,
        "base": _hash(before),
        "sha256": _hash(after),
        "mode": f"{after.mode:o}" if after else None,
        "content": None if hidden or status is Status.UNCHANGED else _content(after),
        "diff": plan.diff(path) if before is not None else "",
    }


def _hash(entry: Entry | None) -> str | None:
    return None if entry is None else content_hash(entry.content)


def _content(entry: Entry | None) -> str | dict[str, str] | None:
    if entry is None:
        return None
    try:
        return entry.content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(entry.content).decode()}
