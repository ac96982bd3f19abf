"""Hostile input: no traceback, nothing outside the root, text never becomes code."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.spec.errors import ScaffoldError
from scaffold.workflow import Call, Options, Result, generate
from tests.spec.strategies import HOSTILE

WORDS = (
    st.sampled_from(
        [
            "orders",
            "Order",
            "../x",
            "a/b",
            "{{ 7 * 7 }}",
            "{% raw %}",
            "class",
            "x" * 99,
            "",
            "-",
            "\u043erders",
        ]
    )
    | HOSTILE
)
FIELDS = st.lists(
    st.one_of(
        HOSTILE,
        st.builds("{}:str:default={}".format, st.sampled_from(["a", "b_c"]), HOSTILE),
        st.builds("{}:enum:{},z".format, st.sampled_from(["a", "b_c"]), HOSTILE),
        st.builds("{}:{}:{}".format, HOSTILE, st.sampled_from(["str", "int", "json"]), HOSTILE),
    ),
    max_size=3,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "shop"
    generate([Call("new", {"name": "shop"}, project)], Options(root), title="new shop")
    return root


def _plan(root: Path, arguments: dict[str, object]) -> Result | None:
    try:
        call = Call("resource", arguments, resource)
        return generate([call], Options(root, dry_run=True), title="add resource")
    except ScaffoldError as error:
        assert error.message
        assert error.exit_code in (2, 3, 4, 6), error.exit_code
        return None


def _judge(result: Result | None) -> None:
    """The static proof has parsed every file; this is about where they are."""
    for change in result.plan.changes if result else ():
        assert not change.path.startswith(("/", "~"))
        assert ".." not in change.path.split("/")


def _hostile_commands(count: int) -> object:
    @settings(max_examples=count)
    @given(name=WORDS, fields=FIELDS, prefix=st.just("/api/v1") | HOSTILE)
    def run(made: Path, name: str, fields: list[str], prefix: str) -> None:
        _judge(_plan(made, {"name": name, "fields": fields, "prefix": prefix}))

    return run


test_hostile_commands = _hostile_commands(150)
test_10000_hostile_commands = pytest.mark.full(_hostile_commands(10_000))


@settings(max_examples=60)
@given(
    path=st.sampled_from(
        [
            *("pyproject.toml", "app/main.py", "app/config.py", ".gitignore", "Dockerfile"),
            *(".scaffold/runs/x.json", "migrations/versions/a.py", "requirements.txt"),
        ]
    ),
    content=st.binary(max_size=60)
    | HOSTILE.map(lambda text: text.encode("utf-8", "surrogatepass")),
    keep=st.booleans(),
)
def test_hostile_trees(
    made: Path, tmp_path_factory: pytest.TempPathFactory, path: str, content: bytes, keep: bool
) -> None:
    root = tmp_path_factory.mktemp("hostile") / "shop"
    shutil.copytree(made, root)
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    before = target.read_bytes() if keep and target.exists() else b""
    target.write_bytes(before + content)
    _judge(_plan(root, {"name": "orders"}))


@pytest.mark.parametrize(
    "text", ["{{ 7 * 7 }}", "{% for x in y %}", "'''", '"""', "\\", "é{}", "#"]
)
def test_template_injection_yields_text(made: Path, text: str) -> None:
    result = _plan(made, {"name": "orders", "fields": [f"note:str:default={text}"]})
    assert result is not None
    (schema,) = [c for c in result.plan.changes if c.path == "app/schemas/orders.py"]
    assert schema.after is not None
    nodes = ast.walk(ast.parse(schema.after.content))
    assert text in [node.value for node in nodes if isinstance(node, ast.Constant)]


@pytest.mark.parametrize("name", ["shop{{1}}", "a\nb", "a'b", 'a"b', "..", ".", "", "con/x", "-x"])
def test_project_names_cannot_carry_code_or_paths(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScaffoldError):
        generate(
            [Call("new", {"name": name}, project)],
            Options(tmp_path / "x", dry_run=True),
            title="new",
        )
    assert list(tmp_path.iterdir()) == []
