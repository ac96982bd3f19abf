"""``add resource --from-database URL [--table TABLE]…``: what it takes, and what it turns into."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli import common
from scaffold.spec.errors import UsageError

if TYPE_CHECKING:
    from scaffold.workflow import Call

_URL = Annotated[
    str,
    typer.Option(
        "--from-database",
        metavar="URL",
        help="Instead of NAME and FIELDS: the tables of this database, which stay as they are.",
        show_default=False,
    ),
]
_TABLES = Annotated[
    list[str],
    typer.Option(
        "--table",
        metavar="TABLE",
        help="Of --from-database, this table alone; may be said again.",
        show_default=False,
    ),
]
OPTIONS = (
    inspect.Parameter("from_database", inspect.Parameter.KEYWORD_ONLY, default="", annotation=_URL),
    inspect.Parameter("table", inspect.Parameter.KEYWORD_ONLY, default=[], annotation=_TABLES),
)


def optional(name: inspect.Parameter) -> inspect.Parameter:
    """The parameter NAME, which a database makes needless."""
    return name.replace(default="")


def calls(
    arguments: dict[str, Any], database: Mapping[str, Any], values: Mapping[str, Any]
) -> list[Call]:
    """The calls of one ``add resource``: one where a name is said, else one a table.

    Raises UsageError, and what reading a database raises.
    """
    from scaffold.workflow import Call

    url, tables = database["from_database"], database["table"] or ()
    if not url:
        if tables:
            raise UsageError("--table: is of --from-database", hint="give that too")
        if not arguments.get("name"):
            raise UsageError("add resource: NAME is missing", hint="scaffold add resource orders")
        return [Call("resource", arguments)]
    said = sorted(key for key, value in arguments.items() if value and key != "prefix")
    if said:
        raise UsageError(
            f"--from-database: {', '.join(said)} can't be given with it",
            hint="the database says names, fields and keys; --table chooses tables",
        )
    from scaffold.adopt import calls_for

    root = common.project_root(values["root"])
    return calls_for(root, url, tables, arguments.get("prefix", "/api/v1"))
