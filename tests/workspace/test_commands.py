"""Whole commands killed, interrupted, on bad disks, at the same time: old or new, never between.

``SCAFFOLD_COMMAND_KILLS`` says how many are killed by ``--full`` (1000); ``SCAFFOLD_SEED`` repeats
a run.
"""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from scaffold.spec.errors import MachineError
from scaffold.workspace import commit, recover

from .commands import SCENES, Command, Scene, Scenes, nothing, scaffold, without_renameat2
from .disks import fill, small_disk_at
from .faults import FaultyDisk, Killed, fail_at, kill_at, picture

KILLS = int(os.environ.get("SCAFFOLD_COMMAND_KILLS", "1000"))
SEED = int(os.environ.get("SCAFFOLD_SEED", "20261125"))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    played = Scenes(tmp_path_factory.mktemp("scenes"))
    return {name: played[name] for name in SCENES}


def wait_for_a_moment(scene: Scene, place: Path, process: Command, chance: random.Random) -> None:
    """A random moment of the whole command, or one soon after it has begun to write."""
    if chance.random() < 0.4:
        time.sleep(chance.uniform(0, scene.seconds))
        return
    deadline = time.monotonic() + 3 * scene.seconds
    while time.monotonic() < deadline and not scene.committing(place):
        time.sleep(0)
    time.sleep(chance.uniform(0, 0.03))


def kill_many(
    scenes: dict[str, Scene], folder: Path, times: int, *, until: int = 0
) -> Counter[str]:
    """Kills ``times`` commands, and more (``until`` at most) while no commit was hit half done."""
    chance, found = random.Random(SEED), Counter[str]()
    names = sorted(scenes)
    for number in range(max(times, until)):
        if number >= times and found["between"] and found["old"]:
            break
        name = names[number % len(names)]
        scene, place = scenes[name], scenes[name].fresh(folder / name)
        process = scene.start(place, chance.choice([nothing, without_renameat2]))
        wait_for_a_moment(scene, place, process, chance)
        process.send(signal.SIGKILL)
        process.wait()
        left = picture(place)
        found["between"] += left not in (scene.old, scene.new)
        # A dry run reads the recovered tree, writes nothing, and plans as if nothing had been.
        if left not in (scene.old, scene.new):
            dry = scaffold(place / scene.below, scene.scratch, *scene.arguments, "--dry-run")
            assert dry.code == 0, (SEED, number, dry)
            assert picture(place) == left, (SEED, number)
        # Whatever command comes next puts it in order.
        after = scaffold(place / scene.below, scene.scratch, chance.choice(["history", "list"]))
        assert after.code == 0, (SEED, number, after)
        assert "Traceback" not in after.err
        now = picture(place)
        assert now in (scene.old, scene.new), (SEED, number, name)
        found["old" if now == scene.old else "new"] += 1
    return found


@pytest.mark.slow
def test_killed_at_random_moments(scenes: dict[str, Scene], tmp_path: Path) -> None:
    # One kill in seven hits a commit: ten may miss, a hundred will not.
    found = kill_many(scenes, tmp_path, 10, until=100)
    assert found["between"] and found["old"]  # else the moments miss the commits


@pytest.mark.full
def test_a_thousand_killed_at_random_moments(scenes: dict[str, Scene], tmp_path: Path) -> None:
    found = kill_many(scenes, tmp_path, KILLS)
    print(f"{KILLS} kills, seed {SEED}: {dict(found)}")
    assert found["between"] > KILLS / 10
    assert found["old"] and found["new"]


def inject(scene: Scene, folder: Path, every: int, can: str) -> None:
    """Kills and failures at every so many calls of the commit of a command's own plan."""
    clean = FaultyDisk(can=can)
    commit(scene.fresh(folder / "clean") / "shop", scene.changes, files=clean)
    assert picture(folder / "clean") == scene.new
    assert len(clean.calls) > 60
    for number in range(1, len(clean.calls) + 1, every):
        faults = [kill_at(number), kill_at(number, torn=True), fail_at(number, errno.EIO)]
        for before in [*faults, fail_at(number, errno.ENOSPC, after=True)]:
            place = scene.fresh(folder / "faulty")
            with suppress(Killed, MachineError):
                commit(place / "shop", scene.changes, files=FaultyDisk(before, can=can))
            recover(place / "shop")
            assert picture(place) in (scene.old, scene.new), number


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SCENES))
def test_the_commit_of_a_command_cut_off(
    scenes: dict[str, Scene], tmp_path: Path, name: str
) -> None:
    inject(scenes[name], tmp_path, 37, "renameat2")


@pytest.mark.full
@pytest.mark.parametrize("can", ["renameat2", "link"])
@pytest.mark.parametrize("name", sorted(SCENES))
def test_the_commit_of_a_command_cut_off_at_every_call(
    scenes: dict[str, Scene], tmp_path: Path, name: str, can: str
) -> None:
    inject(scenes[name], tmp_path, 1, can)


@pytest.mark.slow
def test_interrupted_at_random_moments(scenes: dict[str, Scene], tmp_path: Path) -> None:
    chance = random.Random(SEED)
    codes = Counter[int]()
    for number in range(10):
        name = sorted(scenes)[number % len(scenes)]
        scene, place = scenes[name], scenes[name].fresh(tmp_path / name)
        process = scene.start(place)
        wait_for_a_moment(scene, place, process, chance)
        process.send(signal.SIGINT)
        ended = process.wait()
        assert ended.code in (0, 130), (SEED, number, ended)
        assert "Traceback" not in ended.err
        codes[ended.code] += 1
        now = picture(place)
        assert now in (scene.old, scene.new), (SEED, number)
        if ended.code == 0:
            assert now == scene.new
        elif now == scene.new:
            assert "nothing was written" not in ended.err
    assert codes[130]


@pytest.mark.parametrize("name", ["new", "add", "undo"])
def test_a_directory_that_may_not_be_written(
    scenes: dict[str, Scene], tmp_path: Path, name: str
) -> None:
    scene, place = scenes[name], scenes[name].fresh(tmp_path / name)
    command = [sys.executable, "-m", "scaffold", *scene.arguments]
    if os.geteuid() == 0:  # who may write everywhere, unless told not to
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and there is no setpriv to change that")
        command = ["setpriv", "--bounding-set=-dac_override", *command]
    folders = [place, *(path for path in place.rglob("*") if path.is_dir())]
    try:
        for folder in folders:
            folder.chmod(0o555)
        done = run(command, place / scene.below)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert done.returncode == 6, done
    assert "Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    assert picture(place) == scene.old


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        # Python's own cache of compiled modules is no file of anybody's.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("name", ["new", "add"])
@pytest.mark.parametrize("free", [0, 32768])
def test_a_full_disk(scenes: dict[str, Scene], tmp_path: Path, name: str, free: int) -> None:
    scene = scenes[name]
    with small_disk_at(tmp_path, "2m"):
        place = scene.fresh(tmp_path / name)
        fill(tmp_path / "ballast", free)
        ended = scene.start(place).wait()
        assert ended.code == 6, ended
        assert "No space left on device" in ended.err
        assert "Traceback" not in ended.err
        assert picture(place) == scene.old


def test_two_at_once(scenes: dict[str, Scene], tmp_path: Path) -> None:
    """Both in the end, one on top of the other; or one, and the other says why not."""
    scene = scenes["add"]
    for number in range(3):
        place = scene.fresh(tmp_path / "two")
        scratches = [tmp_path / f"scratch{number}{n}" for n in (0, 1)]
        both = []
        for scratch, name in zip(scratches, ("orders", "bills"), strict=True):
            scratch.mkdir()
            arguments = ("add", "resource", name, "total:int")
            both.append(Command(place / "shop", scratch, *arguments))
        ended = [process.wait() for process in both]
        assert min(one.code for one in ended) == 0
        for one, name in zip(ended, ("orders", "bills"), strict=True):
            assert one.code in (0, 4, 6), one
            assert "Traceback" not in one.err
            made = (place / f"shop/app/models/{name}.py").exists()
            assert made == (one.code == 0)
            main = (place / "shop/app/main.py").read_text()
            assert (f"{name}_router" in main) == made
        after = scaffold(place / "shop", scratches[0], "undo")
        assert after.code == 0, after


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_dry_run_writes_starts_and_fetches_nothing(
    scenes: dict[str, Scene], tmp_path: Path, name: str
) -> None:
    scene, place = scenes[name], scenes[name].fresh(tmp_path / name)
    log = tmp_path / "strace.log"
    calls = "trace=%file,%network,%process,write,pwrite64,writev,ftruncate,fchmod,fchown"
    command = ["strace", "-f", "-y", "-qq", "-e", calls, "-o", str(log)]
    command += [sys.executable, "-m", "scaffold", *scene.arguments]
    done = run([*command, "--dry-run"], place / scene.below)
    if "ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert not [line for line in log.read_text().splitlines() if not harmless(line)]
    assert picture(place) == scene.old
    if name == "add":  # and what isn't harmless is seen
        assert run(command, place / scene.below).returncode == 0
        harm = [line for line in log.read_text().splitlines() if not harmless(line)]
        assert any("orders.py" in line for line in harm)


def harmless(line: str) -> bool:
    """Whether a system call neither changes a file, nor starts a process, nor opens a socket."""
    call = line.partition(" ")[2].lstrip().partition("(")[0]
    if call in ("write", "writev"):
        return bool(re.search(r"\((1|2)<", line))  # the terminal, here a pipe
    if call in ("open", "openat", "creat"):
        return call != "creat" and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", line)
    if call in ("clone", "clone3", "vfork", "fork"):
        return "CLONE_THREAD" in line
    if call == "execve":
        return "-m" in line and "scaffold" in line  # the one that strace starts
    changes = ("ftruncate", "truncate", "fchmod", "chmod", "fchown", "chown", "socket", "connect")
    changes += ("mkdir", "rmdir", "unlink", "rename", "link", "symlink", "mknod", "utime", "bind")
    changes += ("sendto", "sendmsg", "kill", "pwrite64", "setxattr")
    return not call.startswith(changes)


@pytest.mark.slow
def test_two_branches_merge_and_two_heads_are_told(
    scenes: dict[str, Scene], tmp_path: Path
) -> None:
    shop = scenes["add"].fresh(tmp_path / "git") / "shop"
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "shop")
    for branch in ("orders", "bills"):
        git(shop, "checkout", "-q", "-b", branch, "main")
        assert scaffold(shop, tmp_path, "add", "resource", branch, "total:int").code == 0
        git(shop, "add", "-A")
        git(shop, "commit", "-qm", branch)
    merged = git(shop, "merge", "--no-edit", "orders", check=False)
    conflicts = git(shop, "diff", "--name-only", "--diff-filter=U").stdout.split()
    assert not [path for path in conflicts if path.startswith(".scaffold")], merged.stdout
    for path in conflicts:  # two lines at one place of main.py: both belong there
        text = (shop / path).read_text()
        (shop / path).write_text(
            re.sub(r"^(<<<<<<<|=======|>>>>>>>).*\n", "", text, flags=re.MULTILINE)
        )
    git(shop, "add", "-A")
    git(shop, "commit", "--allow-empty", "-qm", "both")
    undone = scaffold(shop, tmp_path, "undo")
    assert undone.code == 3
    assert "2 runs are the last of their branch" in undone.err
    added = scaffold(shop, tmp_path, "add", "resource", "items", "n:int")
    assert added.code == 3
    assert "2 heads" in added.err
    runs = json.loads(scaffold(shop, tmp_path, "history", "--json").out)["facts"]["runs"]
    orders = next(run["id"] for run in runs if run["arguments"].get("name") == "orders")
    taken = scaffold(shop, tmp_path, "undo", orders)
    assert taken.code == 0, taken
    assert "orders" not in (shop / "app/main.py").read_text()
    assert "bills_router" in (shop / "app/main.py").read_text()
    assert scaffold(shop, tmp_path, "add", "resource", "items", "n:int").code == 0


def git(root: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    said = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    command = ["git", *said, *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, done.stderr
    return done


@pytest.mark.slow
@pytest.mark.parametrize("how", ["reformatted", "moved", "wired by hand"])
def test_twice_is_once_whatever_people_did_to_the_lines(
    scenes: dict[str, Scene], tmp_path: Path, how: str
) -> None:
    scene = scenes["add"]
    shop = scene.fresh(tmp_path / "twice") / "shop"
    main = shop / "app/main.py"
    if how == "wired by hand":
        text = main.read_text()
        text = text.replace(
            "from app.routers.people", "from app.routers import orders\nfrom app.routers.people"
        )
        text = text.replace(
            "    return app\n",
            "    app.include_router(orders.router, prefix='/api/v1')\n    return app\n",
        )
        main.write_text(text)
    assert scaffold(shop, tmp_path, *scene.arguments).code == 0
    assert main.read_text().count("include_router(orders") == 1
    if how == "reformatted":
        style = tmp_path / "ruff.toml"
        style.write_text(
            "line-length = 60\n[format]\nquote-style = 'single'\nskip-magic-trailing-comma = true\n"
        )
        ruff = [
            sys.executable,
            "-m",
            "ruff",
            "format",
            "-q",
            "--config",
            str(style),
            "app",
            "tests",
        ]
        subprocess.run(ruff, cwd=shop, check=True)
    if how == "moved":
        line = '    app.include_router(orders_router, prefix="/api/v1")\n'
        text = main.read_text()
        assert line in text
        main.write_text(
            text.replace(line, "").replace(
                "    app.include_router(health", line + "    app.include_router(health"
            )
        )
    before = picture(shop)
    again = scaffold(shop, tmp_path, *scene.arguments)
    assert again.code == 0, again
    assert "nothing to do" in again.out
    assert picture(shop) == before


def test_apply_refuses_when_a_base_has_moved(scenes: dict[str, Scene], tmp_path: Path) -> None:
    scene = scenes["add"]
    place = scene.fresh(tmp_path / "apply")
    plan = scaffold(place / "shop", tmp_path, *scene.arguments, "--dry-run", "--json").out
    (tmp_path / "plan.json").write_text(plan)
    main = place / "shop/app/main.py"
    kept = main.read_bytes()
    main.write_bytes(kept + b"# mine\n")
    before = picture(place)
    ended = scaffold(place / "shop", tmp_path, "apply", str(tmp_path / "plan.json"))
    assert ended.code == 4, ended
    assert "app/main.py" in ended.err
    assert picture(place) == before
    main.write_bytes(kept)
    assert scaffold(place / "shop", tmp_path, "apply", str(tmp_path / "plan.json")).code == 0
    assert picture(place) == scene.new


SECRET = b"hunter2-correct-horse"


def test_ignored_content_is_nowhere(scenes: dict[str, Scene], tmp_path: Path) -> None:
    """Neither in the record, nor in a plan, a diff, JSON or what is printed."""
    scene = scenes["add"]
    shop = scene.fresh(tmp_path / "secret") / "shop"
    (shop / ".env").write_bytes(b"SECRET_KEY=" + SECRET + b"\n")
    with (shop / ".gitignore").open("a") as rules:
        rules.write("app/models/people.py\n")
    model = shop / "app/models/people.py"
    model.write_bytes(model.read_bytes() + b"\n# " + SECRET + b"\n")
    grow = ("add", "field", "people", "vat:int:default=0")
    for arguments in ((*grow, "--dry-run", "--json"), (*grow, "--json"), ("undo", "--json")):
        ended = scaffold(shop, tmp_path, *arguments)
        assert ended.code in (0, 3, 4), ended
        assert SECRET.decode() not in ended.out + ended.err
        for run in (shop / ".scaffold").rglob("*.json"):
            assert SECRET not in run.read_bytes()
