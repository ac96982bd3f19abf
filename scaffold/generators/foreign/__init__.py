"""A resource in a repository that scaffold did not make: its ways found out, then followed."""

from scaffold.generators.foreign.plan import plan

__all__ = ["plan"]
