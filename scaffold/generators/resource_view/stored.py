"""Columns that were there before: their types as SQLAlchemy writes them, in a module's own names."""

from __future__ import annotations

import re

from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import text_literal
from scaffold.spec.fields import Field

# Types of Python that a column gives only through a type of the project's own.
_WRAPPERS = {"datetime": "StoredInstant", "json": "StoredJson"}
_DIALECTS = ("mysql", "postgresql")


def stored_type(field: Field, package: str, scope: Scope) -> str:
    """The type of the column, as an expression; an enum's values stay to be said."""
    type_ = field.stored or ""
    for dialect in _DIALECTS:
        if f"{dialect}." in type_:
            local = scope.name("sqlalchemy.dialects", dialect)
            type_ = re.sub(rf"\b{dialect}\.", f"{local}.", type_)
    if re.search(r"\bsa\.", type_):
        type_ = re.sub(r"\bsa\.", f"{scope.module('sqlalchemy', 'sa')}.", type_)
    if own := re.match(r"own\.(\w+)", type_):
        type_ = scope.name(f"{package}.stored", own[1]) + type_[own.end() :]
    if field.array:
        return f"{scope.name('sqlalchemy.dialects', 'postgresql')}.ARRAY({type_})"
    return type_


def model_type(field: Field, package: str, scope: Scope, enum: str) -> str:
    """What a model says of the column's type; ``enum`` is the class of its values, if it has one."""
    if field.type == "enum" and not field.array:
        said = re.fullmatch(r"\w+\.(\w+)\((.*)\)", field.stored or "")
        assert said is not None
        if said[1] != "ENUM":
            return f"{scope.name(f'{package}.types', 'choice')}({enum}, {said[2]})"
        named = f"{said[2]}, " if said[2] else ""
        return f"{scope.module('sqlalchemy', 'sa')}.Enum({enum}, {named}values_callable=list)"
    type_ = stored_type(field, package, scope)
    if field.type in _WRAPPERS and not field.array:
        return f"{scope.name(f'{package}.stored', _WRAPPERS[field.type])}({type_})"
    return type_


def table_type(field: Field, package: str, scope: Scope) -> str:
    """What makes the column in the tables that tests run on."""
    if (field.stored or "").startswith("own.AsText"):  # types of the owner's own aren't there
        return f"{scope.module('sqlalchemy', 'sa')}.Text()"
    return with_values(stored_type(field, package, scope), field)


def with_values(type_: str, field: Field) -> str:
    """The type of a column, with the values of an enum that the database has as a type."""
    if field.type != "enum" or not type_.partition("(")[0].endswith(".ENUM"):
        return type_
    head, _, named = type_.partition("(")
    values = ", ".join(map(text_literal, field.values))
    return f"{head}({values}{', ' if named != ')' else ''}{named}"


def filled_by(field: Field, scope: Scope) -> list[str]:
    """What tells SQLAlchemy that the database fills a column."""
    sa = scope.module("sqlalchemy", "sa")
    if field.computed_sql is not None:
        return [f"{sa}.Computed({text_literal(field.computed_sql)}, persisted={field.persisted})"]
    return [f"server_default={sa}.FetchedValue()"]


def updates(field: Field) -> bool:
    """Whether the database changes the column by itself when another one is."""
    on_update = re.search(r"\bon update\b", field.default_sql or "", re.IGNORECASE)
    return field.computed_sql is not None or on_update is not None
