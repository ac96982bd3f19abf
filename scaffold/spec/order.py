"""The order in which a set of resources can be made: what is referred to before what refers to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scaffold.spec.fields import Field


@dataclass
class Ordered:
    """Names in an order in which they can be made, and by name the fields that must come later.

    References in a circle can't all be there from the start: one that may be null waits.
    """

    names: list[str] = field(default_factory=list)
    later: dict[str, list[Field]] = field(default_factory=dict)


def order_of(wanted: Mapping[str, Sequence[Field]]) -> Ordered:
    """The order of resources by plural name, each with its fields.

    It is that of ``wanted``, but for what others refer to. A circle of references that are all
    required is left as it is: making it is refused where it is made.
    """
    ordered, left = Ordered(), list(wanted)

    def missing(name: str) -> list[Field]:
        return [one for one in wanted[name] if one.to in left and one.to != name]

    while left:
        whole = (name for name in left if not missing(name))
        waiting = (name for name in left if all(map(_can_wait, missing(name))))
        name = next(whole, None) or next(waiting, left[0])
        if later := [one for one in missing(name) if _can_wait(one)]:
            ordered.later[name] = later
        left.remove(name)
        ordered.names.append(name)
    return ordered


def _can_wait(one: Field) -> bool:
    return one.optional or one.type == "many"
