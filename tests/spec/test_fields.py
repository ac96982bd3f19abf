"""Fields: the grammar, both ways, and every refusal by name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.spec.errors import UsageError
from scaffold.spec.fields import Field, parse_field, print_field
from scaffold.spec.kinds import KINDS, MODIFIERS

from .strategies import FIELDS, HOSTILE, NAMES, Written, written_fields


@pytest.mark.parametrize("type_", sorted(KINDS))
@given(data=st.data())
def test_printing_what_was_parsed_gives_the_text_back(type_: str, data: st.DataObject) -> None:
    text = data.draw(written_fields(type_)).text()
    field = parse_field(text)
    assert print_field(field) == text
    assert parse_field(print_field(field)) == field


@given(FIELDS, st.data())
def test_the_order_of_modifiers_says_nothing(written: Written, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(written.modifiers))
    assert parse_field(written.text(tuple(shuffled))) == parse_field(written.text())


@given(FIELDS)
def test_data_is_the_field_again_through_json(written: Written) -> None:
    field = parse_field(written.text())
    assert Field.from_data(json.loads(json.dumps(field.to_data()))) == field


@given(FIELDS)
def test_typed_values_lie_within_the_bounds(written: Written) -> None:
    field = parse_field(written.text())
    value, low, high = field.typed_default, field.typed_min, field.typed_max
    measured = len(value) if field.kind.bounds == "length" and value is not None else value
    if measured is not None and low is not None:
        assert low <= measured
    if measured is not None and high is not None:
        assert measured <= high


@given(HOSTILE)
def test_whatever_is_typed_one_clear_line_is_the_worst(text: str) -> None:
    try:
        field = parse_field(text)
    except UsageError as error:
        assert f"{error.message}{error.hint}".isprintable()
    else:
        assert parse_field(print_field(field)) == field


@given(NAMES, st.sampled_from(sorted(KINDS)), HOSTILE)
def test_whatever_follows_a_type_one_clear_line_is_the_worst(
    name: str, type_: str, rest: str
) -> None:
    try:
        field = parse_field(f"{name}:{type_}:{rest}")
    except UsageError as error:
        assert f"{error.message}{error.hint}".isprintable()
    else:
        assert (field.name, field.type) == (name, type_)
        assert parse_field(print_field(field)) == field


def test_every_modifier_is_an_attribute_that_says_nothing_by_itself() -> None:
    plain = Field("a", "str")
    assert {name: getattr(plain, name) for name in MODIFIERS} == {
        name: None if takes_value else False for name, takes_value in MODIFIERS.items()
    }


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("name:str", Field("name", "str")),
        ("date:date", Field("date", "date")),
        ("type:str:index", Field("type", "str", index=True)),
        ("price:decimal", Field("price", "decimal", 10, 2)),
        ("price:decimal:12.2:min=0", Field("price", "decimal", 12, 2, min="0")),
        ("price:decimal:6", Field("price", "decimal", 6, 0)),
        ("price:decimal:optional", Field("price", "decimal", 10, 2, optional=True)),
        ("at:str:default=a:b::", Field("at", "str", default="a:b::")),
        ("at:str:default=", Field("at", "str", default="")),
        ("at:str:default=default=x:unique", Field("at", "str", default="default=x:unique")),
        (
            "role:enum:admin,user:readonly:default=user",
            Field("role", "enum", values=("admin", "user"), readonly=True, default="user"),
        ),
        ("kind:enum:optional,unique", Field("kind", "enum", values=("optional", "unique"))),
        (
            "opens:time:min=08:00:max=18:30:00:unique",
            Field("opens", "time", min="08:00", max="18:30:00", unique=True),
        ),
        (
            "at:datetime:min=2026-01-01T00:00:00+02:00:optional",
            Field("at", "datetime", min="2026-01-01T00:00:00+02:00", optional=True),
        ),
        ('tags:json:default={"a": [1, ":"]}', Field("tags", "json", default='{"a": [1, ":"]}')),
        ("customer:ref", Field("customer", "ref", to="customers")),
        ("owner:ref:to=Person:readonly", Field("owner", "ref", to="people", readonly=True)),
        ("customer:ref:on_delete=restrict", Field("customer", "ref", to="customers")),
        (
            "boss:ref:to=employees:optional:on_delete=set_null",
            Field("boss", "ref", to="employees", optional=True, on_delete="set_null"),
        ),
        ("optional:many:labels", Field("optional", "many", to="labels")),
    ],
)
def test_what_a_text_means(text: str, field: Field) -> None:
    assert parse_field(text) == field


@pytest.mark.parametrize(
    ("text", "low", "high", "default"),
    [
        ("a:str:min=3:max=9:default=abcd", 3, 9, "abcd"),
        ("a:int:min=-3:max=9:default=0", -3, 9, 0),
        ("a:float:min=-0.5:max=1e3:default=0", -0.5, 1000.0, 0.0),
        ("a:decimal:6.2:min=0.05:default=1", Decimal("0.05"), None, Decimal(1)),
        ("a:bool:default=false", None, None, False),
        ("a:date:min=2024-02-29", date(2024, 2, 29), None, None),
        ("a:time:max=23:59:59.5", None, time(23, 59, 59, 500_000), None),
        (
            "a:datetime:min=2026-01-01:default=2026-01-01T01:00:00+01:00",
            datetime(2026, 1, 1, tzinfo=UTC),
            None,
            datetime(2026, 1, 1, tzinfo=UTC),
        ),
        (
            "a:uuid:default=00000000-0000-4000-8000-00000000000a",
            None,
            None,
            UUID("00000000-0000-4000-8000-00000000000a"),
        ),
        ("a:json:default=[1]", None, None, [1]),
        ("a:enum:x,y:default=y", None, None, "y"),
    ],
)
def test_typed_values(text: str, low: object, high: object, default: object) -> None:
    field = parse_field(text)
    assert (field.typed_min, field.typed_max, field.typed_default) == (low, high, default)


@pytest.mark.parametrize("text", ["a:float:default=-0.0", "a:decimal:6.2:default=-0.00"])
def test_there_is_no_negative_zero(text: str) -> None:
    assert str(parse_field(text).typed_default).startswith("0")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("a:str", 255),
        ("a:str:max=4000", 4000),
        ("a:str:unique", 255),
        ("a:text", None),
        ("a:text:max=10", 10),
        ("a:email", 254),
        ("a:url", 2048),
        ("a:url:unique", 512),
        ("a:url:index:max=100", 100),
        ("a:enum:x,yyy", 3),
        ("a:int:max=9", None),
    ],
)
def test_length(text: str, length: int | None) -> None:
    assert parse_field(text).length == length


@pytest.mark.parametrize(
    ("text", "filterable"),
    [
        ("a:str", False),
        ("a:str:unique", True),
        ("a:int:index", True),
        ("a:enum:x,y", True),
        ("a:enum:x,y:writeonly", False),
        ("a:str:unique:writeonly", False),
    ],
)
def test_secrets_are_no_filters(text: str, filterable: bool) -> None:
    assert parse_field(text).filterable is filterable


REFUSED = {
    # the text's shape
    "a": "no type",
    "a:": "no type",
    ":str": "name is empty",
    "a:str:": "nothing after it",
    "a:str::unique": "nothing after it",
    "a:str:unique:unique": "unique is said twice",
    "a:int:min=1:min=2": "min is said twice",
    "a:str:min": "not how min is written",
    "a:str:optional=1": "not how optional is written",
    "a:str:default": "not how default is written",
    "a:nope": "no type 'nope'",
    "a:str:nope": "no modifier 'nope'",
    "a:str:required": "required unless it is optional",
    # names
    "firstName:str": "not a-z, 0-9 and _",
    "_a:str": "not a-z, 0-9 and _",
    "2a:str": "not a-z, 0-9 and _",
    "a/b:str": "is a path",
    "-a:str": "begins like an option",
    "n\u0430me:str": "U+0430, CYRILLIC SMALL LETTER A",
    "class:str": "keyword",
    "l:str": "taken for a digit",
    "metadata:json": "SQLAlchemy",
    "copy:int": "Pydantic",
    "model_validate_it:bool": "Pydantic",
    "self:str": "constructor",
    "xmin:int": "PostgreSQL",
    "portion:int": "SQL",
    f"{'a' * 61}:str": "longer than 60",
    # what belongs to the type
    "a:decimal:2.5": "2 digits, 5 of them",
    "a:decimal:0.0": "0 digits",
    "a:decimal:39.2": "39 digits",
    "a:decimal:38.31": "31 of them",
    "a:enum": "two values",
    "a:enum:x": "two values",
    "a:enum:optional": "two values",
    "a:enum:x,x": "'x' is there twice",
    "a:enum:x,": "'' is empty",
    "a:enum:x, y": "space at an end",
    "a:enum:x,y=z": "can't be in one",
    "a:enum:x,y\n": "can't be in one",
    f"a:enum:x,{'y' * 65}": "longer than 64",
    # what a type can't have
    "a:json:unique": "json takes no unique",
    "a:text:unique": "text takes no unique",
    "a:text:index": "text takes no index",
    "a:bool:unique": "bool takes no unique",
    "a:bool:min=1": "bool takes no min",
    "a:uuid:max=1": "uuid takes no max",
    "a:enum:x,y:min=1": "enum takes no min",
    "a:json:max=1": "json takes no max",
    "a:email:min=3": "email takes no min",
    # bounds
    "a:int:min=5:max=3": "min=5 is above max=3",
    "a:date:min=2026-01-02:max=2026-01-01": "is above",
    "a:datetime:min=2026-01-01T00:00:00Z:max=2026-01-01T00:00:00+01:00": "is above",
    "a:str:min=300": "min=300 is above the 255",
    "a:str:max=0": "not a length",
    "a:str:max=4001": "not a length",
    "a:str:min=-1": "not a length",
    "a:str:max=1.5": "not a length",
    "a:str:max=07": "not a length",
    "a:email:max=20": "not a length",
    "a:email:max=300": "not a length",
    "a:url:max=3000": "not a length",
    "a:str:max=513:unique": "too long for databases to index",
    "a:str:max=513:index": "too long for databases to index",
    "a:int:min=1.5": "not a whole number",
    "a:int:max=2147483648": "outside int",
    "a:bigint:max=9223372036854775808": "outside bigint",
    "a:float:max=nan": "not a number",
    "a:float:max=1e999": "too large",
    "a:decimal:4.2:max=100": "more digits",
    "a:decimal:4.2:min=0.001": "more digits",
    "a:decimal:4.2:min=1e1": "not a decimal",
    "a:date:min=2026-02-30": "not in the calendar",
    "a:date:min=today": "not a date",
    "a:time:min=25:00": "on no clock",
    "a:time:min=8": "not a time",
    "a:datetime:min=2026-01-01T00:00:00": "with its offset",
    "a:datetime:max=0001-01-01T00:00:00+14:00": "not in the calendar",
    # defaults
    "a:int:default=": "not a whole number",
    "a:int:default=007": "not a whole number",
    "a:int:default=\u0663": "not a whole number",
    "a:int:min=5:default=3": "below min=5",
    "a:int:max=5:default=7": "above max=5",
    "a:str:min=2:default=a": "below min=2",
    "a:str:max=2:default=abc": "above max=2",
    f"a:str:default={'x' * 256}": "above the 255 characters of str",
    "a:str:default=a\nb": "U+000A",
    "a:str:default=\0": "U+0000",
    "a:str:default=\ud800": "U+D800",
    "a:bool:default=yes": "neither true nor false",
    "a:enum:x,y:default=z": "none of x, y",
    "a:json:default=nope": "not JSON",
    "a:json:default=NaN": "not JSON",
    "a:json:default=1e999": "not JSON",
    'a:json:default="\\ud800"': "not JSON",
    f"a:json:default={'[' * 100_000}": "not JSON",
    'a:json:default="\\u0000"': "NUL",
    "a:json:default=null": "is null",
    "a:uuid:default=7": "not a UUID",
    "a:email:default=ada@local": "not an e-mail address",
    "a:email:default=ada@it.test": "not an e-mail address",
    "a:url:default=javascript:alert(1)": "not a web address",
    "a:datetime:default=2026-01-01T00:00:00": "with its offset",
    # together
    "a:str:readonly:writeonly:optional": "readonly and writeonly",
    "a:str:readonly": "nothing would ever fill it",
    "a:str:unique:default=x": "unique with a default",
    "a:int:folded": "only names and addresses",
    "a:str:folded:default=X": "folded with a default",
    "a:int:min=3:max=3:unique": "only 3 is allowed",
}


@pytest.mark.parametrize("text", sorted(REFUSED))
def test_what_cannot_be_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_field(text)
    assert REFUSED[text] in caught.value.message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("firstName:str", "write first_name"),
        ("first-name:str", "write first_name"),
        ("n\u0430me:str", "write name"),
        ("a:string", "write a:str;"),
        ("a:integer", "write a:int;"),
        ("a:boolena", "write a:bool;"),
        ("a:str:nullable", "write optional;"),
        ("a:str:uniqe", "write unique;"),
        ("a:str:max_length=5", "write max=…;"),
        ("a:str:50", "write max=50;"),
        ("a:qqq", "the types are str, text,"),
    ],
)
def test_the_hint_says_what_was_meant(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_field(text)
    assert (caught.value.hint or "").startswith(hint)


WORKS = """
    type properties filters date datetime time uuid decimal match case model_name model items values
    keys list property order limit created_at id a__b class_ query session name value index
"""


@pytest.mark.parametrize("name", WORKS.split())
def test_what_can_work_works(name: str) -> None:
    assert parse_field(f"{name}:str").name == name


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"name": "a"},
        {"name": "a", "type": "str", "nope": 1},
        {"name": "a", "type": "str", "optional": 1},
        {"name": "a", "type": "str", "min": 1},
        {"name": "../a", "type": "str"},
        {"name": "a", "type": "nope"},
        {"name": "a", "type": "enum", "values": [1, 2]},
        {"name": "a", "type": "str", "values": ["x", "y"]},
        {"name": "a", "type": "str", "precision": 1},
        {"name": "a", "type": "decimal"},
        {"name": "a", "type": "decimal", "precision": True, "scale": 1},
    ],
)
def test_recorded_data_that_no_field_made_is_refused(data: object) -> None:
    with pytest.raises(UsageError):
        Field.from_data(data)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x:many", "doesn't say which resource"),
        ("class_:ref", "doesn't say which resource"),
        ("x:many:labels:optional", "many takes no optional"),
        ("x:ref:default=1", "ref takes no default"),
        ("x:ref:writeonly", "ref takes no writeonly"),
        ("x:ref:to=", "can't refer to ''"),
        ("x:ref:on_delete=drop", "none of restrict, cascade, set_null"),
        ("x:ref:on_delete=set_null", "needs a field that can be null"),
        ("x:str:to=labels", "str refers to no resource"),
    ],
)
def test_relations_that_cannot_be(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        parse_field(text)


def test_fields_of_older_records_are_readable() -> None:
    assert Field.from_data({"name": "a", "type": "str", "unique": True}) == Field(
        "a", "str", unique=True
    )
