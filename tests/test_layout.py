"""Layout is what ``ruff format`` does, and never more than layout."""

from __future__ import annotations

import ast
import io
import keyword
import random
import re
import subprocess
import sys
import tokenize
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import jinja2
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold import layout
from scaffold.layout import format_markdown, format_python, requote

WIDTHS = (79, 88, 120)

# One statement of every shape that a generated project has: $n a name, $N a class, $s a string,
# $r a raw string, $i a number, $w words.
SHAPES = r"""
from $n.$n.$n import $N, $N, $n
from $n.$n import $n as $n
from $n import $N, $N, $N, $N, $n, $n
from ..$n import $N
import $n.$n.$n
$n = APIRouter(prefix="/$n", tags=["$n"])
$N = Annotated[$N, Depends($n)]
$N = Annotated[$N, Depends($n, scope="function")]
$N = Annotated[str, Field(min_length=$i, max_length=$i, pattern=$r), AfterValidator($n)]
$n: Mapped[$N] = mapped_column($N($i), index=True, unique=True)
$n: Mapped[$N | None] = mapped_column($N, ForeignKey("$n.$n", ondelete="CASCADE"), default=None)
$n: Mapped[list["$N"]] = relationship(back_populates="$n", lazy="raise_on_sql")
$n: $N | MISSING = MISSING
$n: $N = Field(default=$i, ge=$i, le=$i, description=$s)
$n: Literal["$n", "$n", "-$n", "-$n"] = "$n"
$n: Literal["$n", "$n"] | None = "$n"  # $w
$n: dict[str, $N[$N, $N]] = {}
$n: ClassVar[frozenset[str]] = frozenset({"$n", "$n", "$n"})
$n: Annotated[$N, Query(description=$s)]
$n: Callable[[$N, $N], Awaitable[$N]] = $n
async def $n(session: SessionDep, $n: $N) -> $N: ...
def $n() -> dict[str, $N[$N]]: ...
def $n() -> $N | None: ...
def $n(*$n: $N) -> None: ...
def $n(self, $n: $N, *, $n: $N | None = None, $n: bool = False) -> tuple[$N, $N]: ...
def $n(self, $n: Annotated[$N, Query()]) -> Annotated[$N, Depends($n)]: ...
def $n(**$n: $N): ...
def $n($n, /, $n=$i): ...
class $N($N, $N[$N], metaclass=$N): ...
class $N($N): ...
@$n.get("/{$n}", response_model=$N, responses=problem_responses(404, 409), status_code=$i)
@pytest.mark.parametrize(("$n", "$n"), [($s, $i), ($s, $i)])
return await self.$n.$n($n, $n=$n)
return $N.model_validate($n, from_attributes=True)
return $n if $n is None else $n.$n($n)
return [$n.$n for $n in $n if $n.$n is not None]
return {$n: $n.$n for $n, $n in $n.items()}
return $n, $n.$n($n)
return $n, $n, $n.$n($n)
return ($n.$n == $n) & ($n.$n > $n)
return not $n.$n($n) or $n in $n and $n < $n
return $s
return f"{$n}/{$n.$n} of {$n!r}"
return self.$n[$n].$n
$n = await session.execute(select($N).where($N.$n == $n).order_by($N.$n.desc()).limit($i))
$n = select($N.$n, func.count()).join($N, $N.$n == $N.$n).group_by($N.$n)
$n = (await session.scalars(select($N).where($N.$n == $n))).all()
$n = $n.$n($n).$n($n, $n).$n[$n].$n()
$n = {"$n": $s, "$n": $i, "$n": [$s, $s], "$n": {"$n": None}}
$n = {$s, $n}
$n = ($n, $n)
$n = ($n,)
$n = $n, $n
$n, $n = await $n.$n($n), $n
$n = lambda $n: $n.$n($n)
$n = sorted($n, key=lambda $n: ($n.$n, $n.$n))
$n = $n + $n * $n - $n.$n / $i
$n = -($n.$n**$i) + $n ** $n($i)
$n = "$n" + $n + $s
$n = $s "$n"
$n = f"{$n}" $s
$n["$n"] = $s f"{$n}"
$n = f"{$n}" "{$n}"
$n = '"$n" ' "or $n"
$n = ($n + $n).$n($n).$n($n)
$n = (await $n).$n($n)[$n].$n
$n: $N[$N, $N,] = $n.$n($n)
$n[$n, $n,] = $n
$n = $s % ($n, $n)
$n = $n or $n.$n or $n($n)
$n = $n[$n:$n]
$n["$n"] = $n["$n"].$n
$n.$n = $n.$n($n)
$n["$n"]["$n"] = $s
$n += $n.$n($n)
$n[$n] |= $n | $n
$n = $n = $n.$n
$n = True
$n = $s  # $w
$n = $n.$n($n)  # $w
$n = $n  # $w
$n = $n.$n($n)  # type: ignore[$n]
assert response.status_code == $i, response.text
assert $n.json()["$n"] == {"$n": $s, "$n": $i}
assert $n($n) is None, f"{$n} is {$n}"
assert {$n["$n"] for $n in $n} == $n
assert not $n.$n, $s
assert $n.headers["$n"] == f"/$n/{$n['$n']}"
response = await client.post($n, json={"$n": $s, "$n": $i} | $n, headers={"$n": $s})
response = await client.get(f"{$n}/{$n['$n']}", params={"$n": $n})
raise $N($s) from $n
raise $N(f"{$n}: {$n}", $n=$n)
op.create_table("$n", sa.Column("$n", sa.$N($i), nullable=False), sa.UniqueConstraint("$n"))
op.create_index(op.f("ix_$n_$n"), "$n", ["$n"], unique=False)
with $n.$n($n) as $n, $n($n): ...
async with $n.$n($n) as $n: ...
async with $n.$n(): ...
with pytest.raises($N, match=$r): ...
if $n is None and not $n.$n($n): ...
if ($n := $n.$n($n)) is not None: ...
elif isinstance($n, $N | $N): ...
while not $n.$n($n) and $n: ...
for $n, $n in zip($n, $n, strict=True): ...
async for $n in $n.$n($n): ...
except ($N, $N) as $n: ...
del $n["$n"]
await asyncio.gather(*($n.$n($n) for $n in range($i)))
yield $n.$n($n)
$n = yield $n
$n($n for $n in $n)
$n.$n($n, *$n, **$n)
$n.$n(lambda: $n.$n($n))
$n | $n.$n($n)
logger.info($s, $n, extra={"$n": $n})
$N = TypeVar("$N", bound=$N)
$n = $N[$N]($n=$n)
# $w
"""


class Sampler:
    """Statements with random names up to 40 characters, indented up to three levels."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def name(self) -> str:
        length = self.random.randint(1, self.random.choice((10, 20, 40)))
        letters = self.random.choices("abcdefghijklmnopqrstuvwxyz_", k=length)
        name = "".join(letters).strip("_") or "x"
        return name + "x" if keyword.iskeyword(name) else name

    def _fill(self, match: re.Match[str]) -> str:
        kind = match[1]
        words = " ".join(self.name() for _ in range(self.random.randint(1, 3)))
        if kind == "N":
            return "".join(word.capitalize() for word in self.name().split("_"))
        if kind == "i":
            return self.random.choice(("0", "2", "255", "20000"))
        return {"n": self.name(), "s": f'"{words}"', "r": f'r"^{words}$"', "w": words}[kind]

    def statement(self, shape: str) -> str:
        """A whole statement, with what it needs around it to be one."""
        text = re.sub(r"\$([nNsriw])", self._fill, shape)
        depth = self.random.choice((0, 1, 1, 2, 3))
        around = ["    " * level + "if x:" for level in range(depth)]
        before = {"elif": ["if x:", "    pass"], "except": ["try:", "    pass"]}
        lines = [*before.get(text.split()[0], ()), text]
        if text.endswith(": ...") and not text.startswith(("def ", "async def ", "class ")):
            lines[-1:] = [text.removesuffix(" ..."), "    pass"]
        elif text.startswith(("@", "#")):
            lines += ["def f():", "    pass"]
        return "\n".join([*around, *("    " * depth + line for line in lines)])

    def all(self) -> list[str]:
        """One statement of each shape."""
        return [self.statement(shape) for shape in SHAPES.strip().splitlines()]


def ruff_format(folder: Path, sources: Sequence[str], width: int) -> list[str]:
    """``sources``, formatted in one run."""
    folder.mkdir(exist_ok=True)
    files = [folder / f"module_{number}.py" for number in range(len(sources))]
    for file, source in zip(files, sources, strict=True):
        file.write_text(source)
    options = ["--isolated", "--quiet", "--no-cache", "--target-version", "py311"]
    command = [sys.executable, "-m", "ruff", "format", *options, "--line-length", str(width)]
    subprocess.run([*command, str(folder)], check=True)
    return [file.read_text() for file in files]


WITHIN = {tokenize.NL, tokenize.COMMENT}
BETWEEN = WITHIN | {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def logical_lines(source: str) -> list[str]:
    """The text of each logical line, without its indentation."""
    lines = source.splitlines(keepends=True)
    starts = list(accumulate((len(line) for line in lines), initial=0))
    found: list[str] = []
    first: int | None = None
    last = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NEWLINE and first is not None:
            found.append(source[first:last])
            first = None
        elif token.type not in BETWEEN or (first is not None and token.type in WITHIN):
            if first is None:
                first = starts[token.start[0] - 1] + token.start[1]
            last = starts[token.end[0] - 1] + token.end[1]
    return found


def agreement(laid_out: Sequence[str], formatted: Sequence[str]) -> tuple[float, str]:
    """The share of logical lines that are the same in both, and the first that isn't."""
    lines = differing = 0
    first = ""
    for ours, theirs in zip(laid_out, formatted, strict=True):
        for own, other in zip(logical_lines(ours), logical_lines(theirs), strict=True):
            lines += 1
            if own != other:
                differing += 1
                first = first or f"\n{own}\n--- is, by ruff:\n{other}"
    assert lines > 1000
    return 1 - differing / lines, first


def modules(*packages: ModuleType) -> list[str]:
    """The sources of installed packages."""
    folders = [Path(package.__file__ or "").parent for package in packages]
    return [file.read_text() for folder in folders for file in sorted(folder.rglob("*.py"))]


def meaning(source: str) -> str:
    return ast.dump(ast.parse(source))


# --- like ruff


@pytest.mark.slow
@given(seed=st.integers(0, 2**32), width=st.sampled_from(WIDTHS))
@settings(max_examples=6)
def test_statements_with_random_names(
    tmp_path_factory: pytest.TempPathFactory, seed: int, width: int
) -> None:
    statements = Sampler(seed).all()
    source = "\n\n_\n\n".join(statements) + "\n"
    [formatted] = ruff_format(tmp_path_factory.mktemp("shapes"), [source], width)
    laid_out = format_python(source, width)
    for statement, own, other in zip(
        statements, laid_out.split("\n_\n"), formatted.split("\n_\n"), strict=True
    ):
        # An empty line, such as before a nested function, is no layout of lines.
        assert own.strip("\n") == re.sub(r"\n\n+", "\n", other).strip("\n"), statement


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_real_modules_each_statement_on_one_line(tmp_path: Path, width: int) -> None:
    plain = [ast.unparse(ast.parse(source)) for source in modules(jinja2, typer)]
    sources = ruff_format(tmp_path, plain, 320)
    share, first = agreement(
        [format_python(source, width) for source in sources], ruff_format(tmp_path, sources, width)
    )
    assert share >= 0.999, first


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_real_modules_as_they_are(tmp_path: Path, width: int) -> None:
    sources = ruff_format(tmp_path, modules(jinja2, typer), 100)
    share, first = agreement(
        [format_python(source, width) for source in sources], ruff_format(tmp_path, sources, width)
    )
    assert share >= 0.999, first


EXAMPLES = {
    "an import": (
        "from here import a_name, Another, third",
        """
        from here import (
            a_name,
            Another,
            third,
        )
        """,
    ),
    "a signature without arguments": (
        "def function() -> a_module.Something: ...",
        """
        def function() -> (
            a_module.Something
        ): ...
        """,
    ),
    "a comment counts": (
        "call(one, two)  # the reason for this",
        """
        call(
            one, two
        )  # the reason for this
        """,
    ),
    "a pragma doesn't": (
        "a_call(with_, arguments)  # type: ignore",
        "a_call(with_, arguments)  # type: ignore",
    ),
    "a trailing comma stays": (
        "call(one, two,)",
        """
        call(
            one,
            two,
        )
        """,
    ),
    "what was broken and fits is joined": (
        """
        call(
            one, two
        )
        """,
        "call(one, two)",
    ),
    "also within brackets that stay broken": (
        """
        call(
            one
            + two,
            three,
        )
        """,
        """
        call(
            one + two,
            three,
        )
        """,
    ),
    "text that looks like a comment": (
        'call("# fmt: off", "# fmt: skip")',
        """
        call(
            "# fmt: off", "# fmt: skip"
        )
        """,
    ),
    "strings are joined where they fit": (
        """
        x = (
            "one "
            "two"
        )
        """,
        'x = "one two"',
    ),
    "and not split where they don't": (
        "x = 'a text that is too long for this line'",
        "x = 'a text that is too long for this line'",
    ),
    "wide characters take two columns": (
        'call("日本語日本語日本語日", name)',
        """
        call(
            "日本語日本語日本語日", name
        )
        """,
    ),
}


@pytest.mark.parametrize(("source", "expected"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_examples(source: str, expected: str) -> None:
    assert format_python(dedent(source).strip() + "\n", 32) == dedent(expected).strip() + "\n"


def test_python_in_markdown() -> None:
    call, laid_out = "call(one, two,)\n", "call(\n    one,\n    two,\n)\n"
    source = "{0}```python\n{1}```\n```\n{0}```\n```python\n{1}\n{1}```\n"
    assert format_markdown(source.format(call, call), 20) == source.format(call, laid_out)


@pytest.mark.slow
def test_python_in_markdown_is_what_ruff_makes_of_it(tmp_path: Path) -> None:
    source = "# Title\n\n```python\nx = call(argument_number_one, argument_number_two)\n```\n"
    file = tmp_path / "README.md"
    file.write_text(source)
    ruff_format(tmp_path, [], 40)
    assert format_markdown(source, 40) == file.read_text() != source


# --- never more than layout


@given(seed=st.integers(0, 2**32), width=st.integers(20, 130))
@settings(max_examples=20)
def test_the_meaning_stays_and_once_is_enough(seed: int, width: int) -> None:
    for statement in Sampler(seed).all():
        laid_out = format_python(statement + "\n", width)
        assert meaning(laid_out) == meaning(statement)
        assert format_python(laid_out, width) == laid_out


WORDS = """
a bb if for in lambda not await ( ) [ ] { } , : = . # * ** + == := -> ... é 日 1 1.5 | ; @ def
class import from with as return " ' f" f' {a} r' \\
"""
FRAGMENTS = [*WORDS.split(), "'''", "\n", "    ", " ", "\\\n"]


@given(
    text=st.lists(st.sampled_from(FRAGMENTS)).map("".join), width=st.sampled_from((1, 10, 40, 88))
)
@settings(max_examples=500)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_any_text_comes_back(text: str, width: int) -> None:
    laid_out = format_python(text, width)
    try:
        expected = meaning(text)
    except (SyntaxError, ValueError):
        return
    assert meaning(laid_out) == expected


LEFT_ALONE = {
    "line ends of Windows": "call(one, two,)\r\n",
    "fmt: off": "# fmt: off\ncall(one, two,)\n",
    "fmt: skip": "call(one, two,)  # fmt: skip\n",
    "a backslash": "x = one + \\\n    two_two_two_two_two_two\n",
    "tabs": "if x:\n\tcall(one, two,)\n",
    "a pattern": "match x:\n    case Point(x=0, y=0) | Point(x=1, y=1):\n        pass\n",
    "an odd place for a comment": "x = call(one)[  # why\n    two:  # this\n    three]\n",
    "no Python": "call(one, two,) (\n",
    "a closed bracket too many": "call(one, two,))\n",
    "an open string": "call(one, two,)\nx = '\n",
    "an open formatted string": "call(one, two,)\nx = f'{a\n",
    "nothing": "",
}


@pytest.mark.parametrize("source", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_what_is_left_alone(source: str) -> None:
    assert format_python(source, 20) == source


def test_lost_code_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "statement", lambda source: "call(one)")
    assert format_python("call(one, two,)\n", 20) == "call(one, two,)\n"
    assert format_python("call(one,)\n", 20) == "call(one)\n"


def test_the_last_line_needs_no_end() -> None:
    assert format_python("call(one, two,)", 20) == "call(\n    one,\n    two,\n)"


def test_deep_nesting_is_no_crash() -> None:
    nested = "(" * 20 + "a + b" + ")" * 20
    assert format_python(f"x = {nested}\n", 20) == "x = a + b\n"
    source = "x = " + "[" * 3000 + "]" * 3000 + "\n"
    assert format_python(source, 20) == source


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ('x = "a"', "x = 'a'"),
        ('x = ""', "x = ''"),
        ('x = b"a" + R"b"', "x = b'a' + R'b'"),
        ('x = f"{a}/b"', "x = f'{a}/b'"),
        ('x = f"{a!r:>{width}} {{}}"', "x = f'{a!r:>{width}} {{}}'"),
        ('x = ["a", "b"]  # not "c"', "x = ['a', 'b']  # not \"c\""),
        ("x = f\"{a['b']}\"", "x = f'{a[\"b\"]}'"),
        ('"""One."""\nx = "a"', '"""One."""\nx = \'a\''),
    ],
)
def test_strings_change_their_quotes(source: str, wanted: str) -> None:
    assert requote(source, "'") == wanted
    assert requote(wanted, "'") == wanted
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(wanted))


@pytest.mark.parametrize(
    "source",
    [
        'x = "it\'s"',
        "x = f\"{a['b']=}\"",  # the text of the expression is told
        'x = f"it\'s {a}"',
        'x = "a\\n"',
        'def f():\n    """Says "x"."""',
        '# "a"',
        "x = 'a \"b\"'",
        'x = "never ends',
        'x = """a\n"b" # c\n"""',
    ],
)
def test_strings_that_would_mean_something_else_keep_their_quotes(source: str) -> None:
    assert requote(source, "'") == source


def test_quotes_are_those_that_ruff_format_writes() -> None:
    config = ["--isolated", "--config", "format.quote-style='single'"]
    one = 'URL = "/a"\nurl = f"{URL}/{made.json()[\'id\']}"\nname = f"a {URL}"\nboth = "it\'s"\n'
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", *config, "--target-version", "py311", "-"],
        input=one, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert requote(one, "'") == done.stdout
