"""The test module of a resource: its tables of values, and what its tests have room for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scaffold.generators.resource_view import samples, targets
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import data_literal
from scaffold.generators.resource_view.related import RelatedView, body_of, related_view
from scaffold.generators.resource_view.relations import Resources, among
from scaffold.generators.resource_view.schemas import sorts, writable_fields
from scaffold.generators.resource_view.stored import updates
from scaffold.spec.fields import Field, Key
from scaffold.spec.kinds import INTEGERS
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
    whole_key: bool
    bad_keys: str
    answered: str
    required: str
    secrets: str
    forbidden: str
    unique: str
    body: tuple[str, ...]
    recomputed: tuple[str, ...]
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
    related: RelatedView


def suite_view(resource: Resource, package: str, resources: Resources) -> SuiteView:
    """The tests of ``resource`` in the package ``package``; ``resources`` are all there are."""
    return _Suite(resource, package, among(resource, resources)).view()


class _Suite:
    """Collects the tables of one test module, and what it imports."""

    def __init__(self, resource: Resource, package: str, resources: Resources) -> None:
        self.resource = resource
        self.resources = resources
        self.package = package
        self.scope = Scope(())
        self.fields = resource.columns
        self.writable = [field for field in self.fields if not field.readonly]
        self.sent = writable_fields(resource)
        self.given = [key for key in resource.key if key.given]
        self.held = {
            one.attribute: targets.rows_of(one, resources)
            for one in targets.sent(resource, resources)
        }
        self.paired = {name for names in targets.together(resource) for name in names}
        self.varied = {field.attribute: self._varied(field) for field in self.sent}
        self.model = ""
        self.room = targets.room(resource, resources)

    def view(self) -> SuiteView:
        keys = [key.name for key in self.resource.key]
        stamps = ["created_at", "updated_at"] if self.resource.timestamps else []
        numbers = _NUMBERS if self.room > max(_NUMBERS) else tuple(reversed(range(self.room)))
        required = [
            f.attribute for f in self.sent if not f.optional and f.default is None and not f.filled
        ]
        generated = [key.name for key in self.resource.key if not key.given]
        url, url_body = self._url()
        key_of = ", ".join(self._key_of(key) for key in self.resource.key)
        secrets = [f.attribute for f in self.fields if f.writeonly]
        identity = self._identity() if secrets else ""
        readonly = [f.attribute for f in self.fields if f.readonly]
        shown = [f.attribute for f in self.fields if not f.writeonly]
        unique = [f.attribute for f in self.writable if f.unique and self._differs(f)]
        sorts = self._sorts()
        accepted, refused = tuple(self._accepted()), tuple(self._refused())
        related = related_view(self.resource, self.package, self.resources, self.scope)
        self._import_rest(bool(secrets))
        return SuiteView(
            imports=self.scope.lines(self.package),
            model=self.model,
            url=url,
            url_body=url_body,
            identity=identity,
            key_of=key_of,
            given=_names(key.name for key in self.given),
            whole_key=len(self.given) == len(self.resource.key),
            bad_keys=self._bad_keys(),
            answered=_names([*keys, *shown, *stamps]),
            required=_names(required),
            secrets=_names(secrets),
            forbidden=_names([*generated, *stamps, *readonly, self._unknown()]),
            unique=_names(unique),
            body=tuple(f'"{name}": {one.expression}' for name, one in self.varied.items()),
            recomputed=tuple(field.attribute for field in self.fields if updates(field)),
            changeable=self._changeable(),
            defaults=tuple(self._defaults()),
            accepted=accepted,
            refused=refused,
            numbers=str(numbers),
            sorts=", ".join(sorts),
            filters=", ".join(self._filters()),
            paged_filter=self._paged_filter(),
            fills_page=self.room >= _ROWS_OF_A_PAGE,
            bad_queries=_names(self._bad_queries()),
            other_queries=_names(self._other_queries()),
            related=related,
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

    def _varied(self, field: Field) -> samples.Varied:
        if field.type != "ref":
            return samples.varied(field, self.scope, ties=field.name not in self.paired)
        rows = self.held.get(field.attribute, 0)
        if not rows:
            return samples.Varied("None", 1)
        return samples.Varied(self._key(field, f"number % {rows}" if rows > 1 else "0"), rows)

    def _key(self, field: Field, number: str) -> str:
        """The key of a stored row that a reference may have, counted from 0."""
        target = self._target(field)
        key = target.key[0]
        if key.given:
            return f'{body_of(target, self.resource, self.resources, self.scope)}({number})["{key.name}"]'
        return str(int(number) + 1) if number.isdecimal() else f"{number} + 1"

    def _no_keys(self, field: Field) -> Iterator[str]:
        """Values that are answered with 422: what is no key, and what is the key of no row."""
        target = self._target(field)
        key = target.key[0]
        if key.numbered:
            yield from ('"1"', "True", "1.5", "0", str(2**63), str(2**63 - 1))
        elif key.given:
            last = samples.varied(key, Scope(())).count - 1
            if last >= targets.SEVERAL - 1:
                yield self._key(field, str(last))
        else:
            most = INTEGERS[key.type][1] if key.typed_max is None else key.typed_max
            yield from ('"1"', "True", "1.5", str(most))
        if not field.optional:
            yield "None"

    def _target(self, field: Field) -> Resource:
        return self.resources[field.to or ""]

    def _as_key(self, field: Field) -> Field:
        """The field, or the key that it holds."""
        if field.type != "ref":
            return field
        key = self._target(field).key[0]
        return replace(key, min="1") if key.numbered else key

    def _differs(self, field: Field) -> bool:
        """Whether rows of the tests have different values of it: all but what is always null."""
        return field.type != "ref" or field.attribute in self.held

    def _unknown(self) -> str:
        names = {field.name for field in (*self.resource.key, *self.fields)}
        return next(name for name in ("unknown", "no_field", "no_such_field") if name not in names)

    def _changeable(self) -> str:
        """The fields that have two values at least, as what is iterated."""
        fields = [field.attribute for field in self.writable]
        names = [name for name in fields if self.varied[name].count > 1]
        if names != fields:
            return f"[{_names(names)}]"
        return "changes()" if self.given else "body()"

    def _defaults(self) -> Iterator[str]:
        for field in self.fields:
            if field.filled or field.writeonly:
                continue
            if field.optional or field.default is not None:
                form = None if field.type == "ref" else samples.default_form(field)
                yield f'"{field.attribute}": {data_literal(form)}'

    def _accepted(self) -> Iterator[str]:
        counted = " ".join(field.computed_sql or "" for field in self.fields)
        for field in self.writable:
            if field.type == "ref":
                rows = range(self.held.get(field.attribute, 0))
                values = [self._key(field, str(number)) for number in rows]
                pairs = [(value, value) for value in [*values, *["None"] * field.optional]]
            elif re.search(rf"\b{re.escape(field.column_name)}\b", counted):
                continue  # a column that is computed of it may hold less
            else:
                pairs = samples.accepted(field)
            if pairs:
                listed = ", ".join(f"({sent}, {answered})" for sent, answered in pairs)
                yield f'"{field.attribute}": [{listed}]'

    def _refused(self) -> Iterator[str]:
        for field in self.writable:
            relates = field.type == "ref"
            values = list(self._no_keys(field)) if relates else samples.refused(field)
            if values:
                yield f'"{field.attribute}": [{", ".join(values)}]'

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
                for value in self._filter_values(field):
                    yield f'("{field.attribute}", {value})'

    def _filter_values(self, field: Field) -> list[str]:
        if field.type == "ref":
            held = field.attribute in self.held
            return [f'body(1)["{field.attribute}"]'] if held else []
        return samples.filter_values(field)

    def _paged_filter(self) -> str:
        """A filter that several rows pass, by a value that needs no escape in a URL."""
        found = (
            field.attribute
            for field in self.writable
            if field.filterable
            and not field.unique
            and samples.is_plain(self._as_key(field))
            and self._differs(field)
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
        if self.resource.references:
            yield "include=unknown"
        for field in self.fields:
            if field.attribute in ("limit", "cursor", "sort"):
                continue
            if not field.filterable:
                yield f"{field.attribute}=1"
            else:
                yield f"{field.attribute}={samples.refused_filter(self._as_key(field))}"

    def _other_queries(self) -> Iterator[str]:
        yield f"sort=-{self.resource.key[0].name}"
        for field in self.fields:
            if field.filterable:
                yield f"{field.attribute}={samples.filter_text(self._as_key(field))}"
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
