"""Pure functions ``bytes → Patched | Already | Cannot`` that change files which aren't ours.

A plan names a codemod and its plain arguments, so it is data; ``apply`` is what runs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched

CODEMODS = {
    "include_router": "scaffold.codemods.router",
    "exclude_router": "scaffold.codemods.unrouter",
    "enter_lifespan": "scaffold.codemods.lifespan",
    "leave_lifespan": "scaffold.codemods.lifespan",
    "include_lifespan": "scaffold.codemods.lifespan_router",
    "exclude_lifespan": "scaffold.codemods.lifespan_router",
    "add_section": "scaffold.codemods.sections",
    "remove_section": "scaffold.codemods.sections",
    "add_middleware": "scaffold.codemods.middleware",
    "remove_middleware": "scaffold.codemods.unmiddleware",
    "add_service": "scaffold.codemods.compose",
    "remove_service": "scaffold.codemods.compose",
    "add_step": "scaffold.codemods.workflow",
    "remove_step": "scaffold.codemods.workflow",
    "add_operations": "scaffold.codemods.operations",
    "remove_operations": "scaffold.codemods.operations",
    "add_requirement": "scaffold.codemods.requirements",
    "remove_requirement": "scaffold.codemods.unrequire",
    "import_name": "scaffold.codemods.exports",
    "drop_name": "scaffold.codemods.exports",
    "add_setting": "scaffold.codemods.settings",
    "remove_setting": "scaffold.codemods.unset",
    "add_variable": "scaffold.codemods.settings",
    "remove_variable": "scaffold.codemods.unset",
    "set_variable": "scaffold.codemods.variables",
    "unset_variable": "scaffold.codemods.variables",
}
"""Every codemod's name and the module that holds the function of that name."""


def apply(name: str, content: bytes, arguments: Mapping[str, object]) -> Outcome:
    """Run the codemod ``name`` on a file's bytes.

    Raises KeyError for a name that isn't in ``CODEMODS`` and TypeError for arguments it
    doesn't take: both are bugs of the caller, never of the file.
    """
    outcome = getattr(import_module(CODEMODS[name]), name)(content, **arguments)
    assert isinstance(outcome, Patched | Already | Cannot)
    return outcome


INSERTED = "inserted"
"""The argument of an inverse that is the text which the patch put in, not one of the patch's own."""

INVERSES = {
    "include_router": ("exclude_router", ("module", "name", "package", "call")),
    "add_requirement": ("remove_requirement", ("requirement", "file", "group", INSERTED)),
    "add_setting": ("remove_setting", ("name", "annotation", "default", "class_name")),
    "add_variable": ("remove_variable", ("name", "value", "comment")),
    "enter_lifespan": ("leave_lifespan", ("module", "name", "package", "line_length")),
    "add_section": ("remove_section", ("heading", "text")),
    "include_lifespan": ("exclude_lifespan", ("module", "name", "package", "line_length")),
    "add_middleware": ("remove_middleware", ("module", "name", "package", "line_length")),
    "import_name": ("drop_name", ("module", "name", "package")),
    "add_service": ("remove_service", ("name", "lines", "environment")),
    "add_step": ("remove_step", ("run",)),
    "add_operations": ("remove_operations", ("paths", "methods", "reason", "statuses")),
    "set_variable": ("unset_variable", ("name", "value")),
}
"""The codemods with an inverse by meaning: its name, and which of the arguments it takes."""


SHARING = frozenset({"add_section"})
"""The codemods whose text may hold what others need later: their inverse knows, the text doesn't."""


def invert(
    name: str, content: bytes, arguments: Mapping[str, object], inserted: bytes = b""
) -> Outcome:
    """Take out by meaning what ``apply`` with these arguments put in; Cannot unless it is sure.

    ``inserted`` is the text that it put in, as far as that is known.
    """
    if name not in INVERSES:
        return Cannot(f"{name} has no inverse by meaning")
    inverse, names = INVERSES[name]
    known = {**arguments, INSERTED: inserted.decode("utf-8", "replace")}
    return apply(inverse, content, {k: known[k] for k in names if k in known})


def tidy(name: str, content: bytes, removed: bytes, inserted: bytes) -> bytes:
    """What the codemod ``name`` changed for others too, as it was; ``removed`` became ``inserted``.

    For when what it put in went earlier, and something else needed the rest until now.
    """
    from scaffold.codemods.lifespan import relay_lifespan
    from scaffold.codemods.sections import PARENT, remove_parent

    if name == "enter_lifespan":
        return relay_lifespan(content, removed)
    if name == "add_section" and f"## {PARENT}".encode() in inserted.splitlines():
        return remove_parent(content)
    return content


__all__ = [
    "CODEMODS",
    "INVERSES",
    "Already",
    "Cannot",
    "Outcome",
    "Patched",
    "apply",
    "invert",
    "tidy",
]
