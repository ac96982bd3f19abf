"""What a person typed, looked at safely: quoted in one line, its odd characters named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scaffold.spec.errors import UsageError

_SHOWN = 60  # characters of what was typed that an error repeats
# Cyrillic and Greek letters that look like Latin ones.
_LOOKALIKES = str.maketrans(
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u0501\u04bb\u03bf\u03bd"
    "\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425\u0406\u039f",
    "aceopxyijsdhovABCEHKMOPTXIO",
)


def quoted(text: str) -> str:
    """``text`` in quotes, shortened, on one line, with nothing unprintable left in it."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def word_set(text: str) -> frozenset[str]:
    """The words of ``text``: how tables of names are written here."""
    return frozenset(text.split())


def refuse_misspelt(text: str, what: str, alphabet: str, punctuation: str) -> None:
    """Raise a UsageError unless ``text`` is of ASCII letters, digits and ``punctuation``.

    ``what`` it is and the ``alphabet`` to use are said in the error, which names the character.
    """
    if not text.strip():
        raise UsageError(f"the {what} is empty", hint=f"write it with {alphabet}")
    if text[0] == "-":
        raise UsageError(
            f"{what} {quoted(text)} begins like an option", hint="begin it with a letter"
        )
    if text[0] in "~." or "/" in text or "\\" in text:
        raise UsageError(f"{what} {quoted(text)} is a path", hint=f"write it with {alphabet}")
    for char in text:
        if not (char.isascii() and (char.isalnum() or char in punctuation)):
            hint = f"write it with {alphabet}" if char.isascii() else _in_latin(text, alphabet)
            raise UsageError(f"{what} {quoted(text)} has the character {_named(char)}", hint=hint)


def _named(char: str) -> str:
    import unicodedata

    if char.isascii():
        return quoted(char)
    name = unicodedata.name(char, "of no name")
    return f"{quoted(char)} (U+{ord(char):04X}, {name})"


def _in_latin(text: str, alphabet: str) -> str:
    """What to write instead of look-alikes and accents: the Latin letters, if that gives any."""
    import unicodedata

    parts = unicodedata.normalize("NFKD", text.translate(_LOOKALIKES))
    latin = "".join(char for char in parts if not unicodedata.combining(char))
    plain = latin.isascii() and latin.replace("-", "").replace("_", "").isalnum()
    return f"write {latin}" if plain else f"write it with {alphabet}"


def nearest(word: str, known: Iterable[str], also: Mapping[str, str]) -> str | None:
    """What ``word`` was probably meant to be; ``also`` maps what others call a known word."""
    from difflib import get_close_matches

    lowered = word[:_SHOWN].lower()
    return also.get(lowered) or next(iter(get_close_matches(lowered, list(known), n=1)), None)
