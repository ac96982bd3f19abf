"""What is plain is rendered as Jinja would; what isn't is left to it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from scaffold.plain import Missing, Plain
from scaffold.templates import FILTERS

JINJA = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
)
JINJA.filters.update(FILTERS)
CONTEXT = {
    "name": "it's {{ 7 * 7 }} {% if %}",
    "number": 3,
    "empty": "",
    "thing": SimpleNamespace(flag=True, key="mysql", deep={"er": "text", "items": "hidden"}),
}
TEXTS = st.sampled_from(
    ["a", " ", "  ", "\n", "\n\n", "\t", "\n  ", "}}", "%}", "}", "{ { ", "'", '"', "é", "-"]
)
VARIABLES = st.sampled_from(
    ["{{ name }}", "{{name}}", "{{ thing.deep.er|py }}", "{{ number | toml }}", '{{ "{{" }}']
)
TESTS = st.sampled_from(
    [
        *("name", "not empty", "empty", "thing.flag", "number", 'number == "3"'),
        *('thing.key == "mysql"', 'thing.key!="mysql"', 'not thing.key == "mysql"'),
    ]
)


@st.composite
def blocks(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """An if, perhaps with elif and else, indented or not."""
    indent, end = draw(st.sampled_from(["", "  "])), draw(st.sampled_from(["", "\n"]))
    text = f"{indent}{{% if {draw(TESTS)} %}}{end}{draw(inner)}"
    for _ in range(draw(st.integers(0, 2))):
        text += f"{indent}{{% elif {draw(TESTS)} %}}{end}{draw(inner)}"
    if draw(st.booleans()):
        text += f"{indent}{{% else %}}{end}{draw(inner)}"
    return f"{text}{indent}{{%endif%}}{end}"


TEMPLATES = st.recursive(
    TEXTS | VARIABLES,
    lambda inner: st.lists(inner, max_size=4).map("".join) | blocks(inner),
    max_leaves=12,
)


@given(TEMPLATES)
def test_plain_templates_come_out_as_from_jinja(source: str) -> None:
    plain = Plain.parse(source, FILTERS)
    assert plain is not None
    assert plain.render(CONTEXT, FILTERS) == JINJA.from_string(source).render(CONTEXT)


NOT_PLAIN = [
    "{{ a + b }}",
    "{{ f() }}",
    "{{ a | upper }}",
    "{{ a | py | py }}",
    "{{- a }}",
    "{{ a._b }}",
    "{# comment #}",
    "{% for a in b %}{% endfor %}",
    "{%- if a %}{% endif %}",
    "{% if a and b %}{% endif %}",
    "{% if a == b %}{% endif %}",
    "{% if a %}",
    "{% endif %}",
    "{% else %}",
    "{% if a %}{% else %}{% else %}{% endif %}",
    "{% if a %}{% else %}{% elif b %}{% endif %}",
    "{{ a",
    "{{{ a }}}",
    "{{% if a %}{% endif %}",
    "{% raw %}{{ a }}{% endraw %}",
]


@pytest.mark.parametrize("source", NOT_PLAIN)
def test_anything_else_is_not_plain(source: str) -> None:
    assert Plain.parse(source, FILTERS) is None


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ thing.nothing }}", "'thing.nothing' is undefined: there is no 'nothing'"),
        ("{{ thing.deep.nothing }}", "there is no 'nothing'"),
        ("{% if nothing %}\n{% endif %}", "'nothing' is undefined"),
        ("{{ thing | py }}", "a SimpleNamespace has no Python literal"),
    ],
)
def test_what_is_missing_is_named_with_its_line(tag: str, reason: str) -> None:
    plain = Plain.parse(f"{{{{ name }}}}\n\n  {tag}\n", FILTERS)
    assert plain is not None
    with pytest.raises(Missing, match=reason) as caught:
        plain.render(CONTEXT, FILTERS)
    assert caught.value.line == 3


def test_what_is_not_reached_need_not_exist() -> None:
    source = "{% if empty %}{{ nothing }}{% elif name %}a{% elif nothing %}b{% endif %}"
    plain = Plain.parse(source, FILTERS)
    assert plain is not None
    assert plain.render(CONTEXT, FILTERS) == "a"
