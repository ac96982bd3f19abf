"""Entries of schemathesis.toml: a canonical place, everything else untouched, and out again."""

from __future__ import annotations

import itertools
import tomllib
from typing import Any

import pytest

from scaffold.codemods import Already, Cannot, Patched, invert
from scaffold.codemods.operations import add_operations

FILE = "# Read by schemathesis.\n#\n# Each with its reason.\n"
OTHER = FILE + '\n[generation]\nmode = "all"\n\n# Slow.\n[[operations]]\ninclude-path = "/b"\n'


def arguments(path: str) -> dict[str, Any]:
    return {
        "paths": [path, f"{path}/{{id}}"],
        "methods": ["POST", "PATCH"],
        "reason": f"What {path} refers to may be gone.",
        "statuses": '["2xx", "422"]',
    }


def add(content: bytes, path: str) -> bytes:
    outcome = add_operations(content, **arguments(path))
    assert isinstance(outcome, Patched)
    again = add_operations(outcome.content, **arguments(path))
    assert isinstance(again, Already)
    assert again.line is not None
    assert outcome.content.splitlines()[again.line - 1].startswith(b"# What ")
    return outcome.content


def test_the_first_entry_ends_the_file() -> None:
    added = add(FILE.encode(), "/a").decode()
    assert added == FILE + (
        "\n# What /a refers to may be gone.\n[[operations]]\n"
        'include-path = ["/a", "/a/{id}"]\ninclude-method = ["POST", "PATCH"]\n'
        'checks.positive_data_acceptance.expected-statuses = ["2xx", "422"]\n'
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("file", [FILE, "", OTHER, "\ufeff" + FILE, FILE + "\n"])
def test_any_order_gives_the_same_bytes_and_goes_again(file: str, ending: str) -> None:
    results = set()
    before = file.replace("\n", ending).encode()
    for order in itertools.permutations(["/a", "/c", "/d"]):
        content = before
        for path in order:
            content = add(content, path)
        results.add(content)
        assert content.count(b"\n") == content.count(ending.encode()) or not file
        for path in order:
            outcome = invert("add_operations", content, arguments(path))
            assert isinstance(outcome, Patched)
            content = outcome.content
        assert content.rstrip() == before.rstrip()
    (only,) = results
    said = tomllib.loads(only.decode("utf-8-sig"))["operations"]
    assert [str(entry["include-path"])[-4:] for entry in said].count("/b") == file.count("/b")
    assert [entry["include-path"][0] for entry in said if "include-method" in entry] == [
        "/a", "/c", "/d",
    ]  # fmt: skip


def test_an_order_of_the_users_own_stays() -> None:
    file = '[[operations]]\ninclude-path = "/z"\n\n[[operations]]\ninclude-path = "/b"\n'
    added = add(file.encode(), "/a").decode()
    assert added.startswith(file)


def test_tables_of_an_entry_belong_to_it() -> None:
    file = '[[operations]]\ninclude-path = "/b"\n[operations.checks]\nnot_a_server_error.enabled = false\n'
    assert add(file.encode(), "/a").decode().endswith(f"\n\n{file}")
    assert add(file.encode(), "/c").decode().startswith(f"{file}\n#")


def test_an_edited_entry_stays() -> None:
    edited = add(FILE.encode(), "/a").replace(b'["2xx"', b'["200"')
    assert invert("add_operations", edited, arguments("/a")) == Already()


@pytest.mark.parametrize("file", [b"\xff", b"a = ", b"operations = []\n", b"[operations]\na = 1\n"])
def test_what_is_refused_says_what_to_mend(file: bytes) -> None:
    outcome = add_operations(file, **arguments("/a"))
    assert isinstance(outcome, Cannot)
    assert outcome.line == 1 or ": " in outcome.reason
