"""Values as literals of the language they go into, so that text never becomes code.

Every function raises ValueError, with one clear sentence, for what can't be written; nothing is
dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite

_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN = re.compile(r"[\w./:@%+,=-]*", re.ASCII)
# Punctuation that may be markup anywhere; an underscore within a word isn't.
_MARKUP = re.compile(r"[\\`*\[\]<>|~&#!$]|(?<![^\W_])_|_(?![^\W_])")
# What makes a heading, a list or a rule of a line that begins with it.
_LINE_MARKUP = re.compile(r"(\d*)([-+=.)])")


def python(value: object) -> str:
    """``value`` as ``ruff format`` writes it: None, bool, int, float, str, bytes, or a list,
    tuple, set or dict of such."""
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float):
        return _finite(value).replace("e+", "e")
    if isinstance(value, str):
        return _quoted(value, _python_escape)
    if isinstance(value, bytes):
        return "b" + _quoted(value.decode("ascii", "surrogateescape"), _byte_escape)
    if isinstance(value, list):
        return f"[{_joined(value, python)}]"
    if isinstance(value, tuple):
        return f"({_joined(value, python)}{',' if len(value) == 1 else ''})"
    if isinstance(value, set):
        return f"{{{', '.join(sorted(map(python, value)))}}}" if value else "set()"
    if isinstance(value, Mapping):
        return f"{{{_pairs(value, ': ', python)}}}"
    raise ValueError(f"a {type(value).__name__} has no Python literal")


def toml(value: object) -> str:
    """``value`` in TOML: bool, int, float, str, or a list or (as an inline table) dict of such."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return repr(value)
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, str):
        return '"' + _escaped(value, _toml_escape).replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return f"[{_joined(value, toml)}]"
    if isinstance(value, Mapping):
        return f"{{{_pairs(value, ' = ', toml)}}}"
    raise ValueError(f"a {type(value).__name__} has no TOML literal")


def yaml(value: object) -> str:
    """``value`` in YAML, in flow style: None, bool, int, float, str, or a list or dict of such."""
    if value is None:
        return "null"
    if isinstance(value, float):
        text = _finite(value)
        return text if "." in text else text.replace("e", ".0e")
    if isinstance(value, bool | int | str):
        return toml(value)
    if isinstance(value, list | tuple):
        return f"[{_joined(value, yaml)}]"
    if isinstance(value, Mapping):
        return f"{{{_pairs(value, ': ', yaml)}}}"
    raise ValueError(f"a {type(value).__name__} has no YAML literal")


def markdown(value: object) -> str:
    """``value`` as text of a paragraph, a heading or a table cell: no markup, on one line."""
    text = " ".join(str(value).split())
    _refuse_unprintable(text)
    first = _LINE_MARKUP.match(text)
    escaped = _MARKUP.sub(r"\\\g<0>", text)
    return f"{first[1]}\\{escaped[len(first[1]) :]}" if first else escaped


def env(value: object) -> str:
    """``value`` in an environment file that python-dotenv, compose and a shell read alike."""
    text = str(value)
    _refuse_unprintable(text)
    if _PLAIN.fullmatch(text):
        return text
    if not set(text) & set("'\\") and "${" not in text:
        return f"'{text}'"
    if not set(text) & set('"\\$`'):
        return f'"{text}"'
    raise ValueError("this mix of quotes, backslashes and dollars has no form that all can read")


def _finite(value: float) -> str:
    if not isfinite(value):
        raise ValueError(f"{value!r} has no literal")
    return repr(value)


def _joined(values: list[object] | tuple[object, ...], literal: Callable[[object], str]) -> str:
    return ", ".join(map(literal, values))


def _pairs(
    values: Mapping[object, object], separator: str, literal: Callable[[object], str]
) -> str:
    return ", ".join(literal(key) + separator + literal(item) for key, item in values.items())


def _quoted(text: str, escape: Callable[[str], str]) -> str:
    """``text`` between double quotes, or single ones if that saves escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + _escaped(text, escape).replace(quote, "\\" + quote) + quote


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    return "".join(
        character if character.isprintable() and character != "\\" else escape(character)
        for character in text
    )


def _byte_escape(character: str) -> str:
    return _SHORT.get(character) or f"\\x{ord(character) & 0xFF:02x}"


def _python_escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return _byte_escape(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _toml_escape(character: str) -> str:
    """Escapes that YAML reads alike."""
    code = ord(character)
    if 0xD800 <= code < 0xE000:
        raise ValueError(f"half a surrogate pair, \\u{code:04x}, is no character")
    return _SHORT.get(character) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def _refuse_unprintable(text: str) -> None:
    for character in text:
        if not character.isprintable():
            raise ValueError(f"the character {_python_escape(character)} can't be written here")
