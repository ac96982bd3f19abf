"""Distributions built without a network, and fresh environments to install them in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "tests" / "lock.txt"
UV = shutil.which("uv")

# What a nox session or a developer's shell sets and a fresh environment must not see.
_LEFT_OUT = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTEST_ADDOPTS", "UV_PYTHON")


def run(
    *command: str | Path, cwd: Path, check: bool = True, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command outside of any environment; its output is the message when it fails."""
    outer = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=outer | (env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if check and done.returncode != 0:
        said = f"exit {done.returncode}\n{done.stdout}{done.stderr}"
        pytest.fail(f"{' '.join(map(str, command))}: {said}")
    return done


def build(source: Path, target: str, folder: Path) -> Path:
    """The distribution of ``target`` ("wheel", "sdist", "wheel:editable") made from ``source``."""
    folder.mkdir(parents=True)
    run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder, cwd=source)
    (made,) = folder.iterdir()
    return made


@dataclass(frozen=True)
class Environment:
    """A virtual environment of its own."""

    root: Path

    @classmethod
    def make(cls, root: Path, *, pip: bool = False) -> Environment:
        """An empty one; with pip in it where ``pip`` asks for that, or uv is not there."""
        if UV and not pip:
            run(UV, "venv", "--quiet", "--python", sys.executable, root, cwd=root.parent)
        else:
            run(sys.executable, "-m", "venv", root, cwd=root.parent)
        return cls(root)

    @classmethod
    def beside_ours(cls, root: Path) -> Environment:
        """One that sees the packages of this environment, but not scaffold's editable install."""
        made = cls.make(root)
        (site,) = (root / "lib").glob("python*/site-packages")
        # Lines of .pth files in a directory that a .pth file names are not read.
        (site / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
        return made

    @property
    def bin(self) -> Path:
        """Where its programs are."""
        return self.root / "bin"

    def install(self, *requirements: str | Path, pip: bool = False) -> None:
        """Installs requirements, what they need taken from the lock file."""
        if UV and not pip:
            tool: tuple[str | Path, ...] = (UV, "pip", "install", "--python", self.bin / "python")
        else:
            tool = (self.bin / "python", "-m", "pip", "install")
        run(*tool, "--quiet", "--constraint", LOCK, *requirements, cwd=self.root)

    def run(
        self,
        program: str,
        *arguments: str | Path,
        cwd: Path,
        check: bool = True,
        env: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs one of its programs."""
        return run(self.bin / program, *arguments, cwd=cwd, check=check, env=env)
