"""Resources: what a command makes of them, their data, and what their fields can't be together."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scaffold.spec.errors import UsageError
from scaffold.spec.fields import Field, Key
from scaffold.spec.naming import parse_name
from scaffold.spec.resource import (
    Existing,
    Resource,
    check_resource,
    make_resource,
    parse_prefix,
)

from .strategies import FIELDS, HOSTILE, JSON_VALUES, Written

SHOP = ["reference:uuid:unique", "status:enum:open,paid:default=open", "total:decimal:12.2:min=0"]


def test_without_fields_it_has_a_name() -> None:
    assert make_resource("orders", []).fields == (Field("name", "str"),)


def test_what_is_said_and_what_is_not() -> None:
    resource = make_resource("OrderItem", SHOP, prefix="shop/", timestamps=False)
    assert resource.name == parse_name("order-items")
    assert [field.name for field in resource.fields] == ["reference", "status", "total"]
    assert (resource.table, resource.prefix) == ("order_items", "/shop")
    assert (resource.key, resource.timestamps) == ((Key("id", "bigint"),), False)
    assert resource.path == "/shop/order-items"


@given(
    st.lists(FIELDS, max_size=4, unique_by=lambda written: written.head.split(":")[0]),
    st.booleans(),
    st.dictionaries(st.text(max_size=5), JSON_VALUES, max_size=3),
)
def test_data_is_the_resource_again_through_json(
    fields: list[Written], timestamps: bool, aspects: dict[str, Any]
) -> None:
    try:
        made = make_resource("orders", [field.text() for field in fields], timestamps=timestamps)
    except UsageError:
        assume(False)
    key = (Key("order_no", "int"), Key("line_no", "uuid"))
    resource = replace(made, key=key, table="Order Lines", aspects=aspects)
    written = json.dumps(resource.to_data())
    assert Resource.from_data(json.loads(written)) == resource
    assert json.dumps(Resource.from_data(json.loads(written)).to_data()) == written


def test_data_is_stable_whatever_order_aspects_came_in() -> None:
    one, other = ({"b": 1, "a": 2}, {"a": 2, "b": 1})
    data = [
        json.dumps(replace(make_resource("orders", SHOP), aspects=aspects).to_data())
        for aspects in (one, other)
    ]
    assert data[0] == data[1]


def test_a_resource_can_be_in_a_set() -> None:
    assert len({make_resource("orders", SHOP), make_resource("Order", SHOP)}) == 1


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        (["a:str", "a:int"], "'a' is there twice"),
        (["id:int"], "'id': that is the key"),
        (["created_at:datetime"], "'created_at': every resource has it"),
        (["updated_at:date"], "'updated_at': every resource has it"),
        (["limit:int:index"], "'limit': every list has a parameter"),
        (["cursor:str:unique"], "'cursor': every list has a parameter"),
        (["sort:enum:a,b"], "'sort': every list has a parameter"),
        (["include:bool:index"], "'include': every list has a parameter"),
        (["line1:str", "line_1:str"], "'line1' and 'line_1' would both be Line1"),
    ],
)
def test_what_cannot_be_together_is_refused_by_name(fields: list[str], part: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_resource("orders", fields)
    assert part in caught.value.message


@pytest.mark.parametrize("field", ["limit:int", "sort:str", "cursor:str:unique:writeonly"])
def test_what_is_no_filter_may_be_called_like_a_parameter(field: str) -> None:
    assert make_resource("orders", [field]).fields[0].name == field.split(":")[0]


def test_without_timestamps_their_names_are_free() -> None:
    made = make_resource("orders", ["created_at:date", "updated_at:date"], timestamps=False)
    assert [field.name for field in made.fields] == ["created_at", "updated_at"]


def test_a_path_of_the_app_is_refused() -> None:
    with pytest.raises(UsageError, match="the path /api/docs is the app's own"):
        make_resource("docs", [], prefix="/api")
    assert make_resource("docs", []).path == "/api/v1/docs"


def test_what_was_recorded_stays_readable_where_a_new_one_is_refused() -> None:
    recorded = Resource(parse_name("orders"), (Field("limit", "int", index=True),))
    assert Resource.from_data(recorded.to_data()) == recorded
    with pytest.raises(UsageError):
        check_resource(recorded)


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("/api/v1", "/api/v1"),
        ("api/v1", "/api/v1"),
        ("/api/v1/", "/api/v1"),
        ("", ""),
        ("/", ""),
        ("/API/v1.2/~me", "/API/v1.2/~me"),
        ("/...x", "/...x"),
    ],
)
def test_prefixes(text: str, prefix: str) -> None:
    assert parse_prefix(text) == prefix == parse_prefix(prefix)


NO_PREFIXES = "// /a//b /a// /{x} /.. /a/../b /. /a?b \\a /%2e%2e http://x"


@pytest.mark.parametrize(
    "text", [*NO_PREFIXES.split(), " ", "/a b", "/a\n", "/\u00e9", "/" + "a" * 201]
)
def test_prefixes_that_cannot_be(text: str) -> None:
    with pytest.raises(UsageError):
        parse_prefix(text)


@given(HOSTILE, st.lists(HOSTILE, max_size=2), HOSTILE)
def test_whatever_is_typed_one_clear_line_is_the_worst(
    name: str, fields: list[str], prefix: str
) -> None:
    for given_name, given_fields, given_prefix in (
        (name, ["a:str"], "/api/v1"),
        ("orders", fields, "/api/v1"),
        ("orders", ["a:str"], prefix),
    ):
        try:
            make_resource(given_name, given_fields, prefix=given_prefix)
        except UsageError as error:
            assert f"{error.message}{error.hint}".isprintable()


def _changed(**change: object) -> dict[str, object]:
    return make_resource("orders", SHOP).to_data() | change


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        _changed(more=1),
        _changed(timestamps=1),
        _changed(name={"singular": "../order", "plural": "orders"}),
        _changed(name={"singular": "order", "plural": "or ders"}),
        _changed(name={"singular": "", "plural": ""}),
        _changed(name={"singular": "order"}),
        _changed(prefix="api/v1"),
        _changed(prefix="/{x}"),
        _changed(table="a\0"),
        _changed(table="x" * 64),
        _changed(key=[]),
        _changed(key=[{"name": "id", "type": "nope"}]),
        _changed(key=[{"name": "i d", "type": "int"}]),
        _changed(key=[{"name": "id", "type": "int"}, {"name": "id", "type": "int"}]),
        _changed(key=[{"name": "total", "type": "int"}]),
        _changed(fields=[{"name": "a"}]),
        _changed(fields=["a:str"]),
    ],
)
def test_recorded_data_that_no_resource_made_is_refused(data: object) -> None:
    with pytest.raises(UsageError):
        Resource.from_data(data)


def test_old_records_stay_readable() -> None:
    data = make_resource("orders", SHOP).to_data()
    assert data["key"] == [{"name": "id", "type": "bigint"}]
    assert "existing" not in data
    assert Resource.from_data(data).key == (Key(),)


def test_a_table_that_was_there_is_data_too() -> None:
    existing = Existing("sales", ('sa.Index("IX Line", "Line No")',), (("order_no", "line_no"),))
    fields = (
        Field("line_no", "int", column="Line No", stored="sa.SMALLINT()", filled=True),
        Field("tags", "str", stored="sa.VARCHAR(20)", array=True),
    )
    key = (Key("order_no", "str", max="5", column="OrderNo", stored="sa.CHAR(5)", given=True),)
    resource = Resource(
        parse_name("lines"), fields, key=key, table="Order Lines", timestamps=False,
        existing=existing,
    )  # fmt: skip
    assert Resource.from_data(json.loads(json.dumps(resource.to_data()))) == resource
    assert resource.key[0].column_name == "OrderNo"


@pytest.mark.parametrize("stored", ["print()", "sa.Text", "sa.Text(); x", "sa.f(g())", "os.a()"])
def test_a_recorded_column_type_is_nothing_but_one(stored: str) -> None:
    with pytest.raises(UsageError, match="is no type of a column"):
        Field("note", "str", stored=stored)
