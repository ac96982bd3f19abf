"""Which generators are installed: entry points, ours and third parties' alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from scaffold.spec.errors import MachineError, ScaffoldError, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "scaffold.generators"


@cache
def entry_points() -> dict[str, EntryPoint]:
    """The installed generators by name; nothing of them is imported, none replaces ours."""
    from importlib.metadata import entry_points as installed

    return {point.name: point for point in sorted(installed(group=GROUP), key=_ours)}


def load(name: str) -> Callable[..., Iterable[Any]]:
    """The generator called ``name``.

    What a third party's raises when it runs is a MachineError that names it.

    Raises:
        UsageError: there is none.
        MachineError: it is installed but can't be imported, or is no function.
    """
    known = entry_points()
    if name not in known:
        raise UsageError(
            f"no generator is called {name!r}", hint=f"there are: {', '.join(sorted(known))}"
        )
    point = known[name]
    where = f"generator {name!r} ({point.value})"
    try:
        generator = point.load()
        hints = get_type_hints(generator) if callable(generator) else None
    except (Exception, SystemExit) as error:  # whatever a third party's import does
        raise MachineError(
            f"{where} can't be loaded: {_one_line(error)}",
            hint="upgrade or uninstall the package that brings it",
        ) from error
    if hints is None:
        raise MachineError(
            f"{where} is not a function",
            hint="its entry point must name a function that yields actions",
        )
    return generator if _ours(point) else _named(where, generator)


@cache
def template_folder(name: str) -> Path | None:
    """Where a third party's generator keeps its templates: ``templates/`` beside its module.

    None for the generators that scaffold brings; they are told by their module, so that
    ``scaffold new`` needn't read the entry points.
    """
    module = Path(__file__).parent / "generators" / name
    if module.is_dir() or module.with_suffix(".py").is_file():
        return None
    point = entry_points().get(name)
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
