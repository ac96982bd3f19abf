"""The facts of one repository, each read when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scaffold.project.access import Access, read_access
from scaffold.project.alembic import Alembic, read_alembic
from scaffold.project.apps import apps_in
from scaffold.project.dialect import Dialect, read_dialect
from scaffold.project.entry import Entry, find_entry, root_of
from scaffold.project.includes import Site
from scaffold.project.index import Evidence, Index
from scaffold.project.logins import read_logins
from scaffold.project.manifests import (
    SettingsClass,
    compose_file,
    dotenv_example,
    manifest,
    settings_class,
)
from scaffold.project.pins import read_pins
from scaffold.project.placement import Placement, SuitePlace, place, place_suite
from scaffold.project.registry import gathering
from scaffold.project.stated import state_dialect, state_style, stated_file, symbol_at
from scaffold.project.style import Style, read_style
from scaffold.project.users import read_users
from scaffold.project.wiring import (
    Router,
    Wiring,
    already,
    choose,
    first_party,
    is_router,
    package_of,
    plan_wiring,
    written,
)
from scaffold.spec.errors import Refusal
from scaffold.tree import Tree


class Project:
    """What is known of a repository. Nothing of it is imported or run."""

    def __init__(
        self, tree: Tree, pins: Mapping[str, str] | None = None, index: Index | None = None
    ) -> None:
        self.tree = tree
        self.index = index or Index(tree)
        self._given = dict(pins or {})
        self.pins = read_pins(self.index, self._given)

    def at(self, tree: Tree) -> Project:
        """The facts of a later state of the tree; those that nothing changed aren't read again."""
        return Project(tree, self._given, self.index.at(tree))

    @property
    def _found(self) -> Entry | tuple[Refusal, ...]:
        return self.index.fact("entry", lambda: find_entry(self.index, self.pins))

    @property
    def entry(self) -> Entry | None:
        """The application; None when ``refusals`` tells why there is none."""
        return self._found if isinstance(self._found, Entry) else None

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Why no application could be named; empty when ``entry`` is there."""
        return () if isinstance(self._found, Entry) else self._found

    @property
    def root(self) -> str:
        """The directory that imports start from ("" is the repository's own)."""
        return self.index.fact("root", self._root)

    def _root(self) -> str:
        if "root" in self.pins:
            return self.pins["root"].path
        if self.entry is None:
            return ""
        paths = [self.entry.app.path, *([self.site.path] if self.site else [])]
        return root_of(self.index, list(dict.fromkeys(paths)), self.entry.launched)

    @property
    def site(self) -> Site | None:
        """Where a new router belongs; None when the application has no name to include it on."""
        return self.index.fact("site", self._site)

    def _site(self) -> Site | None:
        return choose(self.index, self.entry.app) if self.entry else None

    @property
    def package(self) -> str:
        """The dotted top-level package of the application; "" for modules at the root."""
        if "package" in self.pins:
            return str(self.pins["package"].value)
        if self.entry is None:
            return ""
        return package_of(self.entry.app.path, self.root).split(".")[0]

    @property
    def dialect(self) -> Dialect:
        """Its ways: database layer, versions, style, and where files of each kind live."""
        return self.index.fact("dialect", self._dialect)

    def _dialect(self) -> Dialect:
        guessed = read_dialect(self.index, self.root, self.site, self.package)
        return state_dialect(self.index, guessed, self.pins, self.root)

    @property
    def style(self) -> Style:
        """How it lays its code out."""
        return self.index.fact("style", self._style)

    def _style(self) -> Style:
        samples = [self.site.path] if self.site else []
        return state_style(read_style(self.index, self.root, samples), self.pins)

    @property
    def first_party(self) -> list[str]:
        """The top-level module names of its own code."""
        return first_party(self.index, self.root)

    @property
    def access(self) -> Access | None:
        """How new code reaches its database; None when no way to it can be followed."""
        return self.index.fact(
            "access", lambda: read_access(self.index, self.dialect.database, self.root)
        )

    def placement(self, singular: str, plural: str) -> Placement | None:
        """Where the files of a new resource go; None without an application."""
        entry = self.entry
        if entry is None:
            return None
        names = (singular, plural)
        return place(
            self.index, self.root, self.package, entry, self.dialect, self.pins.keys(), names
        )

    def gathering(self, model: str) -> str | None:
        """The file that must import a new model, so that others see it; None where none must."""
        return gathering(self.index, self.dialect.database.models, model, self.alembic)

    def written(self, module: str, path: str) -> str:
        """``module`` as the file at ``path`` imports what is its own: absolute, or with dots."""
        package = package_of(path, self.root)
        return written(self.index, path, module, package)

    def suite_place(self, plural: str, *, is_async: bool) -> SuitePlace:
        """Where the test of a new resource goes, or why it wouldn't run."""
        return place_suite(
            self.index, self.dialect, self.access, self.pins.keys(), plural, is_async
        )

    @property
    def on_router(self) -> bool:
        """Whether routers are included on another router here, which brings its own prefix."""
        return self.site is not None and is_router(self.index, self.site)

    @property
    def alembic(self) -> Alembic | None:
        """Its migrations, if it has Alembic."""
        return self.index.fact("alembic", lambda: read_alembic(self.index.tree, self.root))

    @property
    def manifest(self) -> str | None:
        """The file that declares its dependencies."""
        if "manifest" in self.pins:
            return stated_file(self.index, self.pins["manifest"])
        return self.index.fact("manifest", lambda: manifest(self.index, self.root))

    @property
    def settings(self) -> SettingsClass | None:
        """Its settings class."""
        if "settings" in self.pins:
            found = symbol_at(self.index, self.pins["settings"])
            assert found.statement is not None
            return SettingsClass(found.path, found.name, found.statement.lineno)
        return self.index.fact("settings", self._settings)

    def _settings(self) -> SettingsClass | None:
        directory = "/".join(p for p in (self.root, self.package.replace(".", "/")) if p)
        return settings_class(self.index, directory)

    @property
    def dotenv(self) -> str | None:
        """The dotenv file that documents its settings."""
        if "dotenv" in self.pins:
            return stated_file(self.index, self.pins["dotenv"])
        return self.index.fact("dotenv", lambda: dotenv_example(self.index, self.root))

    @property
    def readme(self) -> str | None:
        """Its README.md, the one beside the code first."""
        found = (f"{base}/README.md".lstrip("/") for base in (self.root, ""))
        return next((path for path in found if self.tree.get(path) is not None), None)

    @property
    def logins(self) -> tuple[Evidence, ...]:
        """Where people can log in already: libraries, schemes and routes."""
        return self.index.fact("logins", lambda: read_logins(self.index))

    @property
    def users(self) -> tuple[Evidence, ...]:
        """The models of users: what accounts are rows of."""
        return self.index.fact("users", lambda: read_users(self.index))

    @property
    def compose(self) -> str | None:
        """The compose file that starts its services."""
        return self.index.fact("compose", lambda: compose_file(self.index, self.root))

    def wiring(self, router: Router) -> Wiring | tuple[Refusal, ...]:
        """How a router gets included, or why it can't be; what is wired already stays."""
        entry = self.entry
        if entry is None or entry.confidence != "certain":
            places = [r.path for r in self.refusals if r.path]
            there = already(self.index, self.root, router, places)
            if there is not None:
                return there
        if entry is None:
            return tuple(self._with_lines(r, router) for r in self.refusals)
        style = self.style
        found = plan_wiring(
            self.index,
            entry.app,
            self.site,
            self.root,
            router,
            line_length=style.line_length,
            quote=style.quote,
        )
        if isinstance(found, Wiring):
            return found
        return already(self.index, self.root, router) or found

    def _with_lines(self, refusal: Refusal, router: Router) -> Refusal:
        """The refusal with the lines to paste beside the application that it names, if any."""
        apps = apps_in(self.index, refusal.path) if refusal.path else []
        target = next((a.target for a in apps if a.line == refusal.line), "") or "app"
        place = f"where {target} is made"
        return replace(refusal, snippet=router.lines(target), place=place)


def read_project(tree: Tree, pins: Mapping[str, str] | None = None) -> Project:
    """The facts of the repository in ``tree``.

    ``pins`` is what the command line states: ``app`` (``file.py:name`` or ``module:name``). The
    keys of ``[tool.scaffold]`` (``pins.RULES``) are stated in its pyproject.toml.

    Raises:
        UsageError: what its pyproject.toml states can't be.
    """
    return Project(tree, pins)
