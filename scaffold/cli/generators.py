"""``scaffold add …`` and ``scaffold remove …``: a command for each installed generator."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

import typer

from scaffold import registry
from scaffold.cli import common, databases
from scaffold.cli.common import PlainCommand, PlainGroup
from scaffold.spec.errors import MachineError, UsageError

if TYPE_CHECKING:
    from scaffold.workflow import Arrange, Call


SET = "resources"  # what ``scaffold add`` calls several resources at once
_CONTEXT = inspect.Parameter(
    "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
)


class RootGroup(PlainGroup):
    """The commands of ``scaffold``: its own, and the generators that are one by themselves."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Our own in their order, then the names of the entry points."""
        return [*super().list_commands(ctx), *sorted(registry.entry_points(registry.COMMANDS))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One of our own, else the command of a generator; only this one is imported."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in registry.entry_points(registry.COMMANDS):
            return own
        name = registry.command(cmd_name)
        return _typer_command(add_function(name, registry.load(name), title=cmd_name), cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Our own with their help, the others by name: a help text would cost an import each."""
        own = [
            (name, PlainGroup.get_command(self, ctx, name)) for name in super().list_commands(ctx)
        ]
        rows = [(name, command.get_short_help_str(60)) for name, command in own if command]
        more = sorted(registry.entry_points(registry.COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl([*rows, *((name, f"see: scaffold {name} --help") for name in more)])


class AddGroup(PlainGroup):
    """A command for each generator; its function is its command line, its docstring its help."""

    more: tuple[str, ...] = (SET,)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the entry points, and our own; nothing is imported for a listing."""
        return sorted([*registry.entry_points(), *self.more])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of one generator; only this one is imported."""
        if cmd_name in self.more:
            return _typer_command(_set_function(registry.load("resource")), SET)
        if cmd_name not in registry.entry_points():
            return None
        generator = registry.load(cmd_name)
        return _typer_command(add_function(cmd_name, generator, title=f"add {cmd_name}"), cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The names alone: a help text would cost an import each."""
        with formatter.section("Generators"):
            names = self.list_commands(ctx)
            formatter.write_dl([(name, f"see: {ctx.command_path} {name} --help") for name in names])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Typer's, with the generators' names as what may have been meant."""
        if args and args[0] not in registry.entry_points() and args[0] not in self.more:
            registry.load(args[0])  # says what there is
        return super().resolve_command(ctx, args)


def _typer_command(function: Callable[..., Any], name: str, *, help_option: bool = True) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, cls=PlainCommand, add_help_option=help_option)(function)
    return typer.main.get_command(app)


def add_function(
    name: str, generator: Callable[..., Iterable[Any]], *, title: str
) -> Callable[..., None]:
    """A function with the generator's parameters and the common options, for Typer to read.

    A generator that takes ``**aspects`` has the options of every installed aspect as well.
    """
    declared = _own(generator)
    read = databases.OPTIONS if name == "resource" else ()

    def command(context: typer.Context, **values: Any) -> None:
        from scaffold.workflow import Call

        database = {option.name: values.pop(option.name) for option in read}
        arguments = _said(declared, values)
        named = arguments.get("name")
        said = f"{title} {named}" if isinstance(named, str) and named else title
        if read:
            _add(context, values, said, lambda: databases.calls(arguments, database, values))
        else:
            _add(context, values, said, lambda: [Call(name, arguments)])

    own = [_parameter(parameter) for parameter in declared]
    if read:
        own = [databases.optional(p) if p.name == "name" else p for p in own]
    return _signed(command, [_CONTEXT, *own, *read, *_common_parameters()], generator.__doc__)


def _set_function(generator: Callable[..., Iterable[Any]]) -> Callable[..., None]:
    """The command that adds several resources, each said as on the command line of one."""

    def command(context: typer.Context, **values: Any) -> None:
        said, file = values.pop("resources"), values.pop("from_")
        from scaffold.sets import arranged

        read = partial(read_set, generator, said or (), file)
        _add(context, values, f"add {SET}", read, arranged)

    keyword = inspect.Parameter.KEYWORD_ONLY
    lines = Annotated[
        list[str],
        typer.Argument(help="A quoted command line each: 'orders total:int'.", show_default=False),
    ]
    file = Annotated[
        str,
        typer.Option("--from", metavar="FILE", help="A file with one a line; - for stdin."),
    ]
    own = [
        inspect.Parameter("resources", keyword, default=[], annotation=lines),
        inspect.Parameter("from_", keyword, default="", annotation=file),
    ]
    text = "Add several resources at once: one plan, one commit."
    return _signed(command, [_CONTEXT, *own, *_common_parameters()], text)


def read_set(generator: Callable[..., Iterable[Any]], said: Sequence[str], file: str) -> list[Call]:
    """A call for each resource that is said, those of the file last.

    Raises UsageError, with the place of each line that is none.
    """
    from typer.exceptions import TyperException

    from scaffold.spec.lines import Line, read_lines, split_words
    from scaffold.workflow import Call

    places = [(f"resource {number}", text) for number, text in enumerate(said, 1)]
    lines = [Line(where, split_words(text, where)) for where, text in places]
    if file:
        text = sys.stdin.read() if file == "-" else common.read_text(file)
        lines += read_lines(text, "stdin" if file == "-" else file)
    declared = _own(generator)
    read = _signed(
        lambda **values: _said(declared, values), [_parameter(p) for p in declared], None
    )
    command = _typer_command(read, "resource", help_option=False)
    calls = []
    for line in lines:
        try:
            arguments = command.main(list(line.words), "resource", standalone_mode=False)
        except TyperException as error:
            raise UsageError(f"{line.where}: {error.format_message().rstrip('.')}") from error
        calls.append(Call("resource", arguments, where=line.where))
    if not calls:
        raise UsageError(f"add {SET}: none is said", hint="name some, or a file with --from FILE")
    return calls


def _said(declared: Sequence[inspect.Parameter], values: dict[str, Any]) -> dict[str, Any]:
    """What a command line says: what was left at its default is no part of the command.

    A later default is then no new run.
    """
    return {
        parameter.name: not value if _is_negated(parameter) else value
        for parameter in declared
        if (value := values.pop(parameter.name)) != _parameter(parameter).default and value != ()
    }


def _signed(
    function: Callable[..., Any], parameters: Sequence[inspect.Parameter], doc: str | None
) -> Callable[..., Any]:
    """``function`` with the parameters that Typer is to read."""
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {p.name: p.annotation for p in parameters}
    function.__doc__ = doc
    return function


def _add(
    context: typer.Context,
    values: dict[str, Any],
    title: str,
    calls: Callable[[], list[Call]],
    arranged: Arrange | None = None,
) -> None:
    """Runs calls of generators with the common options in ``values``."""
    flags = common.shared(context, values["root"], values["quiet"], values["json"])

    def work() -> Any:
        from scaffold.workflow import generate

        options = common.options_for(
            flags,
            dry_run=values["dry_run"],
            verify=values["verify"],
            python=values["python"],
            pins={
                "app": values["app"],
                "no_wire": "yes" if values["no_wire"] else "",
                "merge": "yes" if values["merge"] else "",
                "merge_heads": "yes" if values["merge_heads"] else "",
            },
        )
        return generate(calls(), options, title=title, arranged=arranged)

    common.show(flags, title, work)


def _own(generator: Callable[..., Any]) -> list[inspect.Parameter]:
    """The generator's parameters without its context, annotations resolved."""
    own = _resolved(generator)[1:]
    if own and own[-1].kind is inspect.Parameter.VAR_KEYWORD:
        own[-1:] = [
            parameter
            for aspect in registry.aspects().values()
            for parameter in _resolved(aspect.options)
        ]
    return own


def _resolved(function: Callable[..., Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(function, include_extras=True)
    return [
        parameter.replace(annotation=hints.get(parameter.name, str))
        for parameter in inspect.signature(function).parameters.values()
    ]


def _parameter(parameter: inspect.Parameter) -> inspect.Parameter:
    kind, help_text = _annotation(parameter.annotation)
    default = parameter.default
    annotated: Any
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        annotated = Annotated[list[str], typer.Argument(help=help_text, show_default=False)]
        default = []
    elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
        flag = "--" + parameter.name.replace("_", "-")
        if _is_negated(parameter):
            flag, default = "--no-" + flag[2:], False
        annotated = Annotated[kind, typer.Option(flag, help=help_text)]
    else:
        annotated = Annotated[kind, typer.Argument(help=help_text)]
    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=annotated,
    )


def _is_negated(parameter: inspect.Parameter) -> bool:
    """Whether a flag is on unless ``--no-…`` turns it off."""
    return _annotation(parameter.annotation)[0] is bool and parameter.default is True


def _annotation(annotation: Any) -> tuple[Any, str]:
    """The type of a parameter and its help: the first string of its ``Annotated``."""
    if get_origin(annotation) is Annotated:
        kind, *extras = get_args(annotation)
        return kind, next((extra for extra in extras if isinstance(extra, str)), "")
    return annotation, ""


def _common_parameters() -> list[inspect.Parameter]:
    keyword = inspect.Parameter.KEYWORD_ONLY
    table: tuple[tuple[str, Any, Any], ...] = (
        ("dry_run", common.DryRun, False),
        ("json", common.Json, False),
        ("app", common.App, ""),
        ("no_wire", common.NoWire, False),
        ("merge_heads", common.MergeHeads, False),
        ("merge", common.Merge, False),
        ("verify", common.Verify, None),
        ("python", common.Python, ""),
        ("root", common.Root, ""),
        ("quiet", common.Quiet, False),
    )
    return [inspect.Parameter(n, keyword, default=d, annotation=a) for n, a, d in table]


class RemoveGroup(AddGroup):
    """A command for each generator that takes out what it put in."""

    more = ()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The generator's own ``remove``, where its module has one; else its runs are taken back.

        A generator that can't be loaded any more isn't needed for that.
        """
        if cmd_name not in registry.entry_points():
            return None
        try:
            own = registry.load(f"{cmd_name}:remove")
        except MachineError:
            return _typer_command(_remove_function(cmd_name), cmd_name)
        title = f"remove {cmd_name}"
        return _typer_command(add_function(f"{cmd_name}:remove", own, title=title), cmd_name)


def _remove_function(generator: str) -> Callable[..., None]:
    def command(
        context: typer.Context,
        name: Annotated[str, typer.Argument(help="Which one, where there are several.")] = "",
        delete_migration: Annotated[
            bool,
            typer.Option(
                "--delete-migration",
                help="Delete its migration instead of writing one that drops the table.",
            ),
        ] = False,
        keep: common.Keep = False,
        force: common.Force = False,
        dry_run: common.DryRun = False,
        json: common.Json = False,
        root: common.Root = "",
        quiet: common.Quiet = False,
    ) -> None:
        flags = common.shared(context, root, quiet, json)

        def work() -> Any:
            from scaffold.undo import remove

            return remove(
                common.options_for(flags, dry_run=dry_run, verify=False),
                generator,
                _plural(common.asked(name, "NAME")) if generator == "resource" else name or None,
                common.edited_files(keep, force),
                delete_migration=delete_migration,
            )

        common.show(flags, f"remove {generator} {name}".strip(), work)

    command.__doc__ = f"Take back what `scaffold add {generator}` did, later work staying."
    return command


def _plural(name: str) -> str:
    from scaffold.spec.naming import parse_name

    return parse_name(name).snake_plural
