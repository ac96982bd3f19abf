"""Sessions: ``nox`` runs what CI runs; ``nox -l`` lists the longer ones."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "tests"]

LOCK = "tests/lock.txt"
PYTEST = ("pytest", "-n", "2", "--dist", "worksteal")


def _groups(*names: str) -> tuple[str, ...]:
    """The requirements of dependency groups."""
    return nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), *names)


def _install_locked(session: nox.Session) -> None:
    """The tool (editable) with all that its tests and the generated projects need."""
    session.install("-r", LOCK)
    session.install("--no-deps", "-e", ".")


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff, its formatter, mypy --strict, and the arrows between the floors."""
    _install_locked(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports", "--no-cache")


@nox.session
def tests(session: nox.Session) -> None:
    """The fast set and a seeded slice of the generated matrix, on the lock file."""
    _install_locked(session)
    session.run(*PYTEST, *session.posargs)


@nox.session
def full(session: nox.Session) -> None:
    """Everything, the whole generated matrix included (about an hour on two cores)."""
    _install_locked(session)
    session.run(*PYTEST, "--full", *session.posargs)


@nox.session
def unpinned(session: nox.Session) -> None:
    """The fast set on whatever the index gives today."""
    session.install("-e", ".", *_groups("dev", "generated"))
    session.run(*PYTEST, *session.posargs)


@nox.session(venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """The fast set on the lowest versions that the tool and generated projects ask for."""
    requirements = ("-e", ".", *_groups("dev", "generated"))
    session.install("--resolution", "lowest-direct", *requirements)
    session.run(*PYTEST, *session.posargs)


@nox.session
def benchmark(session: nox.Session) -> None:
    """Start-up and commands as ratios to Typer and Django, interleaved in one run."""
    _install_locked(session)
    session.install(*_groups("benchmark"))
    session.run("python", "tests/benchmark.py", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Resolve the lock file again."""
    session.install("uv")
    session.run(
        *("uv", "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version=3.11"),
        *("--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header"),
        *("--group=dev", "--group=generated", "--output-file", LOCK, "pyproject.toml"),
    )
