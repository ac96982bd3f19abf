from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.codemods import Already, Cannot, Outcome, Patched, invert
from tests.codemods.test_requirements import GAP, GROUPS, INSIDE, ITEM, LINES, add, marked


def take(
    file: str, text: str | bytes, requirement: str = "redis>=5", group: str = "", put: str = ""
) -> Outcome:
    content = text.encode() if isinstance(text, str) else text
    arguments = {"requirement": requirement, "file": file, "group": group}
    return invert("add_requirement", content, arguments, put.encode())


def text_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Patched), outcome
    return outcome.content.decode()


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_line_is_taken_out(name: str, ending: str) -> None:
    file, text = LINES[name]
    before, after = (t.replace("\n", ending) for t in marked(text))
    taken = take(file, after)
    if name == "no dependencies yet":  # the array that was made for it stays, empty
        before = before.replace(f'"x"{ending}', f'"x"{ending}dependencies = []{ending}')
    assert text_of(taken) == before
    assert take(file, before) == Already()


@pytest.mark.parametrize("name", INSIDE)
def test_an_element_is_taken_out(name: str) -> None:
    before, after = (f"[project]\n{t}\n" for t in INSIDE[name])
    left = text_of(take("pyproject.toml", after))
    assert tomllib.loads(left) == tomllib.loads(before)
    assert "redis" not in left
    if name != "no trailing comma":
        assert left == before


@pytest.mark.parametrize("name", GROUPS)
def test_it_is_taken_out_of_its_group(name: str) -> None:
    before, after = GROUPS[name]
    left = tomllib.loads(text_of(take("pyproject.toml", after, group="dev")))
    assert "redis" not in str(left)
    if "none yet" not in name:
        assert left == tomllib.loads(before)


@pytest.mark.parametrize(
    ("file", "text", "left"),
    [
        # one array, laid out anew
        ("pyproject.toml", "[project]\ndependencies = [\n  'Redis >= 5',\n  'a',\n]\n", "[project]\ndependencies = [\n  'a',\n]\n"),
        ("pyproject.toml", "[project]\ndependencies=['a','redis>=5']\n", "[project]\ndependencies=['a']\n"),
        # moved to another group
        ("pyproject.toml", '[dependency-groups]\ntest = ["redis>=5", "x"]\n', '[dependency-groups]\ntest = ["x"]\n'),
        ("requirements.txt", "uvicorn\nredis >= 5\n# end\n", "uvicorn\n# end\n"),
        ("requirements.txt", "uvicorn\r\nredis>=5", "uvicorn"),
        ("requirements.txt", "redis>=5", ""),
        ("Pipfile", '[packages]\nredis= ">=5"\n', "[packages]\n"),
        ("environment.yml", "dependencies:\n  - pip:\n    - 'redis>=5'\n    - a\n", "dependencies:\n  - pip:\n    - a\n"),
    ],
)  # fmt: skip
def test_it_is_found_by_meaning(file: str, text: str, left: str) -> None:
    group = "dev" if "groups" in text else ""
    assert text_of(take(file, text, group=group)) == left


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["redis>=7"]\n', "changed since"),
        ("pyproject.toml", '[project]\ndependencies = ["redis[x]>=5"]\n', "changed since"),
        ("pyproject.toml", "[project]\ndependencies = [\"redis>=5; python_version>'3'\"]\n", "changed since"),
        ("pyproject.toml", '[project]\ndependencies = [\n"redis>=5", # ours\n"a"]\n', ""),
        ("pyproject.toml", '[project]\ndependencies = ["redis>=5", "redis>=5"]\n', "several times"),
        ("pyproject.toml", "[project\n", "not valid TOML"),
        ("Pipfile", '[packages]\nredis = {version = ">=5", index = "x"}\n', "changed since"),
        ("requirements.txt", "redis==5.1\n", "changed since"),
        ("requirements.txt", "redis>=5  # the cache\n", "a comment"),
        ("requirements.txt", "redis>=5\nredis>=5\n", "several times"),
        ("requirements.txt", b"redis>=5\xff\n", "not utf-8"),
        ("setup.cfg", "[options\n", "can't be read"),
        ("environment.yml", "dependencies:\n  - pip:\n    - redis>=5\n", "the only one"),
        ("environment.yml", "dependencies:\n  - pip:\n    - redis>=5\n  - a\n", "the only one"),
    ],
)  # fmt: skip
def test_leaves_alone(file: str, text: str | bytes, reason: str) -> None:
    outcome = take(file, text)
    if not reason:  # a comment on its line stays there
        assert text_of(outcome) == str(text).replace('"redis>=5", ', "")
        return
    assert isinstance(outcome, Cannot), outcome
    assert reason in outcome.reason


def test_an_entry_that_only_got_extras_stays() -> None:
    text = '[project]\ndependencies = ["redis[hiredis]"]\n'
    outcome = take("pyproject.toml", text, "redis[hiredis]", put="[hiredis]")
    assert outcome == Cannot("only extras were put into an entry that was there")
    taken = take("pyproject.toml", text, "redis[hiredis]", put='"redis[hiredis]"')
    assert text_of(taken) == "[project]\ndependencies = []\n"


@given(st.lists(st.tuples(GAP, ITEM, GAP), max_size=4), GAP, st.booleans())
def test_arrays_of_any_layout(items: list[tuple[str, str, str]], end: str, trailing: bool) -> None:
    inside = ",".join(f'{before}"{item}"{after}' for before, item, after in items)
    inside += "," if items and trailing else ""
    text = f"[project]\ndependencies = [{inside}{end}]\n"
    added = add("pyproject.toml", text)
    taken = take("pyproject.toml", added.content if isinstance(added, Patched) else b"")
    if isinstance(taken, Patched):
        assert tomllib.loads(taken.content.decode()) == tomllib.loads(text)
        return
    assert isinstance(taken, Cannot)
    assert "#" in text
