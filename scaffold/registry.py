"""Which generators are installed: entry points, ours and third parties' alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from scaffold import installed
from scaffold.installed import EntryPoint
from scaffold.spec.errors import MachineError, ScaffoldError, UsageError

if TYPE_CHECKING:
    from scaffold.aspects import Aspect

GROUP = "scaffold.generators"
COMMANDS = "scaffold.commands"
ASPECTS = "scaffold.aspects"


@cache
def entry_points(group: str = GROUP) -> dict[str, EntryPoint]:
    """What is installed in ``group``, by name; nothing of it is imported, none replaces ours.

    ``GROUP`` are the generators of ``scaffold add``, ``COMMANDS`` those that are a command by
    themselves, ``ASPECTS`` what generators add to single resources.
    """
    points = (point for point in installed.entry_points() if point.group == group)
    return {point.name: point for point in sorted(points, key=_ours)}


@cache
def aspects() -> dict[str, Aspect]:
    """The installed aspects by name, sorted.

    Raises:
        MachineError: one is installed but can't be imported, or is none.
    """
    from scaffold.aspects import Aspect

    found = {}
    for name, point in sorted(entry_points(ASPECTS).items()):
        aspect = _imported(f"aspect {name!r} ({point.value})", point)
        if not isinstance(aspect, Aspect):
            raise MachineError(
                f"aspect {name!r} ({point.value}) is none",
                hint="its entry point must name a scaffold.api.Aspect",
            )
        found[name] = aspect
    return found


def command(name: str) -> str:
    """What ``load`` knows the command ``name`` by: another function of a generator's module.

    ``scaffold cache resource …`` is ``cache:resource``, beside the generator of ``scaffold add cache``.
    """
    function = entry_points(COMMANDS)[name].value.rpartition(":")[2]
    return f"{name}:{function}" if name in entry_points() else name


def load(name: str) -> Callable[..., Iterable[Any]]:
    """The generator called ``name``; ``name:part`` is another function of its module.

    What a third party's raises when it runs is a MachineError that names it.

    Raises:
        UsageError: there is none.
        MachineError: it is installed but can't be imported, or is no function.
    """
    name, _, part = name.partition(":")
    point = entry_points().get(name) or entry_points(COMMANDS).get(name)
    if point is None:
        there = ", ".join(sorted(entry_points()))
        raise UsageError(f"no generator is called {name!r}", hint=f"there are: {there}")
    where = f"generator {name!r} ({point.value})"
    generator = _imported(where, point)
    if part:
        generator = getattr(import_module(point.module), part, None)
    if not callable(generator):
        raise MachineError(
            f"{where} is not a function",
            hint="its entry point must name a function that yields actions",
        )
    return generator if _ours(point) else _named(where, generator)


def _imported(where: str, point: EntryPoint) -> Any:
    """What an entry point names, and what its annotations name, imported."""
    try:
        loaded = point.load()
        if callable(loaded):
            get_type_hints(loaded)
    except (Exception, SystemExit) as error:  # whatever a third party's import does
        raise MachineError(
            f"{where} can't be loaded: {_one_line(error)}",
            hint="upgrade or uninstall the package that brings it",
        ) from error
    return loaded


@cache
def template_folder(name: str) -> Path | None:
    """Where a third party's generator keeps its templates: ``templates/`` beside its module.

    None for the generators that scaffold brings; they are told by their module, so that
    ``scaffold new`` needn't read the entry points.
    """
    module = Path(__file__).parent / "generators" / name
    if module.is_dir() or module.with_suffix(".py").is_file():
        return None
    point = entry_points().get(name) or entry_points(COMMANDS).get(name)
    if point is None:
        return None
    from importlib.util import find_spec

    spec = find_spec(point.module)
    return Path(spec.origin).parent / "templates" if spec and spec.origin else None


def _ours(point: EntryPoint) -> bool:
    return point.module.split(".")[0] == "scaffold"


def _named(where: str, generator: Callable[..., Iterable[Any]]) -> Callable[..., Iterable[Any]]:
    """The same generator; a fault of its own is told as that, not as a bug of ours."""
    from scaffold.actions import Action

    @wraps(generator)
    def actions(*arguments: Any, **options: Any) -> Iterator[Any]:
        try:
            for action in generator(*arguments, **options):
                if not isinstance(action, Action):
                    raise TypeError(f"it yielded {action!r:.60}, which is no action")
                yield action
        except ScaffoldError:
            raise
        except (Exception, SystemExit) as error:
            raise MachineError(
                f"{where} failed: {_one_line(error)}{_last_line(error)}",
                hint="report it to the package that brings it",
            ) from error

    return actions


def _one_line(error: BaseException) -> str:
    said = str(error).splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__


def _last_line(error: BaseException) -> str:
    """Where in the generator it happened, if it got as far as that."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None or frame.tb_frame.f_globals.get("__name__") == __name__:
        return ""
    return f" ({frame.tb_frame.f_code.co_filename}:{frame.tb_lineno})"
