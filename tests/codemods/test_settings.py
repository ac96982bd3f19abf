from __future__ import annotations

import itertools

import pytest

from scaffold.codemods import Already, Cannot, Patched, invert
from scaffold.codemods.settings import add_setting, add_variable
from tests.pasting import by_hand

SETTINGS = """from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    \"\"\"All of them.\"\"\"

    model_config = SettingsConfigDict(env_file=".env")

    database_url: str = "sqlite://"  # the default
    debug: bool = False

    @property
    def x(self) -> int:
        return 1
"""


def test_behind_the_last_field() -> None:
    outcome = add_setting(
        SETTINGS.encode(), name="redis_url", annotation="str | None", default="None"
    )
    wanted = SETTINGS.replace("= False\n", "= False\n    redis_url: str | None = None\n")
    assert outcome == Patched(wanted.encode())
    assert isinstance(add_setting(wanted.encode(), name="redis_url", annotation="int"), Already)


def test_a_class_without_fields_and_without_default() -> None:
    text = "class Env(pydantic.BaseSettings):\r\n\tpass\r\nimport pydantic\r\n"
    outcome = add_setting(text.encode(), name="key", annotation="str")
    assert outcome == Patched(text.replace("pass\r\n", "pass\r\n\tkey: str\r\n").encode())


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("x = 1\n", {}),
        (SETTINGS, {"class_name": "Other"}),
        (SETTINGS, {"default": "missing()"}),
        ("class S(BaseSettings:\n", {}),
    ],
)
def test_leaves_alone(text: str, arguments: dict[str, str]) -> None:
    outcome = add_setting(text.encode(), **{"name": "new", "annotation": "int", **arguments})
    assert isinstance(outcome, Cannot)
    assert not outcome.paste


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (SETTINGS + "class Other(BaseSettings):\n    a: int\n", {"class_name": "Other"}),
        (SETTINGS, {"annotation": "Annotated[HttpUrl, Field(repr=False)]"}),
        ("class S(BaseSettings): a: int = 1\n", {}),
        ("class S(BaseSettings): a: int = 1; b: int = 2\n", {}),
        ("if x:\n    class S(BaseSettings): a: int\nelse:\n    class S(A, BaseSettings): 1\n", {}),
    ],
)
def test_what_is_refused_can_be_pasted(text: str, arguments: dict[str, str]) -> None:
    wanted = {"name": "new", "annotation": "int", "class_name": "S", **arguments}
    wanted["class_name"] = "Settings" if text.startswith(SETTINGS) else wanted["class_name"]
    text = text.replace("Other", "Settings")
    outcome = add_setting(text.encode(), **wanted)
    assert isinstance(outcome, Cannot)
    assert "new: " in outcome.snippet
    after = by_hand(text.encode(), outcome)
    compile(after, "settings.py", "exec")
    assert isinstance(add_setting(after, **wanted), Already)


def test_variables_are_added_once() -> None:
    outcome = add_variable(b"A=1\r\n", name="REDIS_URL", value="redis://x", comment="shared")
    assert outcome == Patched(b"A=1\r\n# shared\r\nREDIS_URL=redis://x\r\n")
    assert add_variable(outcome.content, name="REDIS_URL") == Already(3)


@pytest.mark.parametrize(
    "text", [b"# REDIS_URL=\n", b"export REDIS_URL=x\n", b"\xef\xbb\xbfREDIS_URL = 1"]
)
def test_variables_that_are_mentioned(text: bytes) -> None:
    assert add_variable(text, name="REDIS_URL") == Already(1)


def test_other_variables_do_not_count() -> None:
    assert add_variable(b"MY_REDIS_URL=1", name="REDIS_URL") == Patched(
        b"MY_REDIS_URL=1\nREDIS_URL="
    )
    assert isinstance(add_variable(b"\xff=1", name="REDIS_URL"), Cannot)


SORTED = """\
class Settings(BaseSettings):
    model_config = {}

    # where
    database_url: str = "x"
    limit: int = 1  # rows
"""


@pytest.mark.parametrize(("name", "line"), [("alpha", 4), ("lima", 5), ("limits", 6), ("zulu", 6)])
def test_a_field_is_put_among_sorted_ones(name: str, line: int) -> None:
    outcome = add_setting(SORTED.encode(), name=name, annotation="int", default="2")
    lines = SORTED.splitlines(keepends=True)
    lines.insert(line, f"    {name}: int = 2\n")
    assert outcome == Patched("".join(lines).encode())


def test_fields_in_any_order_give_the_same_bytes() -> None:
    results = set()
    for names in itertools.permutations(["alpha", "lima", "mike", "zulu"]):
        content = SORTED.encode()
        for name in names:
            outcome = add_setting(content, name=name, annotation="int", default="2")
            assert isinstance(outcome, Patched)
            content = outcome.content
        results.add(content)
    assert len(results) == 1


DORMANT = """\
# Copy to .env.

# Who may call:
# CORS=[]

# DOCS=true
# GZIP=false

# Bytes:
# MAX=1
"""


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("AUTH", "# Who", "# help\n# AUTH=1\n\n# Who"),
        ("DEBUG", "# DOCS", "# help\n# DEBUG=1\n\n# DOCS"),
        ("ETAG", "# GZIP", "\n# help\n# ETAG=1\n\n# GZIP"),
        ("REDIS", "# MAX=1\n", "# MAX=1\n\n# help\n# REDIS=1\n"),
    ],
)
def test_a_variable_is_put_among_sorted_ones(name: str, before: str, after: str) -> None:
    outcome = add_variable(DORMANT.encode(), name=name, value="1", comment="help")
    assert outcome == Patched(DORMANT.replace(before, after).encode())


def test_variables_in_any_order_give_the_same_bytes() -> None:
    results = set()
    for names in itertools.permutations(["AUTH", "ETAG", "FAST", "REDIS", "ZULU"]):
        content = DORMANT.encode()
        for name in names:
            outcome = add_variable(content, name=name, value="1", comment=f"About\n{name}:")
            assert isinstance(outcome, Patched)
            content = outcome.content
        results.add(content)
    assert len(results) == 1


def test_variables_that_are_commented_out_are_taken_out_again() -> None:
    content = DORMANT.encode()
    added = [("AUTH", "1", "One\nline more"), ("ETAG", "", ""), ("REDIS", "x", "Where …")]
    keys = ("name", "value", "comment")
    for one in added:
        outcome = add_variable(content, **dict(zip(keys, one, strict=True)))
        assert isinstance(outcome, Patched)
        content = outcome.content
    for one in added:
        back = invert("add_variable", content, dict(zip(keys, one, strict=True)))
        assert isinstance(back, Patched)
        content = back.content
    rows = [row for row in content.decode().splitlines() if row]
    assert rows == [row for row in DORMANT.splitlines() if row]
    changed = DORMANT.replace("# MAX=1", "# MAX=2").encode()
    assert isinstance(invert("add_variable", changed, {"name": "MAX", "value": "1"}), Cannot)


def test_variables_that_are_not_sorted_stay_as_they_are() -> None:
    text = "# Note: none\nZ=1\n# A=2\n\nB=3"
    assert add_variable(text.encode(), name="C", value="4") == Patched(f"{text}\n\nC=4".encode())


def test_a_value_of_several_lines_is_one_entry() -> None:
    text = "CERT=\"-----BEGIN\nSIZE=1\n\n# x\n-----END\"\nZED='a\n'\n"
    outcome = add_variable(text.encode(), name="SIZE", value="3")
    assert outcome == Patched(text.replace("ZED", "SIZE=3\nZED").encode())
    assert add_variable(outcome.content, name="SIZE") == Already(6)
    taken = invert("add_variable", outcome.content, {"name": "SIZE", "value": "3", "comment": ""})
    assert taken == Patched(text.encode())


def test_a_quote_that_never_ends_is_a_character() -> None:
    assert add_variable(b"A=it's\nC='\n", name="B") == Patched(b"A=it's\nB=\nC='\n")


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\u2028", "\x85"])
def test_only_line_ends_end_lines(odd: str) -> None:
    text = f"A=x{odd}B=y\nC=z\n"
    assert add_variable(text.encode(), name="B") == Patched(text.replace("C=", "B=\nC=").encode())


@pytest.mark.parametrize(
    "text",
    [
        "if TYPE_CHECKING:\n    from pydantic import Field\nclass S(BaseSettings):\n    a: int\n",
        "class S(BaseSettings):\n    a: int\nfrom pydantic import Field\n",
    ],
)
def test_names_that_are_not_bound_yet_do_not_count(text: str) -> None:
    wanted = {"name": "new", "annotation": "int", "default": "Field(3)", "class_name": "S"}
    outcome = add_setting(text.encode(), **wanted)
    assert isinstance(outcome, Cannot)
    assert outcome.reason == "Field is not imported"
    after = by_hand(text.encode(), outcome)
    assert after.decode().count("from pydantic import Field\n") == 2
    assert isinstance(add_setting(after, **wanted), Already)


def test_stars_may_bring_a_name() -> None:
    text = "from pydantic import *\nclass S(BaseSettings):\n    a: int = Field(1)\n"
    outcome = add_setting(text.encode(), name="b", annotation="int", default="Field(3)")
    assert outcome == Patched((text + "    b: int = Field(3)\n").encode())
