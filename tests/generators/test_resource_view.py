"""What the templates of a resource are given, held against what it has to mean."""

from __future__ import annotations

import ast
import datetime as dt
import keyword
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scaffold.generators.resource_view import Woven, samples, view
from scaffold.generators.resource_view.enums import enum_views, own_names
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import data_literal, text_literal, value_literal
from scaffold.generators.resource_view.models import default_value
from scaffold.generators.resource_view.schemas import sorts
from scaffold.spec.errors import UsageError
from scaffold.spec.fields import Field, parse_field
from scaffold.spec.resource import make_resource
from scaffold.templates import Templates
from tests.spec.strategies import ENUM_VALUES, FIELDS, PLAIN_FIELDS

SHOP = {
    "users": "email:email:unique username:str:min=3:max=50:unique "
    "role:enum:admin,user:readonly:default=user is_active:bool:readonly:default=true",
    "products": "name:str:max=120 sku:str:max=40:unique price:decimal:10.2:min=0 "
    "stock:int:min=0:default=0 tags:json:optional",
    "orders": "reference:uuid:unique status:enum:pending,paid:default=pending "
    "total:decimal:12.2:min=0 placed_at:datetime note:text:optional",
}
ANY_FIELD = FIELDS.map(lambda written: parse_field(written.text()))
WRITABLE = PLAIN_FIELDS.map(lambda written: parse_field(written.text())).filter(
    lambda field: not field.readonly
)


def of(*fields: str, name: str = "thing", **options: Any) -> Any:
    return view(make_resource(name, fields, **options), "app")


def rendered(resource: Any) -> dict[str, str]:
    """Every file of a resource, by its path."""
    context = {"resource": resource, "package": "app", "revision": "r2", "down_revision": "r1"}
    context["woven"] = Woven("app")
    templates = Templates()
    return {
        templates.path(name, context): templates.render("resource", name, context).decode()
        for name in templates.files("resource")
    }


# --- imports


def test_imports_are_sorted_as_ruff_does() -> None:
    scope = Scope({"choice"})
    scope.name("app.types", "utc_now")
    scope.name("app.types", "UtcDateTime")
    assert scope.name("app.types", "choice") == "choice_"
    scope.name("pydantic", "BaseModel")
    scope.name("pydantic", "MISSING")
    scope.module("sqlalchemy", "sa")
    scope.module("asyncio", "asyncio")
    scope.name("uuid", "UUID")
    assert scope.lines("app").splitlines() == [
        "import asyncio",
        "from uuid import UUID",
        "",
        "import sqlalchemy as sa",
        "from pydantic import MISSING, BaseModel",
        "",
        "from app.types import UtcDateTime, utc_now",
        "from app.types import choice as choice_",
    ]


def test_one_thing_is_imported_once() -> None:
    scope = Scope({"dt", "dt_"})
    assert [scope.module("datetime", "dt") for _ in range(2)] == ["dt__", "dt__"]
    assert scope.lines("app") == "import datetime as dt__"


def test_a_hidden_builtin_is_named_by_its_module() -> None:
    scope = Scope({"int"})
    assert (scope.builtin("int"), scope.builtin("str")) == ("builtins.int", "str")
    assert scope.lines("app") == "import builtins"


# --- literals


@given(st.text())
def test_text_literals_mean_their_text(text: str) -> None:
    literal = text_literal(text)
    assert ast.literal_eval(literal) == text
    assert literal.isprintable()


@pytest.mark.parametrize(
    ("text", "literal"),
    [("a", '"a"'), ("it's", '"it\'s"'), ('"x"', "'\"x\"'"), ("'\"", '"\'\\""'), ("\\", '"\\\\"')],
)
def test_text_literals_prefer_double_quotes(text: str, literal: str) -> None:
    assert text_literal(text) == literal


def test_literals_of_values() -> None:
    scope = Scope(())
    instant = dt.datetime(2026, 1, 31, 8, 30, tzinfo=dt.UTC)
    literals = {
        value_literal(value, scope): value
        for value in (
            instant, dt.date(2026, 1, 31), dt.time(8, 30), Decimal("1E-7"), UUID(int=7),
            {"a": [1, 1.5, None, True]},
        )
    }  # fmt: skip
    assert list(literals) == [
        "dt.datetime(2026, 1, 31, 8, 30, tzinfo=dt.UTC)",
        "dt.date(2026, 1, 31)",
        "dt.time(8, 30)",
        'Decimal("0.0000001")',
        'UUID("00000000-0000-0000-0000-000000000007")',
        '{"a": [1, 1.5, None, True]}',
    ]
    names = {"dt": dt, "Decimal": Decimal, "UUID": UUID}
    assert all(eval(literal, names) == value for literal, value in literals.items())


# --- enums


def test_members_have_names_of_their_own() -> None:
    field = "kind:enum:a b,a-b,A_B,3d,été,class,none,~,x,o,i,l"
    (enum,) = enum_views(make_resource("thing", [field])).values()
    assert enum.name == "ThingKind"
    assert list(enum.members.values()) == [
        "A_B", "A_B_2", "A_B_3", "VALUE_3D", "ETE", "CLASS", "NONE", "VALUE", "X",
        "VALUE_O", "VALUE_I", "L",
    ]  # fmt: skip
    assert enum.lines[0] == 'A_B = "a b"'
    assert enum.length == 32


@given(ENUM_VALUES)
def test_every_value_is_a_member(values: list[str]) -> None:
    (enum,) = enum_views(make_resource("thing", [f"kind:enum:{','.join(values)}"])).values()
    body = ast.parse("\n".join(enum.lines)).body
    said = {
        ast.unparse(node.targets[0]): node.value for node in body if isinstance(node, ast.Assign)
    }
    assert {name: ast.literal_eval(value) for name, value in said.items()} == {
        name: value for value, name in enum.members.items()
    }
    assert list(enum.members) == values
    assert not any(keyword.iskeyword(name) or name.startswith("_") for name in said)


def test_own_names_keep_clear_of_classes_and_imports() -> None:
    fields = ["create:enum:a,b", "create_value:int:min=1", "model:str"]
    assert own_names(make_resource("base", fields)) == {
        "create": "BaseCreateValue",
        "create_value": "BaseCreateValueValue",
        "model": "BaseModelValue",
    }


# --- models, schemas, migrations: the shop, and what is odd


def test_model() -> None:
    model = of(*SHOP["orders"].split(), name="order").model
    stamp = "Mapped[dt.datetime] = mapped_column(UtcDateTime, default=utc_now"
    assert model.lines == (
        "id: Mapped[int] = mapped_column(BigIntegerKey, primary_key=True)",
        "reference: Mapped[UUID] = mapped_column(sa.Uuid(), unique=True)",
        "status: Mapped[OrderStatus] = mapped_column(choice(OrderStatus, 32))",
        "total: Mapped[Decimal] = mapped_column(sa.Numeric(12, 2))",
        "placed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)",
        "note: Mapped[str | None] = mapped_column(LongText)",
        f"created_at: {stamp}, index=True)",
        f"updated_at: {stamp}, onupdate=utc_now)",
    )
    assert "from app.types import BigIntegerKey, LongText, UtcDateTime, choice, utc_now" in (
        model.imports
    )


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("a:str:readonly:default=x", 'a: Mapped[str] = mapped_column(sa.String(255), default="x")'),
        ("a:str:default=x", "a: Mapped[str] = mapped_column(sa.String(255))"),
        ("a:email:index", "a: Mapped[str] = mapped_column(sa.String(254), index=True)"),
        ("a:url:unique", "a: Mapped[str] = mapped_column(sa.String(512), unique=True)"),
        ("a:json", "a: Mapped[JsonValue] = mapped_column(JsonDocument, nullable=False)"),
        (
            "a:json:readonly:default=[]",
            "a: Mapped[JsonValue] = mapped_column(JsonDocument, nullable=False, default=list)",
        ),
        ("a:decimal:16.2", "a: Mapped[Decimal] = mapped_column(LongDecimal(16, 2))"),
        ("a:decimal:15.2", "a: Mapped[Decimal] = mapped_column(sa.Numeric(15, 2))"),
        ("sa:int", "sa: Mapped[int] = mapped_column(sa_.Integer())"),
        ("int:str", "int: Mapped[str] = mapped_column(sa.String(255))"),
        ("dt:date", "dt: Mapped[dt_.date] = mapped_column(sa.Date())"),
    ],
)
def test_columns(field: str, line: str) -> None:
    assert of(field, timestamps=False).model.lines[1] == line


def test_constraints_with_long_names_are_named_alike_everywhere() -> None:
    long = "a_field_with_a_name_as_long_as_it_may_be_given_by_anybody"
    resource = of(f"{long}:int:unique", "b:int:index", name="a-resource-with-a-long-name")
    (argument,) = resource.model.table_arguments
    name = argument.split('name="')[1].removesuffix('")')
    assert len(name) == 63
    assert any(f'name="{name}"' in item for item in resource.migration.items)
    assert "unique=True" not in resource.model.lines[1]
    assert "index=True" in resource.model.lines[2]


def test_schemas() -> None:
    schema = of(*SHOP["products"].split(), name="product").schema
    assert schema.aliases == (
        "ProductName = Annotated[Text, Field(max_length=120)]",
        "ProductSku = Annotated[Text, Field(max_length=40)]",
        "ProductPrice = Annotated[Decimal, Field(ge=0), Fixed(10, 2)]",
        "ProductStock = Annotated[Int32, Field(ge=0), Exact]",
    )
    assert schema.create == (
        "name: ProductName",
        "sku: ProductSku",
        "price: ProductPrice",
        "stock: ProductStock = 0",
        "tags: Json | None = None",
    )
    assert schema.update[3:] == (
        "stock: ProductStock | MISSING = MISSING",
        "tags: Json | MISSING | None = MISSING",
    )
    assert schema.read[:4] == ("id: int", "name: str", "sku: str", "price: Decimal")
    assert schema.query == (
        'sort: Literal["id", "-id", "created_at", "-created_at", "sku", "-sku"] = "id"',
        "sku: Text | None = None",
    )


def test_who_may_send_and_see_what() -> None:
    schema = of("a:str:readonly:default=x", "b:str:writeonly", "c:int:optional:index").schema
    assert [line.split(":")[0] for line in schema.create] == ["b", "c"]
    assert [line.split(":")[0] for line in schema.update] == ["b", "c"]
    assert [line.split(":")[0] for line in schema.read[1:3]] == ["a", "c"]
    assert schema.query[1:] == ("c: Int32 | None = None",)


@pytest.mark.parametrize(
    ("field", "sorted_by"),
    [
        ("a:str:unique", ("id", "created_at", "a")),
        ("a:datetime:index", ("id", "created_at", "a")),
        ("a:int:optional:index", ("id", "created_at")),
        ("a:int", ("id", "created_at")),
        ("a:uuid:unique", ("id", "created_at")),
        ("a:enum:x,y:index", ("id", "created_at")),
        ("a:str:unique:writeonly", ("id", "created_at")),
    ],
)
def test_lists_are_sorted_by_what_is_indexed_and_never_null(
    field: str, sorted_by: tuple[str, ...]
) -> None:
    assert sorts(make_resource("thing", [field])) == sorted_by


@pytest.mark.parametrize(
    ("field", "default"),
    [
        ("a:decimal:10.2:default=7", Decimal("7.00")),
        ("a:url:default=https://example.com", "https://example.com/"),
        ("a:url:default=https://example.com?b=/", "https://example.com/?b=/"),
        ("a:url:default=https://example.com/b", "https://example.com/b"),
        ("a:str:optional", None),
    ],
)
def test_defaults_have_the_form_of_answers(field: str, default: object) -> None:
    found = default_value(parse_field(field))
    assert repr(found) == repr(default)


def test_migration() -> None:
    migration = of(*SHOP["products"].split(), name="product").migration
    sku = 'sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")'
    assert migration.dialects == ("mysql",)
    assert migration.items == (
        'sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)',
        'sa.Column("name", sa.String(120), nullable=False)',
        f'sa.Column("sku", {sku}, nullable=False)',
        'sa.Column("price", sa.Numeric(10, 2), nullable=False)',
        'sa.Column("stock", sa.Integer(), nullable=False)',
        'sa.Column("tags", json, nullable=True)',
        'sa.Column("created_at", instant, nullable=False)',
        'sa.Column("updated_at", instant, nullable=False)',
        'sa.PrimaryKeyConstraint("id", name="pk_products")',
        'sa.UniqueConstraint("sku", name="uq_products_sku")',
    )
    assert migration.indexes == (
        'op.create_index("ix_products_created_at", "products", ["created_at"])',
    )
    assert of("a:int", timestamps=False).migration.dialects == ()


# --- test data


def meaning(field: Field, value: object) -> object:
    """A value of JSON in the type that bounds are compared in; ValueError if it is none."""
    if field.kind.bounds == "length":
        return len(value) if isinstance(value, str) else fail(value)
    readers: dict[str, Any] = {
        "decimal": Decimal, "date": dt.date.fromisoformat, "time": dt.time.fromisoformat,
        "datetime": dt.datetime.fromisoformat,
    }  # fmt: skip
    return readers[field.type](value) if isinstance(value, str) else value


def fail(value: object) -> object:
    raise ValueError(value)


def within(field: Field, value: object) -> bool:
    """Whether ``value`` keeps the limits of the field."""
    if field.type == "enum":
        return value in field.values
    if not field.kind.bounds:
        return True
    found: Any = meaning(field, value)
    high = field.length if field.kind.bounds == "length" else field.typed_max
    return (field.typed_min is None or found >= field.typed_min) and (high is None or found <= high)


@given(WRITABLE)
def test_bodies_differ_as_often_as_they_say(field: Field) -> None:
    made = samples.varied(field, Scope(()))
    values = [eval(made.expression, {"number": number, "dt": dt}) for number in range(samples.SPAN)]
    assert all(within(field, value) for value in values)
    different = len({data_literal(value) for value in values})
    if field.index and not field.unique:
        assert different == min(made.count, 2)
    elif field.unique:
        assert different == made.count
    assert made.count == 1 or values[1] != values[2]


@given(WRITABLE)
def test_accepted_values_keep_the_limits(field: Field) -> None:
    pairs = [(ast.literal_eval(a), ast.literal_eval(b)) for a, b in lengths_cut(field)]
    for sent, answered in pairs:
        if sent is None:
            assert field.optional
        elif field.type not in ("bool", "uuid", "json", "email", "url"):
            assert within(field, answered)
            assert field.type == "enum" or within(
                field, str(sent) if field.type == "decimal" else sent
            )
    if field.kind.bounds == "value" and field.min is not None:
        assert any(
            meaning(field, answered) == field.typed_min
            for _, answered in pairs
            if answered is not None
        )


def lengths_cut(field: Field) -> list[tuple[str, str]]:
    """The accepted values, long texts evaluated: their literals are products."""
    return [(repr(eval(sent)), repr(eval(answered))) for sent, answered in samples.accepted(field)]


@given(WRITABLE)
def test_refused_values_break_a_rule(field: Field) -> None:
    for literal in samples.refused(field):
        value = eval(literal)
        if value is None:
            assert not field.optional
        elif field.type in ("int", "bigint", "float") and type(value) in (int, float):
            whole = field.type == "float" or float(value).is_integer()
            low, high = -(2**31), 2**31 - 1
            if field.type == "bigint":
                low, high = -(2**63), 2**63 - 1
            fits = field.type == "float" or low <= value <= high
            assert not (whole and fits and within(field, value))
        elif field.type == "enum":
            assert value not in field.values
        elif field.type in ("str", "text") and isinstance(value, str) and "\0" not in value:
            assert not within(field, value)


# --- all of it


@pytest.mark.parametrize("name", SHOP)
def test_the_shop_renders_to_modules(name: str) -> None:
    files = rendered(of(*SHOP[name].split(), name=name))
    assert set(files) == {
        *(f"app/{layer}/{name}.py" for layer in ("models", "repositories", "routers")),
        *(f"app/{layer}/{name}.py" for layer in ("schemas", "services")),
        f"migrations/versions/r2_create_{name}.py",
        f"tests/test_{name}.py",
    }
    for source in files.values():
        ast.parse(source)
        assert "\n\n\n\n" not in source
        assert source.endswith("\n") and not source.endswith("\n\n")


@given(st.lists(ANY_FIELD, min_size=1, max_size=4, unique_by=lambda field: field.name))
def test_model_schema_and_migration_agree(fields: list[Field]) -> None:
    try:
        resource = replace(make_resource("thing", ["a:str"]), fields=tuple(fields))
    except UsageError:  # a column and the key of a reference may have one name
        assume(False)
    targets = [field.to for field in fields if field.to and field.to != "things"]
    made = view(resource, "app", {to: make_resource(to, ["a:str"]) for to in targets})
    fields = list(resource.columns)
    names = [field.attribute for field in fields]
    columns = ["id", *names, "created_at", "updated_at"]
    assert [line.split(":")[0] for line in made.model.lines] == columns
    assert [item.split('"')[1] for item in made.migration.items if ".Column(" in item] == columns
    nullable = [item for item in made.migration.items if item.endswith("nullable=True)")]
    assert len(nullable) == sum(field.optional for field in fields)
    assert sum(" | None]" in line for line in made.model.lines) == len(nullable)
    shown = [field.attribute for field in fields if not field.writeonly]
    assert [line.split(":")[0] for line in made.schema.read] == [
        "id", *shown, "created_at", "updated_at",
    ]  # fmt: skip
    for source in rendered(made).values():
        ast.parse(source)


@pytest.mark.parametrize(
    "name", ["news", "type", "data", "status", "test", "page", "request", "base"]
)
def test_any_noun_works(name: str) -> None:
    files = rendered(of("a:str:unique", "b:str:writeonly", name=name))
    functions = {
        node.name
        for path, source in files.items()
        if "/routers/" in path
        for node in ast.parse(source).body
        if isinstance(node, ast.AsyncFunctionDef)
    }
    assert len(functions) == 6
    for source in files.values():
        ast.parse(source)


# --- relations


def test_a_circle_of_tables_has_an_order() -> None:
    one = make_resource("departments", ["name:str", "head:ref:to=employees:optional"])
    other = make_resource("employees", ["department:ref"])
    known = {"departments": one, "employees": other}
    (line,) = [one for one in view(one, "app", known).model.lines if "head_id" in one]
    assert "use_alter=True" in line
    lines = view(other, "app", known).model.lines
    assert not any("use_alter" in line for line in lines)
    assert any('"head_id": None' in entry for entry in view(one, "app", known).suite.body)


def test_both_sides_have_names_of_their_own() -> None:
    orders = make_resource("orders", ["home:ref:to=people", "work:ref:to=people"])
    people = make_resource("people", ["orders:int", "boss:ref:to=people:optional"])
    known = {"orders": orders, "people": people}
    lines = view(people, "app", known).model.relationships
    assert [line.split(":")[0] for line in lines] == [
        "boss", "orders_by_home", "orders_by_work", "people_by_boss",
    ]  # fmt: skip
    assert 'foreign_keys="Order.home_id"' in lines[1]
