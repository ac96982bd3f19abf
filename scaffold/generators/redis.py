"""What every capability that works on Redis gives a project, in the same words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scaffold.api import (
    Action,
    AddDependency,
    AddService,
    AddSetting,
    Context,
    Note,
    PatchFile,
    Refuse,
    Render,
)

_SERVICE = (
    "image: redis:8",
    "healthcheck:",
    '  test: ["CMD", "redis-cli", "ping"]',
    "  interval: 2s",
    "  retries: 30",
)
_WORKFLOW = ".github/workflows/ci.yml"
_INSTALL = "sudo apt-get install --yes redis-server"
_URL = "redis://redis:6379/0"


def redis(*, variable: str = "") -> Iterator[Action]:
    """The client library and the service; ``variable`` is read by settings of the code's own.

    Without one it is ``redis_url``, a setting of the project.
    """
    yield AddDependency("redis>=8")
    if not variable:
        yield AddSetting(
            "redis_url",
            "Annotated[str, Field(repr=False)]",
            '""',
            "What several processes share; one needs none: redis://localhost:6379",
        )
    yield AddService("redis", _SERVICE, {variable or "REDIS_URL": _URL})


def redis_in_ci(context: Context) -> Iterator[Action]:
    """The server that tests start, where the project's own workflow runs them."""
    workflow = context.tree.read(_WORKFLOW)
    if workflow is not None and b"pytest" in workflow:
        yield PatchFile(_WORKFLOW, "add_step", {"run": _INSTALL})
    else:
        yield Note(f"tests need redis-server wherever CI is set: {_INSTALL}")


def unable(context: Context, what: str) -> Iterator[Refuse]:
    """Why ``what`` (what the code that is made rests on) could not run here."""
    project = context.project
    for refusal in project.refusals:
        yield Refuse.told(refusal)
    if project.refusals:
        return
    dialect = project.dialect
    if dialect.pydantic < 2:
        yield Refuse(f"{what} needs Pydantic 2, and this project is on Pydantic 1: upgrade it")
    if dialect.python is not None and dialect.python.numbers < (3, 11):
        place = dialect.python.evidence
        yield Refuse(
            f"{what} needs Python 3.11, and this project admits {dialect.python}: raise requires-python",
            place.path,
            place.line,
        )


def variables(context: Context) -> dict[str, object]:
    """What the templates of such a capability vary with.

    ``prefix`` is what its keys in Redis start with: the name of the project.
    """
    new = context.record.by_generator("new")
    package = context.project.package
    return {
        "package": package,
        "base": f"{package}." if package else "",
        "ours": bool(new),
        "prefix": str(new[0].arguments["name"]) if new else package or "app",
        "tests": "tests." if new or _is_package(context) else "",
    }


def _is_package(context: Context) -> bool:
    return context.tree.get(f"{context.project.root}/tests/__init__.py".lstrip("/")) is not None


def redis_files(context: Context, seen: Mapping[str, object], *, client: bool) -> Iterator[Render]:
    """A server for tests and, if wanted, the ``client`` that does without one: with the last user."""
    without = () if client else ("{{package}}/redis_client.py.jinja",)
    for render in files(context, "redis", seen, leave_out=without):
        yield replace(render, shared=True)


def files(
    context: Context, folder: str, seen: Mapping[str, object], *, leave_out: tuple[str, ...] = ()
) -> Iterator[Render]:
    """The templates of ``folder``: beside the application's code, the tests in ``tests``."""
    root = context.project.root
    base = "/".join(part for part in (root, *str(seen["package"]).split(".")) if part)
    for render in context.render(folder, seen, leave_out=leave_out):
        name = render.template.removeprefix(f"{folder}/").removesuffix(".jinja")
        inner = name.removeprefix("{{package}}/")
        path = f"{root}/{name}" if inner == name else f"{base}/{inner}"
        yield render if seen["ours"] else replace(render, path=path.lstrip("/"))
