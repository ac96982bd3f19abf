"""Facts about a repository, read from a tree; none of its code is imported or run."""

from scaffold.project.alembic import Alembic, Revision, read_alembic
from scaffold.project.dialect import Dialect
from scaffold.project.entry import Entry
from scaffold.project.index import Evidence
from scaffold.project.project import Project, read_project
from scaffold.project.resolve import resolve
from scaffold.project.wiring import Router, Wiring

__all__ = [
    "Alembic",
    "Dialect",
    "Entry",
    "Evidence",
    "Project",
    "Revision",
    "Router",
    "Wiring",
    "read_alembic",
    "read_project",
    "resolve",
]
