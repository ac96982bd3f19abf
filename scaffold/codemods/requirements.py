"""Add a requirement to whatever manifest a repository keeps, by splicing one entry into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from scaffold.codemods import manifest_lines, manifest_toml
from scaffold.codemods.outcome import Cannot, Outcome
from scaffold.codemods.requirement import Requirement, read_requirement

_Editor = Callable[[str, Requirement, str], "str | Outcome"]
_EDITORS: dict[str, _Editor] = {
    "pyproject.toml": manifest_toml.pyproject,
    "Pipfile": manifest_toml.pipfile,
    "setup.cfg": manifest_lines.setup_cfg,
    "environment.yml": manifest_lines.environment,
    "environment.yaml": manifest_lines.environment,
}
BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def add_requirement(content: bytes, *, requirement: str, file: str, group: str = "") -> Outcome:
    """Add ``requirement`` (as PEP 508 writes it) to the manifest ``content``.

    ``file`` is the manifest's path; its name tells the format. ``group`` is a development group
    such as ``dev`` ("" for what the application itself needs). Already when a requirement of
    that name with these extras is there, whatever its version; missing extras are put into it.
    Raises ValueError when ``requirement`` isn't one.
    """
    wanted = read_requirement(requirement)
    if wanted is None:
        raise ValueError(f"not a requirement: {requirement!r}")
    bom, encoding = next(((b, e) for b, e in BOMS if content.startswith(b)), (b"", "utf-8"))
    name = PurePosixPath(file).name
    edit = _EDITORS.get(name, manifest_lines.requirements)
    try:
        text = content[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        return Cannot(f"{name} is not {encoding}: {error.reason}: save it as UTF-8")
    result = edit(text, wanted, group)
    if not isinstance(result, str):
        return result
    from scaffold.codemods.outcome import Patched

    return Patched(bom + result.encode(encoding))
