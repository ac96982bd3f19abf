from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.codemods import Already, Cannot, Outcome, Patched, apply
from scaffold.codemods.requirement import normalised


def add(file: str, text: str | bytes, requirement: str = "redis>=5", group: str = "") -> Outcome:
    content = text.encode() if isinstance(text, str) else text
    arguments = {"requirement": requirement, "file": file, "group": group}
    return apply("add_requirement", content, arguments)


def marked(text: str, add_mark: str = "+") -> tuple[str, str]:
    lines = text.splitlines(keepends=True)
    before = "".join(line for line in lines if not line.startswith(add_mark))
    return before, "".join(line.removeprefix(add_mark) for line in lines)


LINES = {
    "sorted": ("pyproject.toml", '[project]\ndependencies = [\n  "fastapi",\n+  "redis>=5",\n  "uvicorn",\n]\n'),
    "not sorted": ("pyproject.toml", '[project]\ndependencies = [\n  "uvicorn",\n  "fastapi",  # web\n+  "redis>=5",\n]\n'),
    "comments in it": ("pyproject.toml", '[project]\ndependencies = [ # all\n  # web\n  "fastapi", # [x]\n+  "redis>=5",\n  # end\n]\nname = "x"\n'),
    "no dependencies yet": ("pyproject.toml", '[project]\nname = "x"\n+dependencies = ["redis>=5"]\n\n[tool.x]\na = 1\n'),
    "a table that looks like it": ("pyproject.toml", '[tool.x]\ndependencies = ["a"]\n[project]\ndependencies = [\n+  "redis>=5",\n  "zed",\n  "zz",\n]\n'),
    "poetry": ("pyproject.toml", '[tool.poetry]\nname = "x"\n\n[tool.poetry.dependencies]\npython = "^3.11"\nfastapi = "*"\n+redis = ">=5"\nuvicorn = {version = "*"}\n\n[build-system]\nrequires = []\n'),
    "poetry that isn't sorted": ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.11"\nzed = "*"\nfastapi = "*"\n+redis = ">=5"\n'),
    "poetry with an empty project table": ("pyproject.toml", '[project]\nname = "x"\ndynamic = ["dependencies"]\n[tool.poetry.dependencies]\nfastapi = "*"\n+redis = ">=5"\n'),
    "Pipfile": ("Pipfile", '[[source]]\nurl = "x"\n\n[packages]\nfastapi = "*"\n+redis = ">=5"\n\n[dev-packages]\n'),
    "requirements, sorted": ("requirements.txt", "fastapi==1\n+redis>=5\nuvicorn[standard]==2\n"),
    "requirements, not sorted": ("requirements.txt", "# web\nuvicorn\nfastapi ; python_version > '3'\n-e .\n+redis>=5\n"),
    "requirements of its own name": ("reqs/prod.txt", "uvicorn\n+redis>=5\n"),
    "setup.cfg": ("setup.cfg", "[metadata]\nname = x\n[options]\ninstall_requires =\n\tfastapi\n\tuvicorn>=1\n+\tredis>=5\npackages = find:\n"),
    "conda": ("environment.yml", "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n      - fastapi # web\n+      - redis>=5\nprefix: x\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_line_is_added(name: str, ending: str) -> None:
    file, text = LINES[name]
    before, after = (t.replace("\n", ending) for t in marked(text))
    assert add(file, before) == Patched(after.encode())
    assert isinstance(add(file, after), Already)


INSIDE = {
    "one line": ("dependencies = ['a', 'z']", "dependencies = ['a', \"redis>=5\", 'z']"),
    "one line, at the end": ('dependencies = ["z", "a"]', 'dependencies = ["z", "a", "redis>=5"]'),
    "empty": ("dependencies = []", 'dependencies = ["redis>=5"]'),
    "empty on two lines": ("dependencies = [\n]", 'dependencies = [\n    "redis>=5",\n]'),
    "no trailing comma": (
        'dependencies = [\n    "b",\n    "a" # one\n]',
        'dependencies = [\n    "b",\n    "a", # one\n    "redis>=5"\n]',
    ),
    "the bracket on the last line": (
        'dependencies = ["b",\n    "a"]',
        'dependencies = ["b",\n    "a", "redis>=5"]',
    ),
}


@pytest.mark.parametrize("name", INSIDE)
def test_an_element_is_added(name: str) -> None:
    before, after = (f"[project]\n{t}\n" for t in INSIDE[name])
    assert add("pyproject.toml", before) == Patched(after.encode())


GROUPS = {
    "dependency groups": ('[dependency-groups]\ndev = ["a"]\n', '[dependency-groups]\ndev = ["a", "redis>=5"]\n'),
    "called test": ('[dependency-groups]\ntest = ["a"]\n', '[dependency-groups]\ntest = ["a", "redis>=5"]\n'),
    "none yet": ('[project]\nname = "x"\n', '[project]\nname = "x"\n\n[dependency-groups]\ndev = ["redis>=5"]\n'),
    "extras": ('[project.optional-dependencies]\ndev = ["a"]\n', '[project.optional-dependencies]\ndev = ["a", "redis>=5"]\n'),
    "poetry": ('[tool.poetry.group.dev.dependencies]\na = "1"\n', '[tool.poetry.group.dev.dependencies]\na = "1"\nredis = ">=5"\n'),
    "poetry, none yet": ('[tool.poetry]\nname = "x"\n', '[tool.poetry]\nname = "x"\n\n[tool.poetry.group.dev.dependencies]\nredis = ">=5"\n'),
    "pdm": ('[tool.pdm.dev-dependencies]\ndev = ["a"]\n', '[tool.pdm.dev-dependencies]\ndev = ["a", "redis>=5"]\n'),
    "uv": ('[tool.uv]\ndev-dependencies = ["a"]\n', '[tool.uv]\ndev-dependencies = ["a", "redis>=5"]\n'),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
def test_development_groups(name: str) -> None:
    before, after = GROUPS[name]
    assert add("pyproject.toml", before, group="dev") == Patched(after.encode())
    assert isinstance(add("pyproject.toml", after, group="dev"), Already)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            "pyproject.toml",
            "[project]\ndependencies = [\"SQL_Alchemy~=2.0 ; python_version>'3'\"]\n",
        ),
        ("pyproject.toml", '[tool.poetry.dependencies]\nsql-Alchemy = {git = "x"}\n'),
        ("pyproject.toml", '[tool.poetry.dependencies.sql_alchemy]\nversion = "1"\n'),
        ("Pipfile", '[packages]\n"sql.alchemy" = "*"\n'),
        ("requirements.txt", "  sql.alchemy[x]==1 # comment\n"),
        ("setup.cfg", "[options]\ninstall_requires =\n  sql_alchemy\n"),
        ("environment.yml", "dependencies:\n  - sql-alchemy=1.4\n"),
        ("environment.yml", "dependencies:\n  - pip:\n    - 'sql_alchemy>=1'\n"),
    ],
)
def test_already_whatever_its_spelling(file: str, text: str) -> None:
    assert isinstance(add(file, text, "sql-alchemy>=2"), Already)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (
            "pyproject.toml",
            '[project]\ndependencies = ["a>=1"]\n',
            '[project]\ndependencies = ["a[x]>=1"]\n',
        ),
        ("requirements.txt", "a==1  # y\n", "a[x]==1  # y\n"),
        ("setup.cfg", "[options]\ninstall_requires =\n  a>=1\n", None),
        ("setup.cfg", "[options]\ninstall_requires = a>=1\n", None),
        ("setup.cfg", "[options]\ninstall_requires = b; a>=1\n", None),
        ("requirements.txt", "a[y] == 1\n", "a[y,x] == 1\n"),
        ("environment.yml", "dependencies:\n- pip:\n  - 'a>=1'  # y\n", None),
        (
            "pyproject.toml",
            '[project]\ndependencies = ["""a [y, ]>1"""]\n',
            '[project]\ndependencies = ["""a [y,x, ]>1"""]\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\na = "5"  # y\n',
            '[tool.poetry.dependencies]\na = {version = "5", extras = ["x"]}  # y\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\na = { version = "5", optional = true }\n',
            '[tool.poetry.dependencies]\na = { version = "5", optional = true, extras = ["x"] }\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\na = {extras = ["y", "z"], version = "5"}\n',
            '[tool.poetry.dependencies]\na = {extras = ["y", "z", "x"], version = "5"}\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies.a]\nversion = "5"\n',
            '[tool.poetry.dependencies.a]\nextras = ["x"]\nversion = "5"\n',
        ),
    ],
)
def test_missing_extras_are_put_in(file: str, before: str, after: str | None) -> None:
    outcome = add(file, before, "a[x]>=2")
    assert outcome == Patched((after or before.replace("a>=1", "a[x]>=1")).encode())


REFUSED = [
    ("pyproject.toml", "[project]\ndynamic = ['dependencies']\n"),
    ("pyproject.toml", "[project\n"),
    ("pyproject.toml", "[build-system]\nrequires = []\n"),
    ("requirements.txt", "# This file is autogenerated by pip-compile\nfastapi==1\n"),
    ("requirements.txt", "fastapi==1 --hash=sha256:00\n"),
    ("requirements.txt", b"fastapi\xff\n"),
    ("setup.cfg", "[metadata]\nname = x\n"),
    ("environment.yml", "dependencies:\n  - python=3.11\n"),
]


@pytest.mark.parametrize(("file", "text"), REFUSED)
def test_leaves_alone(file: str, text: str | bytes) -> None:
    outcome = add(file, text, "redis[x]>=5")
    assert isinstance(outcome, Cannot)
    assert "redis" in outcome.snippet or not outcome.paste


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (
            "pyproject.toml",
            'project = {dependencies = ["a"]}\n',
            'project = {dependencies = ["a", "redis>=5"]}\n',
        ),
        (
            "pyproject.toml",
            'project = { name = "x" }\n',
            'project = { name = "x", dependencies = ["redis>=5"] }\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry]\ndependencies = { fastapi = "1" }\n',
            '[tool.poetry]\ndependencies = { fastapi = "1", redis = ">=5" }\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry]\ndependencies.fastapi = "1"\nname = "x"\n',
            '[tool.poetry]\ndependencies.fastapi = "1"\ndependencies.redis = ">=5"\nname = "x"\n',
        ),
        ("Pipfile", "packages = {}\n", 'packages = { redis = ">=5"}\n'),
        (
            "requirements.txt",
            "fastapi==1 \\\n  ; python_version > '3'\nzope\n",
            "fastapi==1 \\\n  ; python_version > '3'\nredis>=5\nzope\n",
        ),
        (
            "setup.cfg",
            "[options]\ninstall_requires = fastapi\n",
            "[options]\ninstall_requires = fastapi\n    redis>=5\n",
        ),
    ],
)
def test_is_put_in_however_it_is_written(file: str, before: str, after: str) -> None:
    assert add(file, before) == Patched(after.encode())
    assert isinstance(add(file, after), Already)


@pytest.mark.parametrize(
    "text",
    [
        "redis==1 --hash=sha256:00\n",
        "# This file is autogenerated by pip-compile\nredis==1\n",
        "fastapi==1 \\\n  --hash=sha256:00\nredis==5 \\\n    --hash=sha256:01\n",
    ],
)
def test_what_is_pinned_is_there(text: str) -> None:
    assert isinstance(add("requirements.txt", text), Already)


def test_files_of_other_encodings() -> None:
    powershell = b"\xff\xfe" + "fastapi==1\r\n".encode("utf-16-le")
    outcome = add("requirements.txt", powershell)
    assert outcome == Patched(b"\xff\xfe" + "fastapi==1\r\nredis>=5\r\n".encode("utf-16-le"))
    bom = b'\xef\xbb\xbf[project]\ndependencies = ["a"]\n'
    assert add("pyproject.toml", bom) == Patched(bom.replace(b'"a"', b'"a", "redis>=5"'))


def test_no_final_newline_stays_none() -> None:
    assert add("requirements.txt", "fastapi") == Patched(b"fastapi\nredis>=5")
    assert add("requirements.txt", "") == Patched(b"redis>=5\n")


def test_what_is_no_requirement() -> None:
    with pytest.raises(ValueError, match="not a requirement"):
        add("requirements.txt", "", "-e .")


ITEM = st.sampled_from(["a", "b>=1", "Zed[x]~=2.0", "redis-om", "q ; python_version < '3'"])
GAP = st.sampled_from([" ", "", "\n    ", "\r\n\t", '  # x, "y" ]\n  ', "\n\n"])


@given(st.lists(st.tuples(GAP, ITEM, GAP), max_size=4), GAP, st.booleans(), st.booleans())
def test_arrays_of_any_layout(
    items: list[tuple[str, str, str]], end: str, trailing: bool, literal: bool
) -> None:
    inside = ",".join(f'{before}"{item}"{after}' for before, item, after in items)
    if items and trailing:
        inside += ","
    text = (
        f'# x\r\n[project]\nname = """\n["]"""\ndependencies = [{inside}{end}]\n[tool.y]\nz = 1\n'
    )
    text = text.replace('"a"', "'a'") if literal else text
    outcome = add("pyproject.toml", text)
    old = tomllib.loads(text)
    assert isinstance(outcome, Patched)
    new = tomllib.loads(outcome.content.decode())
    listed = new["project"].pop("dependencies")
    was = old["project"].pop("dependencies")
    assert new == old
    assert sorted(listed) == sorted([*was, "redis>=5"])
    assert _is_subsequence(text, outcome.content.decode())


def _is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)


@given(st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,10}[A-Za-z0-9])?", fullmatch=True))
def test_normalised_names_are_stable(name: str) -> None:
    assert normalised(normalised(name)) == normalised(name.upper())


@pytest.mark.parametrize(
    "line", ["-e git+https://x/y#egg=redis", "git+https://x/y.git@v1#subdirectory=a&egg=Redis[x]"]
)
def test_what_a_url_brings_is_there(line: str) -> None:
    assert add("requirements.txt", f"a\n{line}\n") == Already(2)
    assert isinstance(add("requirements.txt", f"a  # {line}\n"), Patched)
