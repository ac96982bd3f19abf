"""Which generators are installed: entry points, ours and third parties' alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.spec.errors import MachineError, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "scaffold.generators"


@cache
def entry_points() -> dict[str, EntryPoint]:
    """The installed generators by name; nothing of them is imported."""
    from importlib.metadata import entry_points as installed

    return {point.name: point for point in installed(group=GROUP)}


def load(name: str) -> Callable[..., Iterable[Any]]:
    """The generator called ``name``.

    Raises:
        UsageError: there is none.
        MachineError: it is installed but can't be imported.
    """
    known = entry_points()
    if name not in known:
        raise UsageError(
            f"no generator is called {name!r}", hint=f"there are: {', '.join(sorted(known))}"
        )
    point = known[name]
    try:
        generator = point.load()
    except Exception as error:  # whatever a third party's import raises is one line of ours
        reason = str(error).splitlines()[0] if str(error) else ""
        raise MachineError(
            f"generator {name!r} ({point.value}) can't be loaded: "
            f"{type(error).__name__}: {reason}".rstrip(": "),
            hint="upgrade or uninstall the package that brings it",
        ) from error
    if not callable(generator):
        raise MachineError(
            f"generator {name!r} ({point.value}) is not a function",
            hint="its entry point must name a function that yields actions",
        )
    return generator  # type: ignore[no-any-return]  # an entry point can name anything


@cache
def template_folder(name: str) -> Path | None:
    """Where a third party's generator keeps its templates: ``templates/`` beside its module.

    None for the generators that scaffold brings.
    """
    point = entry_points().get(name)
    if point is None or point.module.split(".")[0] == "scaffold":
        return None
    from importlib.util import find_spec

    spec = find_spec(point.module)
    return Path(spec.origin).parent / "templates" if spec and spec.origin else None
