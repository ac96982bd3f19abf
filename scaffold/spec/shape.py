"""Recorded data looked at before it is trusted: the record is a file that anybody can edit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from scaffold.spec.errors import UsageError
from scaffold.spec.text import quoted


def shaped(
    data: object, what: str, shape: Mapping[str, type], optional: Collection[str] = ()
) -> dict[str, Any]:
    """``data`` as a dict with the keys of ``shape`` and values of exactly its types.

    Raises UsageError, which calls the data ``what``.
    """
    if type(data) is not dict or not set(data) <= set(shape):
        raise UsageError(f"a recorded {what} has other properties than {', '.join(shape)}")
    for key, kind in shape.items():
        if key in data and type(data[key]) is not kind:
            raise UsageError(f"a recorded {what} has {quoted(str(data[key]))} as its {key}")
        if key not in data and key not in optional:
            raise UsageError(f"a recorded {what} has no {key}")
    return data
