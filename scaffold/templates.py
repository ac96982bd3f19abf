"""Find templates and render them: paths with plain variables, bodies with Jinja, sandboxed.

``templates/<generator>/`` mirrors the tree that it makes: ``{{package}}/main.py.jinja`` is
rendered to ``app/main.py``; a file without ``.jinja`` is copied. Python, that in Markdown too, is
laid out within the line length. Values are never read as templates, and get into code through the
filters ``py``, ``toml``, ``yaml``, ``md`` and ``env``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from scaffold import literals
from scaffold.layout import format_markdown, format_python, requote
from scaffold.plain import NAME, Missing, Plain, look_up
from scaffold.spec.errors import Refusal, RefusedError

if TYPE_CHECKING:
    from jinja2 import Environment

SUFFIX = ".jinja"
FILTERS: dict[str, Callable[[object], str]] = {
    "py": literals.python,
    "toml": literals.toml,
    "yaml": literals.yaml,
    "md": literals.markdown,
    "env": literals.env,
}
_LAYOUTS = {".py": format_python, ".md": format_markdown}
_PATH_VARIABLE = re.compile(rf"\{{\{{\s*({NAME})\s*\}}\}}")
_NOT_IN_PATHS = re.compile(r"\\|\{\{|\}\}|\{%|%\}")


class Templates:
    """The templates of all generators.

    ``locate`` answers, for a generator's name, the directory that holds its template folder, or
    None for the generators that scaffold brings.
    """

    def __init__(self, locate: Callable[[str], Path | None] = lambda generator: None) -> None:
        self._locate = locate

    def files(self, generator: str) -> tuple[str, ...]:
        """The names of a generator's templates, sorted, relative to its folder.

        Raises:
            RefusedError: it has no template folder.
        """
        folder = self._folder(generator)
        found = (path for path in folder.rglob("*") if path.is_file())
        relative = (path.relative_to(folder) for path in found)
        return tuple(sorted(p.as_posix() for p in relative if "__pycache__" not in p.parts))

    def path(self, name: str, context: Mapping[str, object]) -> str:
        """Where the template ``name`` is rendered to: POSIX, relative to the project's root.

        Raises:
            RefusedError: a variable is missing or isn't text, or the path would be absolute, hold
                an empty segment, ``.`` or ``..``, or a character that no path should have.
        """

        def fill(match: re.Match[str]) -> str:
            value = look_up(match[1], context)
            if not isinstance(value, str):
                raise Missing(f"{match[1]!r} is no text")
            return value

        try:
            path = _PATH_VARIABLE.sub(fill, name.removesuffix(SUFFIX))
        except Missing as error:
            raise _broken(name, None, str(error)) from error
        if _NOT_IN_PATHS.search(path) or not path.isprintable():
            raise _broken(name, None, f"{path!r} is no path")
        if any(segment in ("", ".", "..") for segment in path.split("/")):
            raise _broken(name, None, f"{path!r} may lead out of the project")
        return path

    def render(
        self,
        generator: str,
        name: str,
        context: Mapping[str, object],
        *,
        line_length: int = 88,
        quote: str = '"',
        newline: str = "\n",
    ) -> bytes:
        """The content of one file, Python laid out within ``line_length`` columns.

        ``quote`` is the character that Python's strings are put in, ``newline`` what ends lines.

        Raises:
            RefusedError: there is no such template, or it is broken: file, line and reason.
        """
        where = f"{generator}/{name}"
        source = self._read(where)
        lay_out = _LAYOUTS.get(PurePosixPath(name.removesuffix(SUFFIX)).suffix)
        if not name.endswith(SUFFIX) and lay_out is None:
            return source
        try:
            text = source.decode()
            if name.endswith(SUFFIX):
                text = self._rendered(where, text, context)
            text = lay_out(text, line_length) if lay_out else text
            if quote != '"' and lay_out is format_python:
                text = requote(text, quote)
            return text.replace("\n", newline).encode()
        except UnicodeError as error:
            raise _broken(where, None, f"no UTF-8: {error}") from error

    def _folder(self, generator: str) -> Path:
        root = self._locate(generator) or _built_in()
        folder = root / generator
        if not generator or "/" in generator or ".." in generator or not folder.is_dir():
            raise RefusedError(
                f"there are no templates at {folder}", hint="reinstall the package that brings them"
            )
        return folder

    def _read(self, where: str) -> bytes:
        generator, _, name = where.partition("/")
        if ".." in name.split("/"):
            raise _broken(where, None, "a template can't lie outside its folder")
        try:
            return (self._folder(generator) / name).read_bytes()
        except OSError as error:
            raise _broken(where, None, f"it can't be read: {error.strerror}") from error

    def _rendered(self, where: str, source: str, context: Mapping[str, object]) -> str:
        source = source.replace("\r\n", "\n")  # as Jinja does
        plain = Plain.parse(source, FILTERS)
        if plain is not None:
            try:
                return plain.render(context, FILTERS)
            except Missing as error:
                raise _broken(where, error.line, str(error)) from error
        from jinja2 import TemplateError, TemplateSyntaxError

        try:
            return self._jinja.get_template(where).render(context)
        except TemplateSyntaxError as error:
            reason = error.message or "syntax error"
            raise _broken(error.name or where, error.lineno, reason) from error
        except RefusedError:
            raise
        except Exception as error:  # whatever a template, or what it calls, raises is one line
            name, line = _origin(error, where)
            reason = str(error) if isinstance(error, TemplateError | ValueError) else repr(error)
            raise _broken(name, line, reason) from error

    @cached_property
    def _jinja(self) -> Environment:
        from jinja2 import FunctionLoader, StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            # The name serves as file name, so that tracebacks tell templates from Python.
            loader=FunctionLoader(lambda name: (self._read(name).decode(), name, None)),
        )
        environment.filters.update(FILTERS)
        return environment


def _built_in() -> Path:
    """Our own templates: in the package when it is installed, beside it in a checkout."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def _origin(error: Exception, where: str) -> tuple[str, int | None]:
    """The innermost template that ``error`` came through, and the line in it."""
    from traceback import extract_tb

    for frame in reversed(extract_tb(error.__traceback__)):
        if frame.filename.endswith(SUFFIX):
            return frame.filename, frame.lineno
    return where, None


def _broken(where: str, line: int | None, reason: str) -> RefusedError:
    """The error that names a broken template."""
    place = f"{where}:{line}" if line else where
    return RefusedError(
        f"template {place}: {reason}",
        hint="this is a fault of the generator: report it to the package that brings it",
        refusals=(Refusal(reason, where, line),),
    )
