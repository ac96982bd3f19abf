"""The command line as its users meet it: output, errors, exit codes, what a start imports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scaffold import __version__


def scaffold(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scaffold", *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that an error is."""
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    first, *rest = done.stderr.splitlines()
    assert first.startswith("scaffold: ")
    assert all(line.startswith("  ") for line in rest), done.stderr
    return first


def test_version_and_help(tmp_path: Path) -> None:
    assert scaffold("--version", cwd=tmp_path).stdout == f"scaffold {__version__}\n"
    text = scaffold("--help", cwd=tmp_path).stdout
    for command in ("new", "add", "remove", "undo", "history", "list", "info", "apply"):
        assert f"\n  {command} " in text
    assert "resource" in scaffold("add", "--help", cwd=tmp_path).stdout
    help_text = scaffold("add", "resource", "--help", cwd=tmp_path).stdout
    for option in ("--prefix", "--no-timestamps", "--dry-run", "--json", "--app", "--root"):
        assert option in help_text


@pytest.mark.parametrize("group", ["add", "remove"])
def test_help_of_a_group_names_its_own_commands(tmp_path: Path, group: str) -> None:
    text = scaffold(group, "--help", cwd=tmp_path).stdout
    assert f"scaffold {group} resource --help" in text
    assert ("resources" in text) == (group == "add")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("ap", ["apply"]),
        ("add re", ["relation", "resource", "resources"]),
        ("remove re", ["relation", "resource"]),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_are_completed(
    tmp_path: Path, shell: str, typed: str, completed: list[str]
) -> None:
    words = f"scaffold {typed}"
    asked = {
        "_SCAFFOLD_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(typed.split())),
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("scaffold")],  # shells know it by this name alone
        cwd=tmp_path,
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    found = re.findall(r"(?:^|\")([a-z]+)(?:$|[\t\"])", done.stdout, re.MULTILINE)
    assert found == completed, done.stdout


@pytest.mark.parametrize("arguments", [["--show-completion"], ["--help"]])
def test_completion_is_offered(tmp_path: Path, arguments: list[str]) -> None:
    done = scaffold(*arguments, cwd=tmp_path, env={"SHELL": "/bin/bash"})
    assert done.returncode == 0
    assert "completion" in done.stdout or "_SCAFFOLD_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["frob"], 2, "No such command"),
        (["new"], 2, "NAME is missing"),
        (["new", "../x"], 2, ""),
        (["new", "shop", "--database", "oracle"], 2, "oracle"),
        (["new", "shop", "--package", "fastapi"], 2, "fastapi"),
        (["new", "shop", "--with", "frob"], 2, "frob"),
        (["new", "shop", "--with", "resource"], 2, "needs to be told NAME"),
        (["new", "shop", "--frob"], 2, "--frob"),
        (["add", "frob"], 2, "resource"),
        (["add", "resource"], 2, ""),
        (["add", "resource", "orders", "total:money"], 2, "money"),
        (["add", "resource", "\u043erders"], 2, ""),
        (["add", "resource", "orders"], 3, ""),
        (["--root", "missing", "list"], 2, "missing"),
        (["undo", "--keep", "--force"], 2, "--keep"),
        (["undo", "abc"], 3, "abc"),
        (["apply", "missing.json"], 2, "missing.json"),
    ],
)
def test_bad_input_is_one_line_a_code_and_nothing_written(
    tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    done = scaffold(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert says in one_line(done)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_in_the_way_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("a file")
    assert scaffold("new", "shop", cwd=tmp_path).returncode == 2
    assert (tmp_path / "shop").read_text() == "a file"


def test_a_strangers_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    done = scaffold("new", "shop", "--directory", ".", cwd=tmp_path)
    assert done.returncode == 3
    assert "README.md" in one_line(done)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_new_makes_a_project_and_says_what_to_type(tmp_path: Path) -> None:
    done = scaffold("new", "my-api", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "main.py  created" in done.stdout
    assert "cd my-api" in done.stdout
    assert (tmp_path / "my-api" / ".git").is_dir()
    again = scaffold("new", "my-api", cwd=tmp_path)
    assert (again.returncode, "nothing to do" in again.stdout) == (0, True)


def test_directory_and_no_git(tmp_path: Path) -> None:
    done = scaffold("new", "shop", "--directory", "deep/er", "--no-git", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "deep" / "er" / "app" / "main.py").is_file()
    assert not (tmp_path / "deep" / "er" / ".git").exists()


def test_dry_run_writes_nothing_and_plans_the_same(tmp_path: Path) -> None:
    dry = scaffold("new", "shop", "--dry-run", "--json", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
    real = scaffold("new", "shop", "--json", cwd=tmp_path)
    planned, done = json.loads(dry.stdout), json.loads(real.stdout)
    assert planned["plan"]["files"] == done["plan"]["files"]
    assert (planned["dry_run"], done["dry_run"]) == (True, False)
    for file in done["plan"]["files"]:
        assert (tmp_path / "shop" / file["path"]).read_bytes() == file["content"].encode()


def test_json_is_all_of_stdout_for_errors_too(tmp_path: Path) -> None:
    done = scaffold("add", "resource", "orders", "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    assert document["exit_code"] == done.returncode == 3
    assert document["error"]["code"] == "refused"
    assert document["error"]["reasons"][0]["reason"]
    usage = scaffold("new", "--frob", "--json", cwd=tmp_path)
    assert json.loads(usage.stdout)["error"]["code"] == "usage"


def test_quiet_says_nothing_but_errors(tmp_path: Path) -> None:
    done = scaffold("new", "shop", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "--quiet" in scaffold("--help", cwd=tmp_path).stdout
    assert scaffold("--quiet", "list", cwd=tmp_path).stdout == ""


def test_colour_needs_a_terminal_and_no_color_is_kept(tmp_path: Path) -> None:
    assert "\x1b[" not in scaffold("new", "a", cwd=tmp_path).stdout
    forced = scaffold("new", "b", cwd=tmp_path, env={"FORCE_COLOR": "1"})
    assert "\x1b[" in forced.stdout
    plain = scaffold("new", "c", cwd=tmp_path, env={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert "\x1b[3" not in plain.stdout


def test_root_may_stand_before_or_behind_the_command(tmp_path: Path) -> None:
    scaffold("new", "shop", "--no-git", cwd=tmp_path)
    before = scaffold("--root", "shop", "history", cwd=tmp_path)
    behind = scaffold("history", "--root", "shop", cwd=tmp_path)
    inside = scaffold("history", cwd=tmp_path / "shop" / "migrations")
    assert "new shop" in before.stdout
    assert before.stdout == behind.stdout == inside.stdout


def test_list_and_info(tmp_path: Path) -> None:
    scaffold("new", "shop", "--no-git", cwd=tmp_path)
    shop = tmp_path / "shop"
    facts = json.loads(scaffold("list", "--json", cwd=shop).stdout)["facts"]
    assert "resource" in facts["generators"]
    assert facts["resources"] == {}
    assert "app/main.py:app" in scaffold("info", cwd=shop).stdout
    facts = json.loads(scaffold("info", "--json", cwd=shop).stdout)["facts"]["project"]
    (base,) = (fact for fact in facts if fact["name"] == "base")
    assert base["value"] == "app/database.py:Base"
    assert base["evidence"]["path"] == "app/database.py"


def test_what_pyproject_states_wrongly_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.scaffold]\n\nrooters = 1\n")
    for arguments in (("info",), ("add", "resource", "orders")):
        done = scaffold(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "pyproject.toml:3: [tool.scaffold] has no key 'rooters'" in one_line(done)
        assert "did you mean 'routers'?" in done.stderr


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    scaffold("new", "shop", "--no-git", cwd=tmp_path)
    done = subprocess.run(
        f"{sys.executable} -m scaffold list --root shop | true",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("without", [">&-", ">&- 2>&- <&-"])
def test_streams_that_are_closed_take_nothing_and_break_nothing(
    tmp_path: Path, without: str
) -> None:
    command = f"{sys.executable} -m scaffold new shop --no-git {without}"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    made = [path for path in (tmp_path / "shop").rglob("*") if path.is_file()]
    assert (tmp_path / "shop/app/main.py") in made
    assert not [path for path in made if "new shop\n." in path.read_text()]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", ["list --json", "undo abc --json"])
def test_output_that_has_no_room_is_one_line(tmp_path: Path, arguments: str) -> None:
    command = f"{sys.executable} -m scaffold {arguments} > /dev/full"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == (3 if "undo" in arguments else 6)
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("scaffold: ")


def test_a_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    command = f"mkdir gone && cd gone && rmdir ../gone && {sys.executable} -m scaffold list"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 6
    assert done.stderr == "scaffold: the current directory: No such file or directory\n"


_IMPORTS = """
import sys
sys.argv = ["scaffold", *sys.argv[1:]]
from scaffold.__main__ import main
try:
    main()
except SystemExit:
    pass
print(" ".join(sorted({name.split(".")[0] for name in sys.modules})), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "without"),
    [
        (["--help"], {"libcst", "jinja2", "sqlalchemy", "fastapi", "pydantic", "rich", "tomlkit"}),
        (["add", "--help"], {"libcst", "jinja2", "sqlalchemy", "fastapi", "pydantic", "rich"}),
        (["new", "shop", "--no-git"], {"libcst", "jinja2", "sqlalchemy", "fastapi", "pydantic"}),
    ],
)
def test_a_start_imports_no_more_than_it_needs(
    tmp_path: Path, arguments: list[str], without: set[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTS, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(done.stderr.split())
    assert "typer" in imported
    assert not imported & without
