"""Names: one parser for every spelling, and refusals in one clear line."""

from __future__ import annotations

import keyword
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scaffold.spec import reserved
from scaffold.spec.errors import UsageError
from scaffold.spec.naming import (
    Name,
    constraint_name,
    parse_name,
    parse_package,
    parse_project_name,
)

from .strategies import HOSTILE

WORDS = st.lists(st.from_regex("[a-z]{2}[a-z0-9]{0,8}", fullmatch=True), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("spellings", "singular", "plural"),
    [
        ("order orders Order Orders ORDERS", "order", "orders"),
        (
            "order-item order-items OrderItem OrderItems order_items orderItems ORDER_ITEMS",
            "order_item",
            "order_items",
        ),
        ("HTTPServer HTTPServers http-server HttpServer", "http_server", "http_servers"),
        ("APIKey APIKeys api_keys", "api_key", "api_keys"),
        ("URL URLs Urls url", "url", "urls"),
        ("UserURLs UserURL user-url", "user_url", "user_urls"),
        ("OAuth2Client oauth2_clients", "oauth2_client", "oauth2_clients"),
        ("IPv4Address ipv4-addresses", "ipv4_address", "ipv4_addresses"),
        ("EC2Instance ec2-instances", "ec2_instance", "ec2_instances"),
        ("XRay x-rays", "x_ray", "x_rays"),
        ("order_2 Order2 order-2s", "order2", "order2s"),
        ("Person people Persons", "person", "people"),
        ("sales-person SalesPeople", "sales_person", "sales_people"),
        ("Salesperson salespeople", "salesperson", "salespeople"),
        ("news-items NewsItem", "news_item", "news_items"),
        ("news News", "news", "news"),
        ("MediaType media_types", "media_type", "media_types"),
        ("media Media", "media", "media"),
        ("type types Type", "type", "types"),
        ("property properties", "property", "properties"),
        ("list lists", "list", "lists"),
        ("filter filters", "filter", "filters"),
        ("match matches", "match", "matches"),
        ("case cases", "case", "cases"),
    ],
)
def test_every_spelling_is_one_resource(spellings: str, singular: str, plural: str) -> None:
    expected = Name(tuple(singular.split("_")), tuple(plural.split("_")))
    assert {parse_name(spelling) for spelling in spellings.split()} == {expected}


def test_spaces_separate_words_too() -> None:
    assert parse_name("order items") == parse_name("OrderItem")


def test_forms() -> None:
    name = parse_name("OrderItem")
    assert (name.snake, name.snake_plural) == ("order_item", "order_items")
    assert (name.pascal, name.pascal_plural) == ("OrderItem", "OrderItems")
    assert (name.kebab, name.kebab_plural) == ("order-item", "order-items")
    assert (name.title, name.title_plural) == ("order item", "order items")
    assert (name.uncountable, name.list_name) == (False, "order_items")


def test_an_uncountable_collection_has_a_name_of_its_own() -> None:
    name = parse_name("news")
    assert (name.uncountable, name.snake, name.list_name) == (True, "news", "news_list")


@given(WORDS)
def test_all_forms_of_a_name_are_that_name(words: list[str]) -> None:
    try:
        name = parse_name("_".join(words))
    except UsageError:
        assume(False)
    assert {parse_name(form) for form in (name.snake, name.pascal, name.kebab)} == {name}
    assert name.list_name != name.snake
    for form in (name.snake, name.snake_plural, name.pascal, name.pascal_plural):
        assert form.isascii() and form.isidentifier() and not keyword.iskeyword(form)


@given(st.from_regex("[A-Za-z]([A-Za-z0-9]){0,39}", fullmatch=True))
def test_forty_characters_fit_any_database(text: str) -> None:
    try:
        name = parse_name(text)
    except UsageError as error:
        assert "characters" not in error.message
    else:
        assert len(f"pk_{name.snake_plural}") <= 63


@given(HOSTILE)
def test_whatever_is_typed_one_clear_line_is_the_worst(text: str) -> None:
    for parse in (parse_name, parse_project_name, parse_package):
        try:
            parse(text)
        except UsageError as error:
            assert f"{error.message}{error.hint}".isprintable()
        else:
            assert text.isascii() and text.isprintable()
            assert not set(text) & set("/\\~:{}'\"")


REFUSED = {
    "": "is empty",
    "  ": "is empty",
    "../x": "is a path",
    "a/b": "is a path",
    "a\\b": "is a path",
    "/etc": "is a path",
    "~": "is a path",
    ".": "is a path",
    "-x": "begins like an option",
    "--help": "begins like an option",
    "a.b": "the character '.'",
    "a:b": "the character ':'",
    "a{{b}}": "the character '{'",
    "a\nb": r"the character '\n'",
    "a\0": r"the character '\x00'",
    "\u043erders": "U+043E, CYRILLIC SMALL LETTER O",
    "caf\u00e9": "U+00E9, LATIN SMALL LETTER E WITH ACUTE",
    "\ud800": r"'\ud800' (U+D800, of no name)",
    "_orders": "nothing to separate",
    "orders_": "nothing to separate",
    "order__items": "nothing to separate",
    "2fa": "begins with a digit",
    "class": "'class' is a keyword",
    "Classes": "'class' is a keyword",
    "import": "'import' is a keyword",
    "none": "'None' is a keyword",
    "l": "'l' is easily taken",
    "o": "'O' is easily taken",
    "NotFound": "a NotFound of their own",
    "errors": "tests/test_errors.py",
    "sqlite_sequence": "SQLite keeps",
    "pg_tables": "PostgreSQL keeps",
    "a" * 60: "61 characters; 60 are the most",
    "x" * 59: "61 characters; 60 are the most",
}


@pytest.mark.parametrize("text", sorted(REFUSED))
def test_what_cannot_work_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_name(text)
    assert REFUSED[text] in caught.value.message


def test_the_longest_names() -> None:
    assert len(parse_name("a" * 59).snake_plural) == 60
    assert parse_project_name("a" * 60) == parse_package("a" * 60) == "a" * 60


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("\u043erders", "write orders"),
        ("caf\u00e9", "write cafe"),
        ("\uff2frder", "write Order"),
        ("\u65e5\u672c", "write it with letters"),
        ("order__items", "write order-items"),
        ("_", "write it with letters"),
    ],
)
def test_the_hint_says_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_name(text)
    assert (caught.value.hint or "").startswith(hint)


@pytest.mark.parametrize("text", ["my-api", "my_api", "shop2", "Shop", "a", "calendar", "my.api"])
def test_project_names(text: str) -> None:
    assert parse_project_name(text) == text


NO_PROJECTS = """
    . .. ./ ../x a/b ~/x -x x- x_ fastapi SQLAlchemy pydantic_settings pytest.cov con COM1.x
"""


@pytest.mark.parametrize(
    "text", [*NO_PROJECTS.split(), "", "a b", "a\n", "\u043ea", "caf\u00e9", "x" * 61]
)
def test_project_names_that_cannot_work(text: str) -> None:
    with pytest.raises(UsageError):
        parse_project_name(text)


@pytest.mark.parametrize("text", ["app", "shop2", "my_app", "core"])
def test_packages(text: str) -> None:
    assert parse_package(text) == text


NO_PACKAGES = """
    my-app App _app 2x a.b ../x class json email test tests compression fastapi sqlalchemy migrations
"""


@pytest.mark.parametrize("text", [*NO_PACKAGES.split(), "", "caf\u00e9", "app\n", "x" * 61])
def test_packages_that_cannot_work(text: str) -> None:
    with pytest.raises(UsageError):
        parse_package(text)


def test_a_package_never_hides_what_the_project_depends_on() -> None:
    assert {name.replace("-", "_") for name in reserved.DISTRIBUTIONS} <= reserved.PACKAGES
    assert "alembic" in reserved.PACKAGES and "secrets" in sys.stdlib_module_names


def test_constraint_names() -> None:
    assert constraint_name("uq", "orders", "reference") == "uq_orders_reference"
    long = constraint_name("uq", "o" * 42, "c" * 40)
    assert len(long) == 63 and long.startswith(f"uq_{'o' * 42}_")
    assert long != constraint_name("uq", "o" * 42, "c" * 41)
    assert len(constraint_name("uq", "\u00e9" * 42, "c" * 40).encode()) <= 63
