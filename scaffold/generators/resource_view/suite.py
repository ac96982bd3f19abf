"""The test module of a resource: its tables of values, and what its tests have room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scaffold.generators.resource_view import samples
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import data_literal
from scaffold.generators.resource_view.schemas import sorts, writable_fields
from scaffold.spec.fields import Field, Key
from scaffold.spec.resource import Resource

_NUMBERS = (3, 1, 5, 2, 4)
_ROWS_OF_A_PAGE = 21


@dataclass(frozen=True)
class SuiteView:
    """What ``tests/test_<plural>.py`` is made of: source, lists without their brackets."""

    imports: str
    model: str
    url: str
    url_body: str
    identity: str
    key_of: str
    given: str
    bad_keys: str
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
        self.sent = writable_fields(resource)
        self.given = [key for key in resource.key if key.given]
        self.varied = {field.name: samples.varied(field, self.scope) for field in self.sent}
        self.model = ""
        self.room = self._room()

    def _room(self) -> int:
        """How many rows the tests can make, no two alike in what must differ."""
        counts = [self.varied[field.name].count for field in self.writable if field.unique]
        together = [self.varied[key.name].count for key in self.given]
        return min([*counts, max(together, default=samples.SPAN)])

    def view(self) -> SuiteView:
        keys = [key.name for key in self.resource.key]
        stamps = ["created_at", "updated_at"] if self.resource.timestamps else []
        numbers = _NUMBERS if self.room > max(_NUMBERS) else tuple(reversed(range(self.room)))
        required = [f.name for f in self.sent if not f.optional and f.default is None]
        generated = [key.name for key in self.resource.key if not key.given]
        url, url_body = self._url()
        key_of = ", ".join(self._key_of(key) for key in self.resource.key)
        secrets = [f.name for f in self.fields if f.writeonly]
        identity = self._identity() if secrets else ""
        readonly = [f.name for f in self.fields if f.readonly]
        shown = [f.name for f in self.fields if not f.writeonly]
        unique = [f.name for f in self.writable if f.unique]
        sorts = self._sorts()
        self._import_rest(bool(secrets))
        return SuiteView(
            imports=self.scope.lines(self.package),
            model=self.model,
            url=url,
            url_body=url_body,
            identity=identity,
            key_of=key_of,
            given=_names(key.name for key in self.given),
            bad_keys=self._bad_keys(),
            answered=_names([*keys, *shown, *stamps]),
            required=_names(required),
            secrets=_names(secrets),
            forbidden=_names([*generated, *stamps, *readonly, self._unknown()]),
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

    def _url(self) -> tuple[str, str]:
        """The path of a row called ROW, and the body of the function that tells it, if any."""
        keys = self.resource.key
        if all(key.type in ("int", "bigint", "uuid") for key in keys) and len(keys) == 1:
            return f"f\"{{URL}}/{{ROW['{keys[0].name}']}}\"", ""
        parts = (
            f"{{row['{key.name}']}}"
            if key.type in ("int", "bigint", "uuid", "float")
            else f"{{{self.scope.name('urllib.parse', 'quote')}(str(row['{key.name}']), safe='')}}"
            for key in keys
        )
        return "url_of(ROW)", f'f"{{URL}}/{"/".join(parts)}"'

    def _identity(self) -> str:
        """The key of a row called ROW as the session takes it."""
        parts = [
            f'{self.scope.name("uuid", "UUID")}(ROW["{key.name}"])'
            if key.type == "uuid"
            else f'ROW["{key.name}"]'
            for key in self.resource.key
        ]
        return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"

    def _key_of(self, key: Key) -> str:
        """What sorts rows by a part of their key."""
        part = f'row["{key.name}"]'
        if key.type in ("bigint", "float", "int", "str", "uuid"):
            return part
        return f"{samples.sort_key(key, self.scope)}({part})"

    def _bad_keys(self) -> str:
        """Paths of a row that no row can have: one part wrong, the others right."""
        keys = self.resource.key
        if keys == (Key(),):
            return '"0", "-1", "x", "1.5", str(2**63)'
        good = [samples.filter_text(key) for key in keys]
        paths = (
            "/".join([*good[:place], bad, *good[place + 1 :]])
            for place, key in enumerate(keys)
            for bad in samples.refused_paths(key)
        )
        return _names(paths)

    def _unknown(self) -> str:
        names = {field.name for field in (*self.resource.key, *self.fields)}
        return next(name for name in ("unknown", "no_field", "no_such_field") if name not in names)

    def _changeable(self) -> str:
        """The fields that have two values at least, as what is iterated."""
        fields = [field.name for field in self.writable]
        names = [name for name in fields if self.varied[name].count > 1]
        if names != fields:
            return f"[{_names(names)}]"
        return "changes()" if self.given else "body()"

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
        fields: dict[str, Field] = {"created_at": Field("created_at", "datetime")}
        fields |= {field.name: field for field in (*self.resource.key, *self.fields)}
        return [
            f'("{name}", {samples.sort_key(fields[name], self.scope)})'
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
