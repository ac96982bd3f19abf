"""A resource as the templates of ``templates/foreign`` see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scaffold.api import Field, Resource
from scaffold.generators.foreign.fields import (
    Columns,
    Properties,
    limits_of,
    python_type,
    sql_type,
)
from scaffold.generators.foreign.ways import Name, Ways
from scaffold.generators.resource_view import samples
from scaffold.generators.resource_view.enums import own_names
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import text_literal

# Names that functions of the templates have for other things.
_LOCALS = frozenset(
    [
        "body",
        "client",
        "data",
        "engine",
        "error",
        "existing",
        "field",
        "limit",
        "made",
        "name",
        "number",
        "offset",
        "query",
        "repository",
        "router",
        "rows",
        "second",
        "self",
        "sent",
        "service",
        "session",
        "statement",
        "status",
        "url",
        "value",
    ]
)
_COMPARED = (
    "str",
    "text",
    "int",
    "bigint",
    "float",
    "bool",
    "enum",
    "email",
    "url",
    "uuid",
    "date",
)


_PLAIN_SQL = {"Guid()": "String(36)", "UtcDateTime()": "DateTime(timezone=True)"}


@dataclass(frozen=True)
class Query:
    """A filter of the list: its parameter in the router, and in the layers below."""

    name: str
    parameter: str
    plain: str


class View:
    """All that the templates place: names, import blocks, and lines of code.

    ``modules`` are the dotted modules of the resource by kind.
    """

    def __init__(self, resource: Resource, ways: Ways, modules: Mapping[str, str]) -> None:
        name = resource.name
        self.resource = resource
        self.ways = ways
        self.modules = modules
        self.pascal = name.pascal
        self.snake = name.snake
        self.plural = name.snake_plural
        self.title = name.title
        self.title_plural = name.title_plural
        self.variable = f"{name.snake}_row" if name.snake in _LOCALS else name.snake
        self.table = resource.table
        self.timestamps = resource.timestamps
        self.fields = resource.fields
        self.writable = [f for f in self.fields if not f.readonly]
        self.unique = any(f.unique for f in self.fields)
        self.types = {f.type for f in self.fields}
        self.schemas = {p: f"{self.pascal}{p}" for p in ("Create", "Update", "Read")}
        names = own_names(resource)
        self.enums = {f.name: names[f.name] for f in self.fields if f.type == "enum"}

    def model(self) -> dict[str, object]:
        """What the module of the model is made of."""
        scope = self._scope("models")
        base = self._name(scope, "models", self.ways.base) if self.ways.base else ""
        columns = Columns(self.ways, scope)
        lines = [columns.key(), *(columns.of(field) for field in self.fields)]
        guid = "uuid" in self.types and self.ways.models == "classic"
        if guid:
            scope.name("sqlalchemy", "String")
            scope.name("sqlalchemy.types", "TypeDecorator")
            scope.name("uuid", "UUID")
        if self.timestamps:
            lines += columns.stamps()
        if self.ways.models == "sqlmodel":
            base = f"{scope.name('sqlmodel', 'SQLModel')}, table=True"
        elif self.ways.dataclass:
            base += ", kw_only=True"
        typed = self._instant(scope) if "UtcDateTime" in " ".join(lines) else {"instant": None}
        rest = {"base": base, "lines": lines, "guid": guid, **typed}
        return {"imports": self._imports(scope), **rest}

    def _instant(self, scope: Scope) -> dict[str, str]:
        """The annotations of the type of instants, where models have some."""
        dt = scope.module("datetime", "dt")
        scope.name("sqlalchemy", "DateTime")
        scope.name("sqlalchemy.types", "TypeDecorator")
        if self.ways.models == "classic":
            return {"instant": " ", "takes": "", "given": "", "gives": "", "now": ""}
        instant = self.ways.optional(f"{dt}.datetime", scope)
        dialect = scope.name("sqlalchemy.engine", "Dialect")
        return {
            "instant": f"[{dt}.datetime]",
            "takes": f": {instant}",
            "given": f": {dialect}",
            "gives": f" -> {instant}",
            "now": f" -> {dt}.datetime",
        }

    def schema(self) -> dict[str, object]:
        """What the module of the schemas is made of."""
        scope = self._scope("schemas")
        properties = Properties(self.ways, scope, self.enums)
        literal = scope.name("typing", "Literal") if self.enums else ""
        aliases = [
            f"{self.enums[f.name]} = {literal}[{', '.join(map(text_literal, f.values))}]"
            for f in self.fields
            if f.name in self.enums
        ]
        answered = [f for f in self.fields if not f.writeonly]
        stamps = ["created_at", "updated_at"] if self.timestamps else []
        read = [f"id: {scope.builtin('int')}", *(properties.answered(f) for f in answered)]
        read += [f"{name}: {scope.module('datetime', 'dt')}.datetime" for name in stamps]
        required = [f.name for f in self.writable if not f.optional and f.type != "json"]
        variables = {
            "aliases": aliases,
            "create": [properties.created(f) for f in self.writable],
            "changed": [properties.updated(f) for f in self.writable],
            "read": read,
            "validators": list(self._validators(scope)),
            "required": self._validator(scope, "not_null", required, before=True),
            "helpers": self._helpers(scope, required),
        }
        scope.name("pydantic", "BaseModel")
        if self.ways.pydantic == 2:
            scope.name("pydantic", "ConfigDict")
        return variables | {"imports": self._imports(scope)}

    def _helpers(self, scope: Scope, required: list[str]) -> list[str]:
        """The functions that the validators of the schemas are made of."""
        found = ["not_null"] if required else []
        if any(f.type == "json" for f in self.writable):
            found.append("as_json")
            scope.module("json", "json")
        if any(f.type == "time" for f in self.writable):
            found.append("on_any_day")
            scope.module("datetime", "dt")
        if found:
            scope.name("typing", "Any")
        return found

    def _validators(self, scope: Scope) -> Iterator[str]:
        """The lines that check what a request sends, beyond its types and limits."""
        for type_, function in (
            ("json", "as_json"), ("time", "on_any_day"),
        ):  # fmt: skip
            names = [f.name for f in self.writable if f.type == type_]
            yield from self._validator(scope, function, names)

    def _validator(
        self, scope: Scope, function: str, names: list[str], *, before: bool = False
    ) -> list[str]:
        if not names:
            return []
        listed = ", ".join(f'"{name}"' for name in names)
        if self.ways.pydantic == 2:
            mode = ', mode="before"' if before else ""
            return [
                f"_{function} = {scope.name('pydantic', 'field_validator')}({listed}{mode})({function})"
            ]
        pre = ", pre=True" if before else ""
        made = f"{scope.name('pydantic', 'validator')}({listed}{pre}, allow_reuse=True)"
        return [f"_{function} = {made}({function})"]

    def repository(self) -> dict[str, object]:
        """What the module of the repository is made of."""
        scope = self._scope("repositories")
        variables: dict[str, object] = {
            "session": self.ways.session_type(scope),
            "sequence": self.ways.generic("Sequence", scope),
            "optional": self.ways.optional(self.pascal, scope),
            "filters": list(self._queries(scope)),
        }
        scope.name("sqlmodel" if self.ways.models == "sqlmodel" else "sqlalchemy", "select")
        scope.name("sqlalchemy.exc", "InvalidRequestError")
        scope.name("sqlalchemy.orm.exc", "StaleDataError")
        if self.unique:
            scope.name("sqlalchemy.exc", "IntegrityError")
        scope.name(self.module("models", "repositories"), self.pascal)
        return variables | {"imports": self._imports(scope)}

    def service(self) -> dict[str, object]:
        """What the module of the service is made of."""
        scope = self._scope("services")
        variables: dict[str, object] = {
            "sequence": self.ways.generic("Sequence", scope),
            "optional": self.ways.optional(self.pascal, scope),
            "filters": list(self._queries(scope)),
            "dump": "model_dump" if self.ways.pydantic == 2 else "dict",
        }
        scope.name(self.module("models", "services"), self.pascal)
        scope.name(self.module("repositories", "services"), f"{self.pascal}Repository")
        for part in ("Create", "Update"):
            scope.name(self.module("schemas", "services"), self.schemas[part])
        return variables | {"imports": self._imports(scope)}

    def router(self) -> dict[str, object]:
        """What the module of the router is made of."""
        scope = self._scope("routers")
        session = self._name(scope, "routers", self.ways.session)
        provided = self.ways.way in ("factory", "engine")
        type_ = "" if self.ways.way == "alias" else self.ways.session_type(scope)
        iterator = "AsyncIterator" if self.ways.is_async else "Iterator"
        open_ = f"{session}()" if self.ways.way == "factory" else f"{type_}({session})"
        variables: dict[str, object] = {
            "session": self._parameter(scope, type_, "provide_session" if provided else session),
            "open": open_ if provided else "",
            "iterator": f"{self.ways.generic(iterator, scope)}[{type_}]" if provided else "",
            "rows": f"{self.ways.generic('list', scope)}[{self.pascal}Read]",
            "sequence": self.ways.generic("Sequence", scope),
            "filters": list(self._queries(scope, router=True)),
            "annotated": scope.name("typing", "Annotated") if self.ways.annotated else "",
        }
        names = ["APIRouter", "Depends", "HTTPException", "Path", "Query", "Response", "status"]
        for name in names:
            scope.name("fastapi", name)
        scope.name(self.module("models", "routers"), self.pascal)
        repository = self.module("repositories", "routers")
        for part in ("Repository", "Gone", *(["Conflict"] if self.unique else [])):
            scope.name(repository, f"{self.pascal}{part}")
        scope.name(self.module("services", "routers"), f"{self.pascal}Service")
        for part in self.schemas.values():
            scope.name(self.module("schemas", "routers"), part)
        return variables | {"imports": self._imports(scope)}

    def _parameter(self, scope: Scope, type_: str, session: str) -> str:
        """The session as a parameter of a dependency."""
        if self.ways.way == "alias":
            return f"session: {session}"
        if self.ways.annotated:
            annotated = scope.name("typing", "Annotated")
            return f"session: {annotated}[{type_}, Depends({session})]"
        return f"session: {type_} = Depends({session})"

    def _queries(self, scope: Scope, *, router: bool = False) -> Iterator[Query]:
        """The filters of the list."""
        for field in self.fields:
            if not field.filterable:
                continue
            type_ = python_type(field, scope)
            plain = f"{field.name}: {self.ways.optional(type_, scope)} = None"
            parameter = plain
            if router and field.type == "enum":
                alias = scope.name(self.module("schemas", "routers"), self.enums[field.name])
                parameter = f"{field.name}: {self.ways.optional(alias, scope)} = None"
            elif router and field.type in ("int", "bigint"):
                limits = ", ".join(
                    f"{n}={v}" for n, v in limits_of(_unlimited(field), self.ways, scope)
                )
                parameter = self._bounded(scope, field.name, type_, limits)
            yield Query(field.name, parameter, plain)

    def _bounded(self, scope: Scope, name: str, type_: str, limits: str) -> str:
        optional = self.ways.optional(type_, scope)
        if self.ways.annotated:
            return (
                f"{name}: {scope.name('typing', 'Annotated')}[{optional}, Query({limits})] = None"
            )
        return f"{name}: {optional} = Query(None, {limits})"

    def test(self) -> dict[str, object]:
        """What the module of the test is made of; its imports are absolute."""
        scope = Scope({f.name for f in self.fields})
        body = {f.name: samples.varied(f, scope) for f in self.writable}
        ways = self.ways
        own = ways.way in ("factory", "engine")
        module = self.modules["routers"] if own else ways.depends.module
        session = _dotted(scope, module, "provide_session" if own else ways.depends.name)
        iterator = "AsyncIterator" if ways.is_async else "Iterator"
        variables = {
            "body": [f'"{name}": {one.expression}' for name, one in body.items()],
            "override": session,
            "session_type": ways.session_type(scope),
            "iterator": self.ways.generic(iterator, scope),
            "fixture": self.ways.generic("Iterator", scope),
            "mapping": "dict" if ways.python >= (3, 9) else scope.name("typing", "Dict"),
            "compared": [f.name for f in self.writable if f.type in _COMPARED and not f.writeonly],
            "required": [f.name for f in self.writable if not f.optional and f.type != "json"][:1],
            "unique": self.unique and any(f.unique for f in self.writable),
            "model": self._test_imports(scope),
        }
        return variables | {"imports": scope.lines(*ways.first_party)}

    def _test_imports(self, scope: Scope) -> str:
        """Imports what every test needs; the model's name, one that pytest takes for no test."""
        scope.module("pytest", "pytest")
        scope.name("typing", "Any")
        scope.name("fastapi", "FastAPI")
        scope.name("fastapi.testclient", "TestClient")
        scope.name("sqlalchemy", "create_engine")
        scope.name("sqlalchemy.pool", "NullPool" if self.ways.is_async else "StaticPool")
        if self.ways.is_async:
            scope.name("pathlib", "Path")
            scope.name("sqlalchemy.ext.asyncio", "create_async_engine")
        scope.name(self.modules["routers"], "router")
        alias = f"A{self.pascal}" if self.pascal.startswith("Test") else self.pascal
        return scope.name(self.modules["models"], self.pascal, alias)

    def revision(self, *, beside: bool) -> dict[str, object]:
        """What the revision that makes the table is made of.

        ``beside`` tells that a directory ``alembic`` is where imports start from: what looks names
        up in directories finds no ``op`` in it.
        """
        op = "alembic.op" if beside else "op"
        imports = ["import sqlalchemy as sa", "from alembic import op"]
        if beside:
            imports = ["import alembic", *imports[:1]]
        items = [
            'sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)'
        ]
        for field in self.fields:
            type_ = sql_type(field, self.ways)
            type_ = _PLAIN_SQL.get(type_, type_)
            items.append(f'sa.Column("{field.name}", sa.{type_}, nullable={field.optional})')
        for name in ("created_at", "updated_at") if self.timestamps else ():
            items.append(f'sa.Column("{name}", sa.DateTime(timezone=True), nullable=False)')
        items.append('sa.PrimaryKeyConstraint("id")')
        items += [f'sa.UniqueConstraint("{f.name}")' for f in self.fields if f.unique]
        indexed = [f.name for f in self.fields if f.index and not f.unique]
        indexes = [
            f'{op}.create_index({op}.f("ix_{self.table}_{n}"), "{self.table}", ["{n}"])'
            for n in indexed
        ]
        return {"imports": "\n".join(imports), "op": op, "items": items, "indexes": indexes}

    def module(self, kind: str, inside: str) -> str:
        """The module of a kind as the one of another kind writes it."""
        return self._written(self.modules[kind], self.modules[inside])

    def _name(self, scope: Scope, inside: str, wanted: Name) -> str:
        return _dotted(scope, self._written(wanted.module, self.modules[inside]), wanted.name)

    def _written(self, module: str, inside: str) -> str:
        if not self.ways.relative or module.split(".")[0] != inside.split(".")[0]:
            return module
        base = inside.split(".")[:-1]
        target = module.split(".")
        common = 0
        while common < min(len(target) - 1, len(base)) and target[common] == base[common]:
            common += 1
        if not common:
            return module
        return "." * (len(base) - common + 1) + ".".join(target[common:])

    def _scope(self, kind: str) -> Scope:
        """The names that a module's imports must leave alone."""
        names = {f.name for f in self.fields}
        if kind == "models":
            return Scope({self.pascal, *names})
        if kind == "schemas":
            return Scope({*self.schemas.values(), *self.enums.values(), *names})
        return Scope(set())

    def _imports(self, scope: Scope) -> str:
        return scope.lines(*self.ways.first_party)


def _dotted(scope: Scope, module: str, name: str) -> str:
    """The expression for a name of a module; of ``Database.session`` the first part is imported."""
    root, dot, rest = name.partition(".")
    return f"{scope.name(module, root)}{dot}{rest}"


def _unlimited(field: Field) -> Field:
    """A field that takes all that its column can hold."""
    return replace(field, min=None, max=None, default=None)
