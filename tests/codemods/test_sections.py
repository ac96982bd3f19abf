"""Sections of a README: a canonical place, everything else untouched, and out again."""

from __future__ import annotations

import itertools

import pytest

from scaffold.codemods import Already, Cannot, Patched, invert, tidy
from scaffold.codemods.sections import add_section, headings

README = "# Shop\n\nAn API.\n\n```sh\n# no heading\n```\n\n## Production\n\nRun it.\n"
TEXTS = {
    "Cache": "Redis keeps it.\n",
    "Accounts": "Who may.\n\n```sh\n## no\n```\n",
    "Events": "Live.",
}


def add(content: bytes, heading: str) -> bytes:
    outcome = add_section(content, heading=heading, text=TEXTS[heading])
    assert isinstance(outcome, Patched)
    assert outcome.content.count(b"## Capabilities") == 1
    return outcome.content


def test_the_first_section_ends_the_file() -> None:
    added = add(README.encode(), "Cache").decode()
    assert added == README + "\n## Capabilities\n\n### Cache\n\nRedis keeps it.\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_any_order_gives_the_same_bytes(ending: str) -> None:
    results = set()
    for order in itertools.permutations(TEXTS):
        content = README.replace("\n", ending).encode()
        for heading in order:
            content = add(content, heading)
        results.add(content)
    (only,) = results
    lines = only.decode().splitlines()
    found = [h.text for h in headings(lines)]
    assert found == ["Shop", "Production", "Capabilities", "Accounts", "Cache", "Events"]
    assert only.count(b"\n") == only.count(ending.encode())


def test_out_again_in_any_order() -> None:
    for order in itertools.permutations(TEXTS):
        content = README.encode()
        for heading in TEXTS:
            content = add(content, heading)
        for heading in order:
            outcome = invert("add_section", content, {"heading": heading, "text": TEXTS[heading]})
            assert isinstance(outcome, Patched)
            content = outcome.content
        assert content == README.encode()


def test_a_section_that_is_there_stays_whatever_it_says() -> None:
    edited = add(README.encode(), "Cache").replace(b"Redis keeps it", b"We keep it")
    assert add_section(edited, heading="Cache", text=TEXTS["Cache"]) == Already(15)
    arguments = {"heading": "Cache", "text": TEXTS["Cache"]}
    assert isinstance(invert("add_section", edited, arguments), Cannot)


def test_the_users_own_heading_and_text_stay() -> None:
    own = "\ufeff# Shop\n\n## Capabilities\n\nMany.\n\n### Zoom\n\nYes\n\nLicence\n-------\n\nMIT"
    added = add(own.encode(), "Cache").decode()
    assert added == own.replace("### Zoom", "### Cache\n\nRedis keeps it.\n\n### Zoom")
    back = invert("add_section", added.encode(), {"heading": "Cache", "text": TEXTS["Cache"]})
    assert back == Patched(own.encode())


def test_headings_of_one_s_own_in_no_order_get_it_behind() -> None:
    own = b"## Capabilities\n\n### Zoom\n\n### Alarm\n\n## Licence\n"
    assert add(own, "Cache") == (
        b"## Capabilities\n\n### Zoom\n\n### Alarm\n\n### Cache\n\nRedis keeps it.\n\n## Licence\n"
    )


def test_nothing_there_to_take_out() -> None:
    assert invert("add_section", README.encode(), {"heading": "x", "text": ""}) == Already()


@pytest.mark.parametrize("rest", ["", "\n## Licence\n\nMIT\n"])
def test_the_shared_heading_goes_when_nothing_is_left_below_it(rest: str) -> None:
    empty = f"{README}\n## Capabilities\n{rest}".encode()
    made = b"\n## Capabilities\n\n### Cache\n"
    assert tidy("add_section", empty, b"", made) == (README + rest).encode()
    assert tidy("add_section", empty, b"", b"### Cache\n") == empty  # somebody else's heading
    full = add(README.encode(), "Cache")
    assert tidy("add_section", full, b"", made) == full


def test_what_is_not_utf_8_is_left_alone() -> None:
    outcome = add_section(b"# Caf\xe9\n", heading="Cache", text="Fast.")
    assert isinstance(outcome, Cannot)
    assert outcome.reason.endswith("save it as UTF-8")


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\u2028"])
def test_only_line_ends_end_lines(odd: str) -> None:
    text = f"# x\n\ntext{odd}## Capabilities\n"
    outcome = add_section(text.encode(), heading="Cache", text="Fast.")
    assert isinstance(outcome, Patched)
    assert outcome.content.decode() == text + "\n## Capabilities\n\n### Cache\n\nFast.\n"
