"""The names a command gives: of a resource, a project, a package; every form derives from words."""

from __future__ import annotations

import keyword
import re
import sys
from dataclasses import dataclass

from scaffold.spec import nouns, reserved
from scaffold.spec.errors import UsageError
from scaffold.spec.text import quoted, refuse_misspelt

# The longest snake_case name of a resource or a field. ``pk_<table>`` then stays within the 63 bytes
# of PostgreSQL (MySQL: 64); ``constraint_name`` shortens what has a column's name in it as well.
MAX_LENGTH = 60
_MAX_IDENTIFIER = 63

_LETTERS = "letters, digits, - and _"
_WORD = (
    r"[A-Z]{2,}s(?![a-z0-9])"  # URLs
    r"|[A-Z]+(?=[A-Z][a-z])"  # HTTP in HTTPServer
    r"|[A-Z]+[0-9]*(?![a-z])"  # EC2 in EC2Instance
    r"|[A-Z]?[a-z0-9]+"
)
_UNTORN = (("OAuth", "Oauth"), ("IPv", "Ipv"))  # acronyms of mixed case


@dataclass(frozen=True)
class Name:
    """An English noun as lower-case ASCII words, of which only the last one is inflected."""

    singular: tuple[str, ...]
    plural: tuple[str, ...]

    @property
    def snake(self) -> str:
        """``order_item``."""
        return "_".join(self.singular)

    @property
    def snake_plural(self) -> str:
        """``order_items``: the module and, unless it is said otherwise, the table."""
        return "_".join(self.plural)

    @property
    def pascal(self) -> str:
        """``OrderItem``: the class."""
        return pascal(self.snake)

    @property
    def pascal_plural(self) -> str:
        """``OrderItems``."""
        return pascal(self.snake_plural)

    @property
    def kebab(self) -> str:
        """``order-item``."""
        return "-".join(self.singular)

    @property
    def kebab_plural(self) -> str:
        """``order-items``: the collection in a URL."""
        return "-".join(self.plural)

    @property
    def title(self) -> str:
        """``order item``: in a sentence."""
        return " ".join(self.singular)

    @property
    def title_plural(self) -> str:
        """``order items``."""
        return " ".join(self.plural)

    @property
    def uncountable(self) -> bool:
        """Whether both forms are one word: news, series, data."""
        return self.singular == self.plural

    @property
    def list_name(self) -> str:
        """The collection as an identifier that is never ``snake``: orders, news_list."""
        return f"{self.snake}_list" if self.uncountable else self.snake_plural


def pascal(snake: str) -> str:
    """The class name of a snake_case name: ``order_item`` → ``OrderItem``."""
    return "".join(word.capitalize() for word in snake.split("_"))


def snake_case(text: str) -> str:
    """``firstName`` or ``first-name`` as ``first_name``: what an error proposes."""
    return "_".join(word.lower() for word in re.findall(_WORD, text))


def constraint_name(kind: str, table: str, *columns: str) -> str:
    """``uq_orders_reference``, of at most 63 characters: a longer one is cut and gets a digest."""
    return _shortened("_".join((kind, table, *columns)), _MAX_IDENTIFIER)


def link_table_name(plural: str, field: str) -> str:
    """``orders_labels``, as long as a resource's table may be, and shortened in the same way."""
    return _shortened(f"{plural}_{field}", MAX_LENGTH)


def _shortened(name: str, longest: int) -> str:
    if len(name.encode()) <= longest:
        return name
    from hashlib import sha256

    cut = name.encode()[: longest - 9].decode(errors="ignore")
    return f"{cut}_{sha256(name.encode()).hexdigest()[:8]}"


def parse_name(text: str) -> Name:
    """The resource that ``orders``, ``Order``, ``order-items`` or ``OrderItem`` names.

    Raises UsageError when no working code could carry the name.
    """
    refuse_misspelt(text, "resource name", f"{_LETTERS}, as in order-items", "-_ ")
    words = _words(text)
    last = nouns.singular_of(words[-1])
    name = Name((*words[:-1], last), (*words[:-1], nouns.plural_of(last)))
    longest = max(len(name.snake), len(name.snake_plural))
    if longest > MAX_LENGTH:
        raise UsageError(
            f"resource name {quoted(text)} comes to {longest} characters; {MAX_LENGTH} are the most",
            hint="choose a shorter name",
        )
    if reason := _why_unusable(name):
        raise UsageError(
            f"resource name {quoted(text)} can't be used: {reason}",
            hint="choose another name, or add a word that tells more",
        )
    return name


def _words(text: str) -> list[str]:
    parts = re.split("[-_ ]", text)
    if "" in parts:
        joined = "-".join(part for part in parts if part)
        raise UsageError(
            f"resource name {quoted(text)} has a separator with nothing to separate",
            hint=f"write {joined}" if joined else f"write it with {_LETTERS}",
        )
    for torn, untorn in _UNTORN:
        parts = [part.replace(torn, untorn) for part in parts]
    words: list[str] = []
    for word in (word for part in parts for word in re.findall(_WORD, part)):
        if words and word[0].isdigit():  # order_2 and Order2 are one name
            words[-1] += word.lower()
        else:
            words.append(word.lower())
    if words[0][0].isdigit():
        raise UsageError(
            f"resource name {quoted(text)} begins with a digit, as no class or module can",
            hint="begin it with a letter",
        )
    return words


def _why_unusable(name: Name) -> str | None:
    for form in (name.snake, name.snake_plural, name.pascal, name.pascal_plural):
        if keyword.iskeyword(form):
            return f"{form!r} is a keyword of Python"
        if form in reserved.AMBIGUOUS:
            return reserved.AMBIGUOUS[form]
    if name.pascal in reserved.CLASSES:
        return f"the generated modules have a {name.pascal} of their own"
    if name.snake_plural in reserved.TESTED:
        return f"the project has a tests/test_{name.snake_plural}.py of its own"
    for prefix, owner in reserved.TABLE_PREFIXES.items():
        if name.snake_plural.startswith(prefix):
            return f"{owner} keeps the tables that begin with {prefix!r} for itself"
    return None


def parse_project_name(text: str) -> str:
    """``text`` if it can name a project: its folder and its distribution, as ``my-api``.

    Raises UsageError.
    """
    if text in (".", "./"):
        raise UsageError(
            f"project name {quoted(text)} is a path", hint="give a name and --directory ."
        )
    refuse_misspelt(text, "project name", f"{_LETTERS}, as in my-api", "-_.")
    reason = None
    if not (text[0].isalnum() and text[-1].isalnum()):
        reason = "it has to begin and end with a letter or a digit"
    elif len(text) > MAX_LENGTH:
        reason = f"it is longer than {MAX_LENGTH} characters"
    elif text.partition(".")[0].lower() in reserved.DEVICES:
        reason = "Windows has a device of that name"
    elif re.sub("[-_.]+", "-", text.lower()) in reserved.DISTRIBUTIONS:
        reason = "the project would depend on a package of its own name"
    if reason:
        raise UsageError(
            f"project name {quoted(text)} can't be used: {reason}", hint="choose another name"
        )
    return text


def parse_package(text: str) -> str:
    """``text`` if it can name the project's Python package, as ``app``.

    Raises UsageError, also where the package would hide a module that the project imports.
    """
    refuse_misspelt(text, "package name", "a-z, 0-9 and _, as in app", "_")
    reason = None
    if not re.fullmatch("[a-z][a-z0-9_]*", text):
        reason = "a package is a-z, 0-9 and _, and begins with a letter"
    elif len(text) > MAX_LENGTH:
        reason = f"it is longer than {MAX_LENGTH} characters"
    elif keyword.iskeyword(text):
        reason = "it is a keyword of Python"
    elif text in sys.stdlib_module_names or text in reserved.NEWER_MODULES:
        reason = "it would hide a module of Python's own"
    elif text in reserved.PACKAGES:
        reason = "the project has or imports something else of that name"
    if reason:
        raise UsageError(
            f"package name {quoted(text)} can't be used: {reason}", hint="choose another name"
        )
    return text
