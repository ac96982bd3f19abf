"""What all commands share: their common options, and the way from a command to an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup

from scaffold.spec.errors import ExitCode, ScaffoldError, UsageError

if TYPE_CHECKING:
    from scaffold.reports import Report
    from scaffold.revert import Edited
    from scaffold.workflow import Options, Result

_STDOUT, _STDERR = 1, 2

Root = Annotated[
    str, typer.Option("--root", metavar="DIR", help="The project [default: found from here].")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Plan and prove, write nothing.")]
App = Annotated[
    str, typer.Option("--app", metavar="FILE:NAME", help="The FastAPI app to wire into.")
]
NoWire = Annotated[
    bool, typer.Option("--no-wire", help="Write the files, print the lines that wire them.")
]
Merge = Annotated[
    bool,
    typer.Option("--merge", help="Where edits conflict, write both versions between markers."),
]
MergeHeads = Annotated[
    bool, typer.Option("--merge-heads", help="Join several heads of the migrations first.")
]
Verify = Annotated[
    bool | None,
    typer.Option(
        "--verify/--no-verify",
        help="Import the planned app in a copy and compare its OpenAPI.",
        show_default=False,
    ),
]
Python = Annotated[
    str, typer.Option("--python", metavar="EXE", help="The interpreter for --verify.")
]
Keep = Annotated[bool, typer.Option("--keep", help="Keep files that were edited since.")]
Force = Annotated[bool, typer.Option("--force", help="Take edited files back all the same.")]


class PlainCommand(TyperCommand):
    """A command whose strings, flags and lists of strings are taken as they are."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Typer's, the one for help included, without needless coercion."""
        return take_as_given(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """A group of commands whose own options are strings and flags, taken as they are."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Typer's, the one for help included, without needless coercion."""
        return take_as_given(super().get_params(ctx))


def take_as_given(params: list[Any]) -> list[Any]:
    """Keeps Typer from coercing values through Pydantic, where there is nothing to coerce.

    That is text for a parameter that takes text, and what wasn't given. Pydantic's import takes
    longer than all the rest of a start.
    """
    for param in params:
        param.get_runtime_param = partial(_IfNeeded, param.get_runtime_param)
    return params


@dataclass(frozen=True)
class _IfNeeded:
    """Typer's coercion contract; ``usual`` answers Typer's own."""

    usual: Callable[[], Any]

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None and (param.multiple or param.nargs == -1):
            return ()
        texts = value if isinstance(value, tuple | list) else (value,)
        given = any(isinstance(text, str) for text in texts)
        if not given or _is_plain(param.type_descriptor.annotation):
            return value
        return self.usual().coerce(value, param=param, ctx=ctx)


def _is_plain(annotation: Any) -> bool:
    """Whether a type is made of text and truth alone."""
    if get_origin(annotation) in (list, Union, UnionType):
        return all(_is_plain(part) for part in get_args(annotation))
    return annotation in (str, bool, NoneType)


@dataclass(frozen=True)
class Shared:
    """The options that may stand before the command as well as behind it."""

    root: str = ""
    quiet: bool = False
    json: bool = False


def shared(context: typer.Context, root: str, quiet: bool, json: bool) -> Shared:
    """The common options of a command, joined with those given before it."""
    outer = context.find_object(Shared) or Shared()
    return Shared(root or outer.root, quiet or outer.quiet, json or outer.json)


def project_root(root: str) -> Path:
    """``--root``, or the nearest directory upwards that scaffold has worked in, or this one.

    Raises:
        UsageError: there is no such directory.
    """
    if root:
        path = Path(root)
        if not path.is_dir():
            raise UsageError(f"--root {root}: not a directory", hint="name an existing one")
        return path.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".scaffold").is_dir():
            return folder
    return here


def options_for(
    common: Shared,
    *,
    dry_run: bool = False,
    verify: bool | None = None,
    python: str = "",
    pins: dict[str, str] | None = None,
) -> Options:
    """The workflow's options for a command line."""
    from scaffold.workflow import Options

    return Options(
        root=project_root(common.root),
        dry_run=dry_run,
        verify=verify,
        python=python or None,
        pins={name: value for name, value in (pins or {}).items() if value},
    )


def show(common: Shared, command: str, work: Callable[[], Result]) -> None:
    """Runs ``work`` and prints its result, or its error; leaves with the exit code."""
    from scaffold import console

    try:
        result = work()
    except ScaffoldError as error:
        fail(error, command=command, as_json=common.json)
        raise typer.Exit(int(error.exit_code)) from error
    if common.json:
        console.print_json(console.result_data(command, result))
    elif not common.quiet:
        console.print_result(result)


def tell(common: Shared, command: str, report: Callable[[], Report]) -> None:
    """Runs a command that only reads, and prints its report."""
    from scaffold import console

    try:
        found = report()
    except ScaffoldError as error:
        fail(error, command=command, as_json=common.json)
        raise typer.Exit(int(error.exit_code)) from error
    if common.json:
        console.print_json(console.report_data(command, found))
    elif not common.quiet:
        console.print_report(found)


def edited_files(keep: bool, force: bool) -> Edited:
    """What ``--keep`` and ``--force`` say about files that were edited since.

    Raises:
        UsageError: they contradict each other.
    """
    from scaffold.revert import Edited

    if keep and force:
        raise UsageError("--keep and --force exclude each other", hint="give one of them")
    return Edited.KEEP if keep else Edited.FORCE if force else Edited.REFUSE


def read_text(path: str) -> str:
    """The text of a file that the user named.

    Raises:
        UsageError: it can't be read, or isn't UTF-8.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UsageError(f"{path}: {reason}", hint="name a file that scaffold printed") from error


def fail(error: ScaffoldError, *, command: str, as_json: bool) -> None:
    """Shows an error in the form asked for."""
    from scaffold import console

    if as_json:
        with suppress(OSError):  # it may be stdout itself that is full; stderr tells
            console.print_json(console.error_data(command, error))
    console.print_error(error)


def may_prompt() -> bool:
    """Whether a person sits at both ends; never under CI."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not os.environ.get("CI")


def asked(value: str, question: str) -> str:
    """``value``, or what a person at a terminal answers.

    Raises:
        UsageError: there is nobody to ask.
    """
    if value:
        return value
    if not may_prompt():
        raise UsageError(f"{question} is missing", hint="see --help")
    return str(typer.prompt(question, err=True))


def open_streams() -> None:
    """Gives the process the standard streams that it was started without.

    Else the next file that is opened takes their numbers, and what is printed goes into it.
    """
    for descriptor in range(_STDERR + 1):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    sys.stdout = sys.stdout or os.fdopen(_STDOUT, "w")
    sys.stderr = sys.stderr or os.fdopen(_STDERR, "w")


def leave(code: ExitCode) -> None:
    """Ends the process; flushes first, so that a closed pipe or a full disk is noticed here."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if code is ExitCode.OK and not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"scaffold: output: {error.strerror}\n")
            code = ExitCode.ENVIRONMENT
    gc.freeze()  # what is still there goes with the process: nobody need look through it at the end
    raise SystemExit(int(code))
