"""Start-up and commands, timed in one interleaved run and put in ratio to Typer and Django.

``nox -s benchmark`` prints the figures; ``-- --check`` also fails where an aim is missed. CPU time (of
the process and its children) is what is compared: it stays put on a machine that does other things.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase

from scaffold import workspace
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.testing import run
from scaffold.workflow import Call, Options, generate

RESOURCES = 299
PARTS, LINES = 250, 200  # four files a part, so many lines a file
HEALTH = "from app.routers.health import router as health_router\n"
FIELDS = ("name:str:max=120", "sku:str:max=40:unique", "price:decimal:10.2:min=0")
BIN = Path(sys.executable).parent
ADD = (BIN / "scaffold", "add", "resource", "orders", *FIELDS)

# Byte code is written, as for every user; no project is imported for a proof, in no environment.
LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV")


@dataclass
class Timed:
    """A command, where it runs, what makes that place ready, and its times in seconds."""

    name: str
    command: tuple[str | Path, ...]
    prepare: Callable[[], Path]
    env: dict[str, str] = field(default_factory=dict)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self, *, keep: bool = True) -> None:
        """Runs it once; the times are kept unless it was to warm up."""
        place = self.prepare()
        environment = {k: v for k, v in os.environ.items() if k not in LEFT_OUT} | self.env
        start = time.perf_counter()
        child = subprocess.Popen(
            self.command,
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert child.stderr is not None
        said = child.stderr.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        child.stderr.close()
        if child.returncode != 0:
            raise SystemExit(f"{self.name}: exit {child.returncode}\n{said}")
        if keep:
            self.wall.append(wall)
            self.cpu.append(usage.ru_utime + usage.ru_stime)


@dataclass(frozen=True)
class Aim:
    """How many times as long as another command one may take; None where it is only shown."""

    name: str
    base: str | tuple[tuple[float, str], ...]
    at_most: float | None

    @property
    def told(self) -> str:
        """What it is compared with, on one line."""
        if isinstance(self.base, str):
            return self.base
        return " + ".join(
            f"{times:g} x {name}" if times != 1 else name for times, name in self.base
        )

    def seconds(self, of: Callable[[str], float]) -> float:
        """The time of what it is compared with; ``of`` answers that of a command."""
        if isinstance(self.base, str):
            return of(self.base)
        return sum(times * of(name) for times, name in self.base)


AIMS = (
    Aim("scaffold --help", "import typer", None),
    Aim("scaffold --help", "django-admin --help", 0.9),
    Aim("scaffold new", "django-admin startproject", 0.9),
    Aim("scaffold new", "import typer", None),
    Aim("scaffold add resource", "import typer, jinja2, libcst", 1.6),
    Aim("scaffold add resource, 300th", "scaffold add resource", 1.5),
    Aim("scaffold add resource, import proof", "scaffold add resource", None),
    Aim("scaffold info, 200k lines", ((2, "import libcst"), (1, "read 200k lines")), 1.0),
)


def commands(scratch: Path) -> list[Timed]:
    """All that is timed, in the order of a round."""
    small, large = scratch / "small", scratch / "large"
    options = Options(small, verify=False)
    generate([_new("small")], options, title="new")
    shutil.copytree(small, large)
    print(f"making {RESOURCES} resources …", flush=True)
    grow(large)
    foreign = scratch / "foreign"
    print(f"writing {sprawl(foreign)} lines …", flush=True)

    def empty() -> Path:
        place = scratch / "empty"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        return place

    def copied(source: Path) -> Callable[[], Path]:
        def fresh() -> Path:
            place = scratch / "copy"
            shutil.rmtree(place, ignore_errors=True)
            return Path(shutil.copytree(source, place))

        return fresh

    python, django, scaffold = sys.executable, BIN / "django-admin", BIN / "scaffold"
    heavy = "import typer, jinja2, libcst"
    proof = {"VIRTUAL_ENV": sys.prefix}
    return [
        Timed("python -c pass", (python, "-c", "pass"), empty),
        Timed("import typer", (python, "-c", "import typer"), empty),
        Timed(heavy, (python, "-c", heavy), empty),
        Timed("django-admin --help", (django, "--help"), empty),
        Timed("scaffold --help", (scaffold, "--help"), empty),
        Timed("django-admin startproject", (django, "startproject", "shop"), empty),
        Timed("scaffold new", (scaffold, "new", "shop", "--no-git"), empty),
        Timed("scaffold add resource", ADD, copied(small)),
        Timed("scaffold add resource, 300th", ADD, copied(large)),
        Timed("scaffold add resource, import proof", ADD, copied(small), proof),
        Timed("import libcst", (python, "-c", "import libcst"), empty),
        Timed("read 200k lines", (python, "-c", READ), lambda: foreign),
        Timed("scaffold info, 200k lines", (scaffold, "info"), lambda: foreign),
    ]


READ = """
import os
for folder, _, names in os.walk("."):
    for name in names:
        open(os.path.join(folder, name), "rb").read()
"""

MODULES = {
    "routers": """from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.database import get_session
from app.models.part_{n} import Part{n}
from app.schemas.part_{n} import Part{n}Read

router = APIRouter(prefix="/part-{n}", tags=["part {n}"])


@router.get("/{{part_id}}", response_model=Part{n}Read)
def get_part(part_id: int, session: Session = Depends(get_session)):
    return session.get(Part{n}, part_id)
""",
    "models": """from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class Part{n}(Base):
    __tablename__ = "part_{n}"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
""",
    "schemas": """from pydantic import BaseModel, ConfigDict


class Part{n}Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
""",
    "services": "from app.models.part_{n} import Part{n}\n",
}
FILLER = """

def weigh_{n}_{i}(count: int, factor: float = 1.5) -> dict[str, float]:
    # The weights of part {n} at step {i}.
    result: dict[str, float] = {{}}
    for number in range(count):
        result[f"{n}-{{number}}"] = number * factor / {i}
    return result
"""
DATABASE = """from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker

sessions = sessionmaker(create_engine("sqlite://"))


class Base(DeclarativeBase):
    pass


def get_session():
    with sessions() as session:
        yield session
"""


def sprawl(root: Path) -> int:
    """Writes a repository that scaffold did not make; the number of its lines."""
    imports = "".join(f"from app.routers.part_{n} import router as r{n}\n" for n in range(PARTS))
    includes = "".join(f'app.include_router(r{n}, prefix="/api")\n' for n in range(PARTS))
    files = {
        "requirements.txt": "fastapi>=0.100\nsqlalchemy>=2\npydantic>=2\n",
        "Dockerfile": 'CMD ["uvicorn", "app.main:app"]\n',
        "app/database.py": DATABASE,
        "app/main.py": f"from fastapi import FastAPI\n{imports}\napp = FastAPI()\n{includes}",
    }
    for folder, source in MODULES.items():
        for n in range(PARTS):
            text, i = source.format(n=n), 0
            while text.count("\n") < LINES:
                text += FILLER.format(n=n, i=(i := i + 1))
            files[f"app/{folder}/part_{n}.py"] = text
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return sum(text.count("\n") for text in files.values())


def grow(root: Path) -> None:
    """Writes the resources into the project at ``root`` with the records and revisions that commands make.

    Each is planned beside its predecessor alone, so that making them takes no longer at the end.
    """
    base = workspace.open_tree(root)
    before, imports, includes = base, "", ""
    for name in _names():
        plan = run(resource, {"name": name, "fields": FIELDS}, on=before)
        made = {step.path: plan.after.get(step.path) for step in plan.steps}
        main = made.pop("app/main.py")
        assert main is not None
        before = base
        for path, entry in made.items():
            assert entry is not None
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(entry.content)
            if path.startswith((".scaffold/", "migrations/")):
                before = before.with_entry(path, entry)
        router, include = (one for one in main.content.decode().splitlines(True) if name in one)
        imports, includes = imports + router, includes + include
    target = root / "app/main.py"
    source = target.read_text()
    for anchor, lines in ((HEALTH, imports), ("    app.include_router(health_router)\n", includes)):
        assert source.count(anchor) == 1
        source = source.replace(anchor, anchor + lines)
    target.write_text(source)


def _new(name: str) -> Call:
    return Call("new", {"name": name}, project)


def _names() -> Iterator[str]:
    """Plural names, sorted."""
    letters = ("".join(pair) for pair in product(ascii_lowercase, repeat=2))
    return islice((f"part_{pair}_boxes" for pair in letters), RESOURCES)


def show(timed: list[Timed]) -> None:
    """A line a command: median and minimum of both times, in milliseconds."""
    print(f"\n{'milliseconds':<38}{'CPU median':>12}{'min':>8}{'wall median':>14}{'min':>8}")
    for one in timed:
        cpu, wall = statistics.median(one.cpu), statistics.median(one.wall)
        print(
            f"{one.name:<38}{cpu * 1e3:>12.0f}{min(one.cpu) * 1e3:>8.0f}"
            f"{wall * 1e3:>14.0f}{min(one.wall) * 1e3:>8.0f}"
        )


def judge(timed: list[Timed]) -> bool:
    """A line a ratio, of minima and of medians of CPU time; whether the minima reach every aim."""
    by_name = {one.name: one for one in timed}
    reached = True
    print(f"\n{'ratio of CPU time':<66}{'min':>6}{'median':>8}{'aim':>8}")
    for aim in AIMS:
        one = by_name[aim.name]
        ratio = min(one.cpu) / aim.seconds(lambda name: min(by_name[name].cpu))
        middle = statistics.median(one.cpu) / aim.seconds(
            lambda name: statistics.median(by_name[name].cpu)
        )
        missed = aim.at_most is not None and ratio > aim.at_most
        reached = reached and not missed
        wanted = f"≤ {aim.at_most}" if aim.at_most else ""
        mark = "  missed" if missed else ""
        print(f"{aim.name + ' : ' + aim.told:<66}{ratio:>6.2f}{middle:>8.2f}{wanted:>8}{mark}")
    return reached


def main() -> int:
    """Runs the rounds; the exit code is 1 where ``--check`` finds an aim missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--check", action="store_true", help="fail where an aim is missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scaffold-benchmark-") as scratch:
        timed = commands(Path(scratch))
        for one in timed:
            one.run(keep=False)  # writes the byte code, and fills the caches
        for number in range(options.rounds):
            print(f"\rround {number + 1} of {options.rounds}", end="", flush=True)
            for one in timed:
                one.run()
    show(timed)
    return 0 if judge(timed) or not options.check else 1


if __name__ == "__main__":
    sys.exit(main())
