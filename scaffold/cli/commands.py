"""``new``, ``undo``, ``history``, ``list``, ``apply``: the commands that are no generator."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli import app
from scaffold.cli.common import (
    App,
    DryRun,
    Force,
    Json,
    Keep,
    PlainCommand,
    Quiet,
    Root,
    asked,
    edited_files,
    options_for,
    project_root,
    read_text,
    shared,
    show,
    tell,
)

if TYPE_CHECKING:
    from scaffold.reports import Report
    from scaffold.workflow import Result


@app.command(cls=PlainCommand)
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The project, e.g. my-api.", show_default=False)] = "",
    directory: Annotated[
        str, typer.Option(metavar="DIR", help="Where it goes [default: ./NAME].")
    ] = "",
    package: Annotated[str, typer.Option(metavar="PKG", help="The Python package.")] = "app",
    database: Annotated[
        str, typer.Option(metavar="sqlite|postgresql|mysql", help="The default database.")
    ] = "sqlite",
    with_: Annotated[
        str, typer.Option("--with", metavar="GENERATOR,…", help="Add these at once.")
    ] = "",
    minimal: Annotated[
        bool, typer.Option("--minimal", help="No Docker, CI, pre-commit, AGENTS.md.")
    ] = False,
    no_git: Annotated[bool, typer.Option("--no-git", help="Don't run git init.")] = False,
    dry_run: DryRun = False,
    json: Json = False,
    root: Root = "",
    quiet: Quiet = False,
) -> None:
    """Make a new project that runs at once."""
    flags = shared(context, root, quiet, json)

    def work() -> Result:
        from scaffold.new import create

        return create(
            asked(name, "NAME"),
            base=project_root(flags.root) if flags.root else Path.cwd(),
            directory=directory,
            package=package,
            database=database,
            extras=tuple(part for part in with_.split(",") if part),
            minimal=minimal,
            git=not no_git,
            dry_run=dry_run,
        )

    show(flags, f"new {name}", work)


@app.command(cls=PlainCommand)
def undo(
    context: typer.Context,
    run: Annotated[
        str, typer.Argument(help="The run's id, or its start [default: the last].")
    ] = "",
    keep: Keep = False,
    force: Force = False,
    dry_run: DryRun = False,
    json: Json = False,
    root: Root = "",
    quiet: Quiet = False,
) -> None:
    """Take the last run back, or an earlier one that nothing rests on."""
    flags = shared(context, root, quiet, json)

    def work() -> Result:
        from scaffold.undo import undo as take_back

        options = options_for(flags, dry_run=dry_run, verify=False)
        return take_back(options, run or None, edited_files(keep, force))

    show(flags, "undo", work)


@app.command(cls=PlainCommand)
def history(
    context: typer.Context, json: Json = False, root: Root = "", quiet: Quiet = False
) -> None:
    """List the runs in effect, the last one first."""
    flags = shared(context, root, quiet, json)

    def report() -> Report:
        from scaffold.reports import history_report

        return history_report(project_root(flags.root))

    tell(flags, "history", report)


@app.command("list", cls=PlainCommand)
def list_(
    context: typer.Context, json: Json = False, root: Root = "", quiet: Quiet = False
) -> None:
    """List what can be added, and what has been."""
    flags = shared(context, root, quiet, json)

    def report() -> Report:
        from scaffold.reports import list_report

        return list_report(project_root(flags.root))

    tell(flags, "list", report)


@app.command(cls=PlainCommand)
def info(
    context: typer.Context,
    json: Json = False,
    root: Root = "",
    quiet: Quiet = False,
    app_: App = "",
) -> None:
    """Show what scaffold knows of this project, each fact with its evidence."""
    flags = shared(context, root, quiet, json)

    def report() -> Report:
        from scaffold.reports import info_report

        return info_report(project_root(flags.root), {"app": app_} if app_ else {})

    tell(flags, "info", report)


@app.command("apply", cls=PlainCommand)
def apply_(
    context: typer.Context,
    plan: Annotated[str, typer.Argument(help="What --dry-run --json printed; - for stdin.")],
    dry_run: DryRun = False,
    json: Json = False,
    root: Root = "",
    quiet: Quiet = False,
) -> None:
    """Carry out a plan that --dry-run --json printed, if nothing it rests on has changed."""
    flags = shared(context, root, quiet, json)

    def work() -> Result:
        from scaffold.apply import apply_plan

        text = sys.stdin.read() if plan == "-" else read_text(plan)
        return apply_plan(text, options_for(flags, dry_run=dry_run, verify=False))

    show(flags, "apply", work)
