"""Makes docs/terminal.svg: the real output of real commands, as a terminal shows it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

COMMANDS = ("new shop --no-git --quiet", "add resource orders customer:str total:decimal:min=0")


def main() -> None:
    """Runs the commands in a scratch directory and draws what they print."""
    console = Console(record=True, width=92, file=StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for command in COMMANDS:
            console.print(Text(f"$ scaffold {command}", style="bold"))
            done = subprocess.run(
                [sys.executable, "-m", "scaffold", *command.split()],
                cwd=folder,
                env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "92"},
                capture_output=True,
                text=True,
                check=True,
            )
            if done.stdout:
                console.print(Text.from_ansi(done.stdout.rstrip("\n")))
            folder = folder / "shop" if (folder / "shop").is_dir() else folder
    target = Path(__file__).with_name("terminal.svg")
    target.write_text(console.export_svg(title="scaffold"), encoding="utf-8")


if __name__ == "__main__":
    main()
