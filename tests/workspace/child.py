"""A process that commits one tree after another into the same root until it is stopped.

``python child.py ROOT``: prints a line when it starts to write; ``python child.py ROOT COUNT``:
adds COUNT to a counter file by commits of one each, against whoever else does.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from scaffold.spec.errors import ConflictError
from scaffold.tree import Change, Entry
from scaffold.workspace import commit, open_tree


def entries(which: int) -> dict[str, Entry]:
    """One of two trees that share no content and not all paths."""
    text = f"which = {which}\n" * 200
    found = {
        path: Entry(f"# {path}\n{text}".encode(), mode)
        for path, mode in [("app/main.py", 0o644), (".env", 0o600), ("bin/run", 0o755)]
    }
    for number in range(6):
        path = f"app/{'routers' if which else 'services'}/r{number}.py"
        found[path] = Entry(f"# {number}\n{text}".encode())
    found["current"] = Entry(b"", link="app/main.py" if which else "bin/run")
    return found


def changes(before: dict[str, Entry], after: dict[str, Entry]) -> list[Change]:
    """The plan that makes ``after`` of ``before``."""
    return [Change(p, before.get(p), after.get(p)) for p in sorted(before.keys() | after.keys())]


def toggle_for_ever(root: Path) -> None:
    trees = [entries(0), entries(1)]
    which = 0 if open_tree(root).exists("app/services") else 1
    print("ready", flush=True)
    while True:
        commit(root, changes(trees[which], trees[1 - which]))
        which = 1 - which


def count(root: Path, number: int) -> None:
    while number:
        tree = open_tree(root)
        one, two = tree.get("one"), tree.get("two")
        if one is None or two is None or one != two:
            continue  # read between two swaps of the other process: look again
        more = Entry(str(int(one.content) + 1).encode(), one.mode)
        try:
            commit(root, [Change("one", one, more), Change("two", two, more)])
            number -= 1
            time.sleep(0.01)  # let the other one in
        except ConflictError:
            print("conflict", flush=True)


if __name__ == "__main__":
    # A shell may have started us in the background, with these ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if len(sys.argv) > 2:
        count(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        toggle_for_ever(Path(sys.argv[1]))
