"""A step of the job that runs the tests, in a workflow of GitHub Actions, and out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffold.codemods.compose import plain, read_yaml, value_of
from scaffold.codemods.joined import Edit
from scaffold.codemods.lines import line_start, next_line, replace
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.pasted import refuse

if TYPE_CHECKING:
    import yaml


def add_step(content: bytes, *, run: str) -> Outcome:
    """Add ``- run: …`` in front of the first command of the one job that runs pytest.

    Already where a step of that job runs it, whatever else it does.
    """
    found = _jobs(content)
    if isinstance(found, Cannot):
        return found
    text, jobs = found
    lacking = [steps for steps in jobs if not any(run in _command(step) for step in steps)]
    if jobs and not lacking:
        there = next(step for step in jobs[0] if run in _command(step))
        return Already(there.start_mark.line + 1)
    edits = [_step(text, steps, run) for steps in lacking]
    if len(jobs) != 1:
        reason = f"{len(jobs)} of its jobs run pytest, and one should: add it to each that needs it"
        return refuse(text, edits, reason) if edits else Cannot(reason)
    (steps,) = jobs
    expected = [plain(step) for step in steps]
    first = next(step for step in steps if _command(step))
    expected.insert(steps.index(first), plain(_parsed(f"run: {run}")))
    return _proven(content, replace(text, edits), expected)


def _step(text: str, steps: list[Any], run: str) -> Edit:
    """The step in front of the first command of these."""
    first = next(step for step in steps if _command(step))
    start = line_start(text, first.start_mark.index)
    lead = text[start : first.start_mark.index]
    end = "\r\n" if text[: next_line(text, start)].endswith("\r\n") else "\n"
    return start, start, f"{lead}run: {run}{end}"


def remove_step(content: bytes, *, run: str) -> Outcome:
    """Take out the step that ``add_step`` put in; Already where it is not there as it was."""
    found = _steps(content)
    if isinstance(found, Cannot):
        return found
    text, steps = found
    ours = [step for step in steps if plain(step) == plain(_parsed(f"run: {run}"))]
    if not ours:
        return Already()
    start = line_start(text, ours[0].start_mark.index)
    end = next_line(text, value_of(ours[0], "run").end_mark.index)
    new = replace(text, [(start, end, "")])
    return _proven(content, new, [plain(step) for step in steps if step is not ours[0]])


def _parsed(text: str) -> yaml.Node | None:
    import yaml

    return yaml.compose(text, Loader=yaml.SafeLoader)


def _steps(content: bytes) -> tuple[str, list[Any]] | Cannot:
    """The text, and the steps of the one job in which pytest runs."""
    found = _jobs(content)
    if isinstance(found, Cannot):
        return found
    text, jobs = found
    if len(jobs) != 1:
        return Cannot(f"{len(jobs)} of its jobs run pytest")
    return text, jobs[0]


def _jobs(content: bytes) -> tuple[str, list[list[Any]]] | Cannot:
    """The text, and the steps of each job in which pytest runs."""
    import yaml

    parsed = read_yaml(content)
    if isinstance(parsed, Cannot):
        return parsed
    text, root = parsed
    jobs = value_of(root, "jobs")
    return text, [
        steps.value
        for _, job in (jobs.value if isinstance(jobs, yaml.MappingNode) else ())
        if isinstance(steps := value_of(job, "steps"), yaml.SequenceNode)
        and not steps.flow_style
        and any("pytest" in _command(step) for step in steps.value)
    ]


def _command(step: Any) -> str:
    command = value_of(step, "run")
    return str(command.value) if command is not None else ""


def _proven(content: bytes, new: str, expected: list[Any]) -> Outcome:
    """The edited file, if its steps are those expected."""
    bom = b"\xef\xbb\xbf"
    patched = (bom if content.startswith(bom) else b"") + new.encode()
    found = _steps(patched)
    if isinstance(found, Cannot) or [plain(step) for step in found[1]] != expected:
        return Cannot("the step can't be put in or taken out without changing something else")
    return Patched(patched)
