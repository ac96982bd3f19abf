"""The command line: parse, call the workflow, leave with its exit code. No logic lives here."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from scaffold import __version__
from scaffold.cli.common import Json, Quiet, Root, Shared, fail, leave, open_streams
from scaffold.cli.generators import AddGroup, RemoveGroup, RootGroup
from scaffold.spec.errors import ExitCode, MachineError, ScaffoldError, UsageError

app = typer.Typer(
    name="scaffold",
    cls=RootGroup,
    help="Generates layered FastAPI code, patches existing apps, and takes everything back.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(
    typer.Typer(cls=AddGroup, no_args_is_help=True, rich_markup_mode=None),
    name="add",
    help="Add a resource or a capability to this project.",
)
app.add_typer(
    typer.Typer(cls=RemoveGroup, no_args_is_help=True, rich_markup_mode=None),
    name="remove",
    help="Take a resource or a capability out again, whatever came after it.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"scaffold {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    root: Root = "",
    quiet: Quiet = False,
    json: Json = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Generates layered FastAPI code, patches existing apps, and takes everything back."""
    context.obj = Shared(root, quiet, json)


def main() -> None:
    """Runs the command line; every ending is a documented exit code, none a traceback."""
    from scaffold.cli import commands  # noqa: F401  (registers the commands on ``app``)

    open_streams()
    try:
        code = app(standalone_mode=False)
        leave(ExitCode(code) if isinstance(code, int) else ExitCode.OK)
    except KeyboardInterrupt as error:
        stands = error.args[0] if error.args else "nothing was left half done"
        _end(ExitCode.INTERRUPTED, f"interrupted; {stands}")
    except BrokenPipeError:
        leave(ExitCode.OK)
    except ScaffoldError as error:
        fail(error, command=_command(), as_json="--json" in sys.argv)
        leave(error.exit_code)
    except typer.Abort:
        _end(ExitCode.INTERRUPTED, "interrupted; nothing was written")
    except Exception as error:  # noqa: BLE001  (what is left is one line, never a traceback)
        _unexpected(error)


def _command() -> str:
    return " ".join(argument for argument in sys.argv[1:3] if not argument.startswith("-"))


def _end(code: ExitCode, message: str) -> None:
    print(f"scaffold: {message}", file=sys.stderr)
    leave(code)


def _unexpected(error: Exception) -> None:
    """Usage errors of Typer's own become ours; anything else is a bug and says so in one line."""
    from typer.exceptions import TyperException

    if os.environ.get("SCAFFOLD_DEBUG"):
        raise error
    known: ScaffoldError
    if isinstance(error, TyperException):
        message = error.format_message()
        if message.startswith("Usage:"):  # a group without a command: its help is the answer
            print(message, file=sys.stderr)
            leave(ExitCode.USAGE)
        known = UsageError(message.rstrip("."), hint="see --help")
    elif isinstance(error, OSError):
        gone = isinstance(error, FileNotFoundError)  # without a name: only cwd fails like that
        place = error.filename or ("the current directory" if gone else "output")
        known = MachineError(f"{place}: {error.strerror}")
    else:
        known = ScaffoldError(
            f"a bug in scaffold: {type(error).__name__}: {error}",
            hint="run again with SCAFFOLD_DEBUG=1 and report what it prints",
        )
    fail(known, command=_command(), as_json="--json" in sys.argv)
    leave(known.exit_code)
