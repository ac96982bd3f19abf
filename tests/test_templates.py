"""Templates are found, rendered, and can't do harm, whatever their variables hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold import templates
from scaffold.spec.errors import RefusedError
from scaffold.templates import Templates

HOSTILE = st.text() | st.lists(
    st.sampled_from(
        [
            *("{{", "}}", "{%", "%}", "{#", "'", '"', '"""', "\\", "\n", "#", "/", "..", ".", "~"),
            *("import os", " 7 * 7 ", "$(id)", "`id`", "\0", "%(a)s", "a", "}", ":", ";"),
        ]
    )
).map("".join)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "toy"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Templates:
    """Templates of a third party's generator ``toy``."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return Templates(lambda generator: folder.parent if generator == "toy" else None)


def render(folder: Path, source: str, context: Mapping[str, object], **options: int) -> str:
    """One template's result."""
    return write(folder, {"a.txt.jinja": source}).render("toy", "a.txt.jinja", context).decode()


# --- look-up


def test_our_own_are_found_beside_the_package() -> None:
    assert "{{package}}/main.py.jinja" in Templates().files("project")


def test_our_own_are_found_in_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "scaffold" / "templates" / "toy" / "a.txt"
    inside.parent.mkdir(parents=True)
    inside.write_text("installed")
    monkeypatch.setattr(templates, "__file__", str(tmp_path / "scaffold" / "templates.py"))
    assert Templates().render("toy", "a.txt", {}) == b"installed"


def test_files_are_listed_in_order(folder: Path) -> None:
    found = write(folder, {"b/c.txt": "", "a.py.jinja": "", "b/__pycache__/c.pyc": "", ".d": ""})
    assert found.files("toy") == (".d", "a.py.jinja", "b/c.txt")


@pytest.mark.parametrize("generator", ["nothing", "", "..", "toy/sub", "../toy"])
def test_an_unknown_folder_is_refused(folder: Path, generator: str) -> None:
    found = write(folder, {"sub/a.txt": ""})
    with pytest.raises(RefusedError, match="there are no templates at"):
        found.files(generator)


def test_a_missing_template_is_refused(folder: Path) -> None:
    found = write(folder, {"a.txt": ""})
    with pytest.raises(RefusedError, match=r"template toy/b\.txt: it can't be read: No such file"):
        found.render("toy", "b.txt", {})


# --- paths

CONTEXT = {"package": "app", "resource": {"plural": "orders"}, "number": 1}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("{{package}}/routers/{{ resource.plural }}.py.jinja", "app/routers/orders.py"),
        (".github/workflows/ci.yml", ".github/workflows/ci.yml"),
        ("{{package}}/{{package}}.jinja.jinja", "app/app.jinja"),
    ],
)
def test_paths(name: str, path: str) -> None:
    assert Templates().path(name, CONTEXT) == path


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("{{value}}.py", "..", None),
        ("{{value}}/a.py", "..", "out of the project"),
        ("a/{{value}}", "../../b", "out of the project"),
        ("{{value}}/a", "", "out of the project"),
        ("{{value}}", "/etc/passwd", "out of the project"),
        ("a/{{value}}/b", "c//d", "out of the project"),
        ("{{value}}", ".", "out of the project"),
        ("{{value}}", "a\\b", "no path"),
        ("{{value}}", "a\nb", "no path"),
        ("{{value}}", "a\0b", "no path"),
        ("{{value}}", "a\u202eb", "no path"),
        ("{{value}}", "{{package}}", "no path"),
        ("{{value | upper}}", "a", "no path"),
        ("{% if value %}", "a", "no path"),
        ("{{value}}", 1, "'value' is no text"),
        ("{{nothing}}", "a", "'nothing' is undefined"),
    ],
)
def test_bad_paths(name: str, value: object, reason: str | None) -> None:
    if reason is None:
        assert Templates().path(name, {"value": value}) == "...py"
        return
    with pytest.raises(RefusedError, match=reason):
        Templates().path(name, {"value": value})


@given(HOSTILE)
def test_no_value_leads_out_of_the_project(value: str) -> None:
    try:
        path = Templates().path("{{value}}/b/{{value}}.py.jinja", {"value": value})
    except RefusedError:
        return
    assert not PurePosixPath(path).is_absolute()
    assert not {"", ".", ".."} & set(path.split("/"))
    assert path == f"{value}/b/{value}.py"
    assert path.isprintable()


# --- bodies


def test_jinja_is_set_up_for_files(folder: Path) -> None:
    source = "{% for x in xs %}\n  {% if x %}\n<{{ x }}>\n  {% endif %}\n{% endfor %}\nend\n"
    assert render(folder, source, {"xs": ["a", "", "<b>"]}) == "<a>\n<<b>>\nend\n"


@pytest.mark.parametrize("source", ["a\r\n{{ x }}\r\n", "a\r\n{{ x ~ '' }}\r\n"])
def test_line_ends_are_those_of_posix(folder: Path, source: str) -> None:
    assert render(folder, source, {"x": "b"}) == "a\nb\n"


def test_python_is_laid_out_within_the_line_length(folder: Path) -> None:
    source = "from {{ package }} import One, Two\n"
    found = write(
        folder, {"a.py.jinja": source, "b.py": "call(one, two,)\n", "c.txt.jinja": source}
    )
    context = {"package": "package"}
    laid_out = b"from package import (\n    One,\n    Two,\n)\n"
    assert found.render("toy", "a.py.jinja", context, line_length=20) == laid_out
    assert found.render("toy", "a.py.jinja", context) == b"from package import One, Two\n"
    assert found.render("toy", "b.py", {}) == b"call(\n    one,\n    two,\n)\n"
    assert found.render("toy", "c.txt.jinja", context, line_length=20) == (
        b"from package import One, Two\n"
    )


def test_without_suffix_a_file_is_copied(folder: Path) -> None:
    content = b"{{ x }} ${{ y }} \xff\r\n"
    assert write(folder, {"a.yml": content}).render("toy", "a.yml", {}) == content


def test_a_template_may_include_another(folder: Path) -> None:
    found = write(folder, {"a.jinja": '{% include "toy/b.jinja" %}!', "b.jinja": "{{ x }}"})
    assert found.render("toy", "a.jinja", {"x": "b"}) == b"b!"


def test_plain_templates_need_no_jinja(folder: Path) -> None:
    write(folder, {"a.py.jinja": "x = {{ x | py }}\n"})
    program = (
        "import sys, pathlib; from scaffold.templates import Templates;"
        f"found = Templates(lambda _: pathlib.Path({str(folder.parent)!r}));"
        "print(found.render('toy', 'a.py.jinja', {'x': 'y'}).decode(), 'jinja2' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == 'x = "y"\n False\n'


BROKEN = {
    "undefined": ("\n{{ x }}", 2, "'x' is undefined"),
    "undefined attribute": ("{{ known.x }}", 1, "'known.x' is undefined"),
    "undefined, in Jinja": ("\n\n{{ x ~ x }}", 3, "'x' is undefined"),
    "syntax": ("\n{% for %}", 2, "Expected an expression|expected"),
    "an open block": ("{% if known %}\n", 1, "Unexpected end of template"),
    "an unknown filter": ("\n{{ known | nothing }}", 2, "No filter named 'nothing'"),
    "no literal": ("\n{{ known | py }}", 2, "a object has no Python literal"),
    "no literal, in Jinja": ("\n{{ [known] | py }}", 2, "a object has no Python literal"),
    "a fault": ("\n{{ 1 // 0 }}", 2, "ZeroDivisionError"),
    "a sandbox": ("\n{{ known.__class__.__mro__ }}", 2, "unsafe"),
    "another sandbox": ("\n{{ thing.files.__globals__ }}", 2, "unsafe"),
    "an include from outside": ('{% include "toy/../../x" %}', None, "outside its folder"),
    "a missing include": ('\n{% include "toy/b.jinja" %}', None, "it can't be read"),
}


@pytest.mark.parametrize(("source", "line", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_template_is_named_with_its_line(
    folder: Path, source: str, line: int | None, reason: str
) -> None:
    with pytest.raises(RefusedError, match=reason) as caught:
        render(folder, source, {"known": object(), "thing": Templates})
    [refusal] = caught.value.refusals
    assert "\n" not in caught.value.message
    assert refusal.line == line
    assert line is None or caught.value.message.startswith(f"template toy/a.txt.jinja:{line}: ")


def test_a_fault_in_an_included_template_is_named_there(folder: Path) -> None:
    found = write(folder, {"a.jinja": '{% include "toy/b.jinja" %}', "b.jinja": "\n{{ x ~ x }}"})
    with pytest.raises(RefusedError, match=r"template toy/b\.jinja:2: 'x' is undefined"):
        found.render("toy", "a.jinja", {})


def test_what_is_no_text_is_named(folder: Path) -> None:
    found = write(folder, {"a.jinja": b"\xff", "b.jinja": "{{ x }}"})
    with pytest.raises(RefusedError, match=r"template toy/a\.jinja: no UTF-8"):
        found.render("toy", "a.jinja", {})
    with pytest.raises(RefusedError, match=r"template toy/b\.jinja: no UTF-8"):
        found.render("toy", "b.jinja", {"x": "\ud800"})


# --- values are never code


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    folder = tmp_path_factory.mktemp("templates") / "toy"
    body = 'x = {{ value | py }}\n"""Doc."""\ny = [{{ value | py }}, {{ value | py }}]  # c\n'
    files = {
        "plain.txt.jinja": "<{{ value }}>",
        "jinja.txt.jinja": "{% for x in [value] %}<{{ x }}>{% endfor %}",
        "plain.py.jinja": body,
        "jinja.py.jinja": "{% set z = value %}\n" + body,
    }
    return write(folder, files)


@given(value=HOSTILE.filter(lambda text: not re.search("[\ud800-\udfff]", text)))
def test_a_value_is_not_read_as_a_template(hostile: Templates, value: str) -> None:
    for name in ("plain.txt.jinja", "jinja.txt.jinja"):
        assert hostile.render("toy", name, {"value": value}).decode() == f"<{value}>"


@given(value=HOSTILE | st.text(st.characters()), line_length=st.sampled_from((20, 88)))
def test_a_value_in_python_is_one_literal(hostile: Templates, value: str, line_length: int) -> None:
    for name in ("plain.py.jinja", "jinja.py.jinja"):
        source = hostile.render("toy", name, {"value": value}, line_length=line_length).decode()
        first, _, second = ast.parse(source).body
        assert isinstance(first, ast.Assign)
        assert isinstance(second, ast.Assign)
        assert ast.literal_eval(first.value) == value
        assert ast.literal_eval(second.value) == [value, value]
