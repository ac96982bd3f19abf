"""The test kit for generators, ours and third parties': run one in memory, look at the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scaffold import __version__, registry
from scaffold.aspects import Aspect
from scaffold.engine import Fold, Generator
from scaffold.plan import Plan, Status
from scaffold.record import read_record
from scaffold.templates import Templates
from scaffold.tree import Entry, MemorySource, Tree


def tree(files: Mapping[str, str | bytes]) -> Tree:
    """A tree in memory with these files."""
    return Tree(
        MemorySource(
            {
                path: Entry(content.encode() if isinstance(content, str) else content)
                for path, content in files.items()
            }
        )
    )


def run(
    generator: Generator,
    arguments: Mapping[str, Any] | None = None,
    *,
    on: Tree | None = None,
    name: str = "",
    templates: Path | None = None,
    aspects: Mapping[str, Aspect] | None = None,
    pins: Mapping[str, str] | None = None,
) -> Plan:
    """The plan of one generator on a tree, its run recorded as the command line would do.

    ``name`` is the generator's entry point (by default the function's own name); ``templates``
    is its template folder where that isn't installed; ``aspects`` come on top of those installed;
    ``pins`` is what the command line states: ``app``, ``no_wire``, ``merge_heads``. Nothing is written.
    """
    name = name or generator.__name__
    before = on or tree({})
    known = {name: templates} if templates else {}
    look_up = Templates(lambda folder: known.get(folder) or registry.template_folder(folder))
    record = read_record(before)
    installed = registry.aspects() | dict(aspects or {})
    fold = Fold(before, record, look_up, registry.load, pins, aspects=lambda: installed)
    fold.run(generator, arguments or {})
    recorded = fold.recorded(name, arguments or {}, __version__)
    if recorded is not None and not fold.plan().refusals:
        fold.write(recorded.path, Entry(recorded.to_bytes()), Status.CREATED)
    return fold.plan()


def changed(plan: Plan) -> dict[str, str]:
    """What the plan leaves at each path that it changes, its own record left out; "" if gone."""
    return {
        change.path: change.after.content.decode() if change.after else ""
        for change in plan.changes
        if not change.path.startswith(".scaffold/")
    }


def paths(plan: Plan, *statuses: Status) -> set[str]:
    """The paths of a plan with one of these statuses (all by default), its record left out."""
    wanted: Iterable[Status] = statuses or tuple(Status)
    return {
        step.path
        for step in plan.steps
        if step.status in wanted and not step.path.startswith(".scaffold/")
    }
