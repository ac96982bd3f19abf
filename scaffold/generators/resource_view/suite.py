"""The test module of a resource: its tables of values, and what its tests have room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scaffold.generators.resource_view import samples
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import data_literal
from scaffold.generators.resource_view.schemas import sorts
from scaffold.spec.resource import Resource

_NUMBERS = (3, 1, 5, 2, 4)
_ROWS_OF_A_PAGE = 21


@dataclass(frozen=True)
class SuiteView:
    """What ``tests/test_<plural>.py`` is made of: source, lists without their brackets."""

    imports: str
    model: str
    answered: str
    required: str
    secrets: str
    forbidden: str
    unique: str
    body: tuple[str, ...]
    changeable: str
    defaults: tuple[str, ...]
    accepted: tuple[str, ...]
    refused: tuple[str, ...]
    numbers: str
    sorts: str
    filters: str
    paged_filter: str
    fills_page: bool
    bad_queries: str
    other_queries: str


def suite_view(resource: Resource, package: str) -> SuiteView:
    """The tests of ``resource`` in the package ``package``."""
    return _Suite(resource, package).view()


class _Suite:
    """Collects the tables of one test module, and what it imports."""

    def __init__(self, resource: Resource, package: str) -> None:
        self.resource = resource
        self.package = package
        self.scope = Scope(())
        self.fields = resource.fields
        self.writable = [field for field in resource.fields if not field.readonly]
        self.varied = {field.name: samples.varied(field, self.scope) for field in self.writable}
        unique = [self.varied[field.name].count for field in self.writable if field.unique]
        self.model = ""
        self.room = min(unique, default=samples.SPAN)

    def view(self) -> SuiteView:
        keys = [key.name for key in self.resource.key]
        stamps = ["created_at", "updated_at"] if self.resource.timestamps else []
        numbers = _NUMBERS if self.room > max(_NUMBERS) else tuple(reversed(range(self.room)))
        required = [f.name for f in self.writable if not f.optional and f.default is None]
        secrets = [f.name for f in self.fields if f.writeonly]
        readonly = [f.name for f in self.fields if f.readonly]
        shown = [f.name for f in self.fields if not f.writeonly]
        unique = [f.name for f in self.writable if f.unique]
        sorts = self._sorts()
        self._import_rest(bool(secrets))
        return SuiteView(
            imports=self.scope.lines(self.package),
            model=self.model,
            answered=_names([*keys, *shown, *stamps]),
            required=_names(required),
            secrets=_names(secrets),
            forbidden=_names([*keys, *stamps, *readonly, self._unknown()]),
            unique=_names(unique),
            body=tuple(f'"{name}": {one.expression}' for name, one in self.varied.items()),
            changeable=self._changeable(),
            defaults=tuple(self._defaults()),
            accepted=tuple(self._accepted()),
            refused=tuple(self._refused()),
            numbers=str(numbers),
            sorts=", ".join(sorts),
            filters=", ".join(self._filters()),
            paged_filter=self._paged_filter(),
            fills_page=self.room >= _ROWS_OF_A_PAGE,
            bad_queries=_names(self._bad_queries()),
            other_queries=_names(self._other_queries()),
        )

    def _unknown(self) -> str:
        names = {field.name for field in self.fields}
        return next(name for name in ("unknown", "no_field", "no_such_field") if name not in names)

    def _changeable(self) -> str:
        """The fields that have two values at least, as what is iterated."""
        names = [name for name, one in self.varied.items() if one.count > 1]
        return "body()" if len(names) == len(self.varied) else f"[{_names(names)}]"

    def _defaults(self) -> Iterator[str]:
        for field in self.fields:
            if (field.optional or field.default is not None) and not field.writeonly:
                yield f'"{field.name}": {data_literal(samples.default_form(field))}'

    def _accepted(self) -> Iterator[str]:
        for field in self.writable:
            if pairs := samples.accepted(field):
                listed = ", ".join(f"({sent}, {answered})" for sent, answered in pairs)
                yield f'"{field.name}": [{listed}]'

    def _refused(self) -> Iterator[str]:
        for field in self.writable:
            if values := samples.refused(field):
                yield f'"{field.name}": [{", ".join(values)}]'

    def _sorts(self) -> list[str]:
        types = {field.name: field.type for field in self.fields}
        types |= {key.name: key.type for key in self.resource.key} | {"created_at": "datetime"}
        return [
            f'("{name}", {samples.sort_key(types[name], self.scope)})'
            for name in sorts(self.resource)
        ]

    def _filters(self) -> Iterator[str]:
        for field in self.fields:
            if field.filterable:
                for value in samples.filter_values(field):
                    yield f'("{field.name}", {value})'

    def _paged_filter(self) -> str:
        """A filter that several rows pass, by a value that needs no escape in a URL."""
        found = (
            field.name
            for field in self.writable
            if field.filterable and not field.unique and samples.is_plain(field)
        )
        return next(found, "")

    def _bad_queries(self) -> Iterator[str]:
        yield from (
            "limit=0",
            "limit=101",
            "limit=x",
            "sort=",
            "sort=unknown",
            f"{self._unknown()}=1",
        )
        yield from ("cursor=", "cursor=x", "cursor=bnVsbA")
        for field in self.fields:
            if field.name in ("limit", "cursor", "sort"):
                continue
            if not field.filterable:
                yield f"{field.name}=1"
            else:
                yield f"{field.name}={samples.refused_filter(field)}"

    def _other_queries(self) -> Iterator[str]:
        yield f"sort=-{self.resource.key[0].name}"
        for field in self.fields:
            if field.filterable:
                yield f"{field.name}={samples.filter_text(field)}"
                break

    def _model(self) -> str:
        """The model under a name that pytest doesn't take for a class of tests."""
        model = self.resource.name.pascal
        alias = f"A{model}" if model.startswith("Test") else model
        module = f"{self.package}.models.{self.resource.name.snake_plural}"
        return self.scope.name(module, model, alias)

    def _import_rest(self, secrets: bool) -> None:
        self.scope.module("asyncio", "asyncio")
        self.scope.module("pytest", "pytest")
        for module, name in (
            ("typing", "Any"),
            ("collections.abc", "Callable"),
            ("fastapi", "FastAPI"),
            ("httpx2", "AsyncClient"),
            ("httpx2", "Response"),
        ):
            self.scope.name(module, name)
        if secrets:
            self.scope.name("pydantic_core", "to_jsonable_python")
            self.scope.name(f"{self.package}.database", "Database")
            self.model = self._model()


def _names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
