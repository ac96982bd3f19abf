"""The only reader and writer of a project's files."""

from scaffold.workspace.commit import commit
from scaffold.workspace.lock import locked
from scaffold.workspace.recovery import open_tree, pending, recover
from scaffold.workspace.source import DiskSource

__all__ = ["DiskSource", "commit", "locked", "open_tree", "pending", "recover"]
