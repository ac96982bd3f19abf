"""Sessions: ``nox`` runs what CI runs; ``nox -l`` lists the longer ones."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "tests"]

LOCK = "tests/lock.txt"


def _install(session: nox.Session, *, locked: bool = True) -> None:
    """The tool (editable) with all that its tests and the generated projects need."""
    if locked:
        session.install("-r", LOCK)
        session.install("--no-deps", "-e", ".")
    else:
        session.install("-e", ".", *nox.project.dependency_groups(_project(), "dev", "generated"))


def _project() -> dict[str, object]:
    return nox.project.load_toml("pyproject.toml")


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff, its formatter, mypy --strict, and the arrows between the floors."""
    _install(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """The fast set and a seeded slice of the generated matrix, on the lock file."""
    _install(session)
    session.run("pytest", "-n", "2", "--dist", "worksteal", *session.posargs)


@nox.session
def full(session: nox.Session) -> None:
    """Everything, the whole generated matrix included (about an hour on two cores)."""
    _install(session)
    session.run("pytest", "-n", "2", "--dist", "worksteal", "--full", *session.posargs)


@nox.session
def unpinned(session: nox.Session) -> None:
    """The fast set on whatever the index gives today."""
    _install(session, locked=False)
    session.run("pytest", "-n", "2", "--dist", "worksteal", *session.posargs)


@nox.session
def benchmark(session: nox.Session) -> None:
    """Start-up and commands as ratios to Typer and Django, interleaved in one run."""
    _install(session)
    session.install("django")
    session.run("python", "tests/benchmark.py", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Resolve the lock file again."""
    session.install("uv")
    session.run(
        *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
        *("--no-emit-index-url", "--no-annotate", "--no-header", "pyproject.toml"),
        *("--group", "dev", "--group", "generated", "-o", LOCK),
    )
