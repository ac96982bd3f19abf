"""The names that cannot work in what is generated, each with its reason; data, to be extended here.

A name belongs here only when it really breaks something; everything else must work.
"""

from __future__ import annotations

import keyword

from scaffold.spec.text import word_set

# What modules of a resource import beside its class: a resource whose class would be one of them is
# refused. Elsewhere an import that collides gets an alias. To be kept in step with templates/resource.
CLASSES = frozenset({"AsyncSession", "NotFound", "PageOf"})

# Resources whose tests/test_<plural>.py the base project has already for its own code.
TESTED = frozenset({"errors", "logs", "middleware", "migrations", "refusals"})

# Names that linters refuse, and people as well.
AMBIGUOUS = {name: f"{name!r} is easily taken for a digit" for name in ("I", "O", "l")}

# What the generated app serves itself.
PATHS = frozenset({"/api/docs", "/api/openapi.json", "/api/redoc", "/health", "/ready"})

# Beginnings of table names that a database keeps for itself.
TABLE_PREFIXES = {"sqlite_": "SQLite", "pg_": "PostgreSQL"}

# Query parameters of every list: a filter can't have their names.
LIST_PARAMETERS = frozenset({"cursor", "include", "limit", "sort"})

# The columns that a resource with timestamps has already.
TIMESTAMPS = ("created_at", "updated_at")

_FIELDS = {
    "Pydantic's BaseModel has an attribute of that name": """
        construct copy dict from_orm json model_computed_fields model_config model_construct
        model_copy model_extra model_fields model_fields_set model_json_schema
        model_parametrized_name model_post_init model_rebuild mro parse_file parse_obj parse_raw
        schema schema_json update_forward_refs validate
    """,
    AMBIGUOUS["l"]: "l",
    "SQLAlchemy keeps that attribute of every model for itself": "metadata registry",
    "it would hide the first parameter of the model's constructor": "self",
    "PostgreSQL has a system column of that name in every table": (
        "cmax cmin ctid tableoid xmax xmin"
    ),
    "it is a reserved word of SQL that SQLAlchemy leaves unquoted": """
        collation concurrently lateral manual nothing portion returning tablesample
    """,
}
FIELDS = {name: reason for reason, names in _FIELDS.items() for name in names.split()}
FIELD_PREFIXES = dict.fromkeys(
    ("model_dump", "model_validate"), "Pydantic keeps the names that begin so for itself"
)

# Distributions that a generated project may depend on, normalised.
DISTRIBUTIONS = word_set(
    """
    aiosqlite alembic anyio asyncmy asyncpg email-validator fastapi greenlet httpx2 mypy pydantic
    pydantic-settings pytest pytest-cov python-multipart ruff schemathesis sqlalchemy starlette
    uvicorn
    """
)
# What a generated project imports, or has at its top itself.
PACKAGES = frozenset(name.replace("-", "_") for name in DISTRIBUTIONS) | {
    "conftest", "docs", "jwt", "migrations", "multipart", "pwdlib", "pydantic_core", "redis",
    "scripts", "setup", "test", "tests", "typing_extensions",
}  # fmt: skip
# Modules of Python that the oldest supported one doesn't have yet.
NEWER_MODULES = frozenset({"annotationlib", "compression"})
# What Windows allows no folder to be called.
DEVICES = frozenset(
    {"aux", "con", "nul", "prn", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)


def why_not_field(name: str) -> str | None:
    """Why no field can be called ``name``; None when one can."""
    if keyword.iskeyword(name):
        return "it is a keyword of Python"
    if name in FIELDS:
        return FIELDS[name]
    return next((why for prefix, why in FIELD_PREFIXES.items() if name.startswith(prefix)), None)
