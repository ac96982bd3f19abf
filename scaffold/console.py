"""The only user of Rich: results and errors for people, and the same values as JSON."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from scaffold.plan import Plan, Status
from scaffold.record import content_hash
from scaffold.spec.errors import ExitCode, Refusal, ScaffoldError
from scaffold.tree import Entry

if TYPE_CHECKING:
    from rich.console import Console

    from scaffold.reports import Report
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


def print_result(result: Result) -> None:
    """The tree of files, the diff of every existing one, what holds, and what to type next."""
    from rich.text import Text

    console = _console()
    if result.nothing:
        for note in result.plan.notes:
            console.print(Text(note))
        if not result.plan.notes:
            console.print(Text(f"{result.title}: nothing to do, everything is in place"))
        return
    console.print(Text(result.title, style="bold") + Text(_dry(result), style="yellow"))
    console.print(_tree(result.plan))
    for step in result.plan.steps:
        if step.status in (Status.PATCHED, Status.MERGED):
            _print_diff(console, result.plan.diff(step.path))
    for note in result.plan.notes:
        console.print(Text(f"note: {note}", style="yellow"))
    if result.proof:
        console.print(Text(f"proof: {result.proof}", style="dim"))
    _print_next(console, result)


def print_report(report: Report) -> None:
    """A report's sections, aligned, each row with its evidence."""
    from rich.table import Table
    from rich.text import Text

    console = _console()
    for title, rows in report.sections.items():
        console.print(Text(title, style="bold"))
        if not rows:
            console.print(Text("  none", style="dim"))
            continue
        table = Table.grid(padding=(0, 2), pad_edge=True)
        for row in rows:
            evidence = Text(row.evidence, style="dim")
            table.add_row(Text(row.name, style="cyan"), Text(row.text), evidence)
        console.print(table)


def print_error(error: ScaffoldError) -> None:
    """One clear line on stderr, then every reason with the lines to paste."""
    from rich.text import Text

    console = _console(stderr=True)
    line = Text("scaffold: ", style="bold red") + Text(_one_line(error.message))
    if error.hint:
        line += Text(f" ({_one_line(error.hint)})")
    console.print(line)
    alone = len(error.refusals) == 1 and not error.refusals[0].snippet
    for refusal in () if alone else error.refusals:
        _print_refusal(console, refusal)


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    # Paths and code are data: no markup, no emoji, no highlighting, no wrapping at the edge.
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


def _dry(result: Result) -> str:
    return " (dry run: nothing was written)" if result.dry_run else ""


def _tree(plan: Plan) -> Any:
    from rich.text import Text
    from rich.tree import Tree

    top = Tree(Text("."), guide_style="dim")
    folders: dict[str, Any] = {"": top}
    for step in plan.steps:
        *parents, name = step.path.split("/")
        branch = top
        for depth in range(1, len(parents) + 1):
            folder = "/".join(parents[:depth])
            if folder not in folders:
                folders[folder] = branch.add(Text(parents[depth - 1] + "/"))
            branch = folders[folder]
        style = _STYLES[step.status]
        branch.add(Text(f"{name}  ", style="") + Text(step.status.value, style=style))
    return top


def _print_diff(console: Console, diff: str) -> None:
    from rich.text import Text

    for line in diff.splitlines():
        style = "green" if line.startswith("+") else "red" if line.startswith("-") else "dim"
        console.print(Text(line, style=style))


def _print_next(console: Console, result: Result) -> None:
    from rich.text import Text

    if not result.plan.next or result.dry_run:
        return
    console.print(Text("next:", style="bold"))
    width = max(len(step.command) for step in result.plan.next)
    for step in result.plan.next:
        purpose = f"  # {step.purpose}" if step.purpose else ""
        console.print(Text(f"  {step.command:<{width}}", style="cyan") + Text(purpose, "dim"))


def _print_refusal(console: Console, refusal: Refusal) -> None:
    from rich.text import Text

    where = refusal.path or ""
    if where and refusal.line:
        where += f":{refusal.line}"
    text = f"{where}: {refusal.reason}" if where else refusal.reason
    console.print(Text(f"  - {text}"))
    if refusal.snippet:
        console.print(Text(f"    paste {refusal.place or ''}".rstrip() + ":", style="dim"))
        for line in refusal.snippet.splitlines():
            console.print(Text(f"        {line}", style="cyan"))


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
    keys: Iterable[str] = ("reason", "path", "line", "snippet", "place")
    return {key: getattr(refusal, key) for key in keys}


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
