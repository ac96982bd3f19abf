"""Facts about a repository, read from a tree; none of its code is imported or run."""

from scaffold.project.alembic import Alembic, Revision, read_alembic
from scaffold.project.entry import Entry
from scaffold.project.index import Evidence
from scaffold.project.project import Project, read_project
from scaffold.project.resolve import resolve
from scaffold.project.wiring import Wiring

__all__ = [
    "Alembic",
    "Entry",
    "Evidence",
    "Project",
    "Revision",
    "Wiring",
    "read_alembic",
    "read_project",
    "resolve",
]
