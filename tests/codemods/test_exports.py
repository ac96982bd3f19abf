"""A name in a module that gathers names: put in among its neighbours, and taken out again."""

from __future__ import annotations

import textwrap

import pytest

from scaffold.codemods import Already, Cannot, Patched, apply, invert
from tests.pasting import by_hand

MODELS = {"module": "app.models.widget", "name": "Widget", "package": "app.models"}


def text(source: str) -> bytes:
    return textwrap.dedent(source).lstrip("\n").encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from app.models.item import Item\n",
            "from app.models.item import Item\nfrom app.models.widget import Widget\n",
        ),
        (
            """
            from app.models.item import Item
            from app.models.zebra import Zebra

            __all__ = ["Item", "Zebra"]
            """,
            """
            from app.models.item import Item
            from app.models.widget import Widget
            from app.models.zebra import Zebra

            __all__ = ["Item", "Widget", "Zebra"]
            """,
        ),
        (
            """
            from app.models.item import Item

            __all__ = [
                'Zebra',
                'Item',
            ]
            """,
            """
            from app.models.item import Item
            from app.models.widget import Widget

            __all__ = [
                'Zebra',
                'Item',
                'Widget',
            ]
            """,
        ),
        (
            """
            from app.models.zebra import Zebra

            __all__: tuple[str, ...] = (
                "Zebra",
            )
            """,
            """
            from app.models.widget import Widget
            from app.models.zebra import Zebra

            __all__: tuple[str, ...] = (
                "Widget",
                "Zebra",
            )
            """,
        ),
        (
            "from app.models.item import Item\n__all__ = [n for n in dir()]\n",
            (
                "from app.models.item import Item\nfrom app.models.widget import Widget\n"
                "__all__ = [n for n in dir()]\n"
            ),
        ),
    ],
)
def test_a_name_goes_among_its_neighbours_and_comes_out_again(before: str, after: str) -> None:
    done = apply("import_name", text(before), MODELS)
    assert done == Patched(text(after))
    assert isinstance(apply("import_name", text(after), MODELS), Already)
    assert invert("import_name", text(after), MODELS) == Patched(text(before))
    assert isinstance(invert("import_name", text(before), MODELS), Already)


@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_every_other_byte_stays(ending: bytes, bom: bytes) -> None:
    before = bom + b"from .item import Item  # ours" + ending + ending + b"__all__ = ('Item',)"
    arguments = {**MODELS, "module": ".widget", "comment": "  # noqa: F401"}
    done = apply("import_name", before, arguments)
    assert isinstance(done, Patched)
    line = b"from .widget import Widget  # noqa: F401" + ending
    assert done.content.replace(line, b"").replace(b", 'Widget'", b"") == before


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("class Widget:\n    pass\n", "Widget means something else there"),
        ("from other import Widget\n", "Widget means something else there"),
        ("def broken(:\n", "the file does not parse"),
    ],
)
def test_what_is_unsure_is_refused_with_the_line(source: str, reason: str) -> None:
    done = apply("import_name", source.encode(), MODELS)
    assert isinstance(done, Cannot)
    assert reason in done.reason
    if reason == "the file does not parse":
        assert not done.paste
    else:
        assert done.snippet == "from app.models.widget import Widget as Widget_2\n"
        assert isinstance(apply("import_name", by_hand(source.encode(), done), MODELS), Already)


@pytest.mark.parametrize(
    "source",
    [
        "from app.models.widget import Widget, Other\n",
        "from app.models.widget import Widget\nprint(Widget)\n",
        "import os; from app.models.widget import Widget\n",
    ],
)
def test_what_is_used_or_not_alone_stays(source: str) -> None:
    assert isinstance(invert("import_name", source.encode(), MODELS), Cannot)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[u"A"]', '[u"A", "Widget"]'),
        ("('A',)", "('A', 'Widget',)"),
        ("'A', 'Z'", "'A', 'Widget', 'Z'"),
        ('["A" "B"]', '["A" "B", "Widget"]'),
        ('(\n    r"A",\n)', '(\n    r"A",\n    "Widget",\n)'),
        (
            '[\n\t"A",  # first\n\t"Z"  # last\n]',
            '[\n\t"A",  # first\n\t"Widget",\n\t"Z"  # last\n]',
        ),
        (
            '[\n    "A",\n    "B"  # last\n]',
            '[\n    "A",\n    "B",  # last\n    "Widget",\n]',
        ),
        ('[\n    "A", "B",\n    "C"]', '[\n    "A", "B",\n    "C", "Widget"]'),
        ('["A", *others]', '["A", *others]'),
        ('["A"] + others', '["A"] + others'),
        ("'A B'.split()", "'A B'.split()"),
        ("[]", "[]"),
    ],
)
def test_all_in_whatever_form(before: str, after: str) -> None:
    text = "from app.models.a import A\n__all__ = {}\n"
    done = apply("import_name", text.format(before).encode(), MODELS)
    assert isinstance(done, Patched)
    line = "from app.models.widget import Widget\n"
    assert done.content.decode().replace(line, "") == text.format(after)
    taken = invert("import_name", done.content, MODELS)
    assert isinstance(taken, Patched)
    kept = text.format(before).replace('"B"  # last', '"B",  # last')
    assert taken.content.decode() == kept
