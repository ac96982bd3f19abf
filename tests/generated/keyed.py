"""Resources whose keys are not an ``id`` that the database numbers, put into a project."""

from __future__ import annotations

from collections.abc import Iterator

from scaffold.api import Action, Context
from scaffold.generators.resource import change
from scaffold.spec.fields import Field, Key, parse_field
from scaffold.spec.naming import parse_name
from scaffold.spec.resource import Resource

NAME = parse_field("title:str:max=40")
KEYS: dict[str, tuple[Key, ...]] = {
    "number": (Key("article_no", "int", given=True),),
    "serial": (Key("serial_no", "int"),),
    "code": (Key("code", "str", max="30", given=True),),
    "tag": (Key("id", "uuid", given=True),),
    "color": (Key("color", "enum", values=("red", "dark blue", "3d"), given=True),),
    "line": (Key("order_no", "bigint", given=True), Key("line_no", "int", given=True)),
    "price": (
        Key("product", "str", max="12", given=True),
        Key("since", "datetime", given=True),
        Key("amount", "decimal", precision=8, scale=2, given=True),
    ),
    "shift": (
        Key("day", "date", given=True),
        Key("start", "time", given=True),
        Key("late", "bool", given=True),
    ),
}


def resources() -> Iterator[Resource]:
    """One resource for each kind of key, with a field to change and one to sort by."""
    rank: Field = parse_field("rank:int:index")
    for name, key in KEYS.items():
        yield Resource(parse_name(name), (NAME, rank), key=key, timestamps=name == "line")


def keyed(context: Context) -> Iterator[Action]:
    """A generator that adds them all."""
    for resource in resources():
        yield from change(context, None, resource)
