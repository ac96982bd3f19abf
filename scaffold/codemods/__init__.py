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
    "add_requirement": "scaffold.codemods.requirements",
    "add_setting": "scaffold.codemods.settings",
    "add_variable": "scaffold.codemods.settings",
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


INVERSES = {
    "include_router": ("exclude_router", ("module", "name", "package")),
    "enter_lifespan": ("leave_lifespan", ("module", "name", "package", "line_length")),
    "add_section": ("remove_section", ("heading", "text")),
    "include_lifespan": ("exclude_lifespan", ("module", "name", "package")),
    "add_middleware": ("remove_middleware", ("module", "name", "package", "line_length")),
    "add_service": ("remove_service", ("name", "lines", "environment")),
    "set_variable": ("unset_variable", ("name", "value")),
}
"""The codemods with an inverse by meaning: its name, and which of the arguments it takes."""


def invert(name: str, content: bytes, arguments: Mapping[str, object]) -> Outcome:
    """Take out by meaning what ``apply`` with these arguments put in; Cannot unless it is sure."""
    if name not in INVERSES:
        return Cannot(f"{name} has no inverse by meaning")
    inverse, names = INVERSES[name]
    return apply(inverse, content, {k: arguments[k] for k in names if k in arguments})


__all__ = ["CODEMODS", "INVERSES", "Already", "Cannot", "Outcome", "Patched", "apply", "invert"]
