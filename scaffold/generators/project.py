"""``scaffold new``: the base that every other generator builds on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from scaffold.api import (
    Action,
    Context,
    Next,
    Refuse,
    UsageError,
    parse_package,
    parse_project_name,
    scaffold_version,
)

DATABASE_URLS = {
    "sqlite": "sqlite+aiosqlite:///app.db",
    "postgresql": "postgresql+asyncpg://app@localhost:5432/app",
    "mysql": "mysql+asyncmy://root@localhost:3306/app",
}
# What a project of one's own can do without; ``--minimal`` leaves it out.
OPTIONAL = (
    ".dockerignore.jinja",
    ".github",
    ".pre-commit-config.yaml.jinja",
    "AGENTS.md.jinja",
    "Dockerfile.jinja",
    "compose.yaml.jinja",
    "schemathesis.toml.jinja",
)


@dataclass(frozen=True)
class View:
    """The project as its templates see it."""

    name: str
    title: str
    database: str
    minimal: bool

    @property
    def database_url(self) -> str:
        """Where the data are unless the environment says otherwise."""
        return DATABASE_URLS[self.database]

    @property
    def server(self) -> str:
        """What the database server is called."""
        return "MySQL or MariaDB" if self.database == "mysql" else "PostgreSQL"


def project(
    context: Context,
    name: Annotated[str, "The project, e.g. my-api."],
    *,
    package: Annotated[str, "The Python package."] = "app",
    database: Annotated[str, "sqlite, postgresql or mysql."] = "sqlite",
    minimal: Annotated[bool, "Without Docker, CI, pre-commit and AGENTS.md."] = False,
) -> Iterator[Action]:
    """Make a layered FastAPI project that runs at once."""
    if database not in DATABASE_URLS:
        raise UsageError(
            f"--database {database!r}: not one of {', '.join(DATABASE_URLS)}",
            hint="MariaDB is mysql",
        )
    name, package = parse_project_name(name), parse_package(package)
    asked = {"package": package, "database": database, "minimal": minimal}
    yield from _other_project(context, name, asked)
    variables = {
        "project": View(name, _title(name), database, minimal),
        "package": package,
        "existing": False,
        "python": "3.11",
        "scaffold_version": scaffold_version,
    }
    yield from context.render("project", variables, leave_out=OPTIONAL if minimal else ())
    yield Next(f"cd {name}")
    yield Next("uv run alembic upgrade head", "makes the database; README.md has the same for pip")
    yield Next(f"uv run uvicorn {package}.main:app --reload", "http://127.0.0.1:8000/api/docs")
    yield Next("scaffold add resource orders total:decimal", "the first resource of your own")


def _title(name: str) -> str:
    return " ".join(word.capitalize() for word in name.replace("_", "-").split("-") if word)


def _other_project(context: Context, name: str, asked: dict[str, object]) -> Iterator[Action]:
    """A refusal where scaffold made another project here, or this one in another way."""
    for run in context.record.by_generator("new"):
        defaults = {"package": "app", "database": "sqlite", "minimal": False}
        made = {key: run.arguments.get(key, default) for key, default in defaults.items()}
        if run.arguments.get("name") != name or made != asked:
            options = " ".join(f"{key}={value}" for key, value in made.items())
            yield Refuse(
                f"scaffold made {run.arguments.get('name')} here already ({options})",
                path="pyproject.toml",
            )
