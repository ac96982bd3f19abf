"""Undo and remove: byte for byte where nothing was touched, merged or refused where it was."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.api import Action, AddDependency, AddSetting, Context, CreateFile
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.plan import Status
from scaffold.record import read_record
from scaffold.revert import Edited
from scaffold.spec.errors import ConflictError, RefusedError
from scaffold.undo import remove, undo
from scaffold.workflow import Call, Options, Result, generate
from scaffold.workspace import open_tree


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def add(root: Path, name: str, *fields: str) -> Result:
    arguments = {"name": name, **({"fields": list(fields)} if fields else {})}
    return generate([Call("resource", arguments, resource)], Options(root), title=f"add {name}")


def back(root: Path, run: str | None = None, edited: Edited = Edited.REFUSE) -> Result:
    return undo(Options(root), run, edited)


def take_out(root: Path, name: str, *, delete: bool = False) -> Result:
    return remove(Options(root), "resource", name, Edited.REFUSE, delete_migration=delete)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "shop"
    generate([Call("new", {"name": "shop"}, project)], Options(root), title="new shop")
    return root


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "shop"
    shutil.copytree(made, root)
    yield root


def test_undo_of_new_leaves_nothing(shop: Path) -> None:
    back(shop)
    assert files(shop) == {}


def test_undo_restores_every_byte_without_git_or_arguments(shop: Path) -> None:
    before = files(shop)
    add(shop, "orders", "total:decimal", "mail:email")
    assert len(files(shop)) > len(before) + 7
    back(shop)
    assert files(shop) == before
    assert not (shop / "migrations" / "versions").exists()


def test_nothing_to_undo_is_said(tmp_path: Path) -> None:
    result = back(tmp_path)
    assert result.nothing
    assert "nothing to undo" in result.plan.notes[0]


def test_edits_of_shared_files_stay(shop: Path) -> None:
    add(shop, "orders")
    main = shop / "app" / "main.py"
    main.write_text(main.read_text().replace("    return app\n", "    # mine\n    return app\n"))
    back(shop)
    assert "orders" not in main.read_text()
    assert "    # mine\n    return app\n" in main.read_text()


@pytest.mark.parametrize("how", ["reformatted", "moved"])
def test_what_was_put_in_is_found_by_meaning(shop: Path, how: str) -> None:
    before = (shop / "app" / "main.py").read_text()
    add(shop, "orders")
    main = shop / "app" / "main.py"
    line = '    app.include_router(orders_router, prefix="/api/v1")\n'
    text = main.read_text()
    assert line in text
    if how == "reformatted":
        new = "    app.include_router(\n        orders_router,\n        prefix='/api/v1',\n    )\n"
        main.write_text(text.replace(line, new))
    else:
        text = text.replace(line, "")
        main.write_text(
            text.replace("    app.include_router(health", line + "    app.include_router(health")
        )
    assert add(shop, "orders").nothing
    back(shop)
    assert main.read_text() == before


def test_an_edited_generated_file_is_never_deleted_unasked(shop: Path) -> None:
    add(shop, "orders")
    service = shop / "app" / "services" / "orders.py"
    service.write_text(service.read_text() + "\n# a rule of mine\n")
    here = files(shop)
    with pytest.raises(ConflictError) as caught:
        back(shop)
    assert "app/services/orders.py" in caught.value.message
    assert "line" in caught.value.refusals[0].reason
    assert files(shop) == here
    back(shop, edited=Edited.KEEP)
    assert "# a rule of mine" in service.read_text()
    assert not (shop / "app" / "models" / "orders.py").exists()


def test_force_takes_edited_files_back(shop: Path) -> None:
    before = files(shop)
    add(shop, "orders")
    service = shop / "app" / "services" / "orders.py"
    service.write_text(service.read_text() + "\n# gone\n")
    back(shop, edited=Edited.FORCE)
    assert files(shop) == before


def test_an_earlier_run_that_later_ones_rest_on_is_named(shop: Path) -> None:
    first = add(shop, "orders").runs[0]
    add(shop, "products")
    with pytest.raises(RefusedError) as caught:
        back(shop, first)
    assert "create_products" in caught.value.message


def test_two_heads_ask_for_a_run(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(shop, other)
    left, right = add(shop, "orders").runs[0], add(other, "products").runs[0]
    name = f"{right}.json"
    shutil.copy(other / ".scaffold" / "runs" / name, shop / ".scaffold" / "runs" / name)
    with pytest.raises(RefusedError) as caught:
        back(shop)
    assert left in caught.value.message
    assert right in caught.value.message
    back(shop, left)
    assert not (shop / "app" / "models" / "orders.py").exists()


def test_branches_that_each_add_a_resource_share_no_record_file(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(shop, other)
    base = files(shop)
    add(shop, "orders")
    add(other, "products")
    ours = {p: c for p, c in files(shop).items() if p.startswith(".scaffold") and p not in base}
    theirs = {p: c for p, c in files(other).items() if p.startswith(".scaffold") and p not in base}
    assert ours.keys().isdisjoint(theirs)


def test_the_same_command_in_the_same_tree_gives_the_same_bytes(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(shop, other)
    add(shop, "orders", "total:decimal")
    add(other, "orders", "total:decimal")
    assert files(shop) == files(other)


def test_remove_right_after_add_with_the_migration_restores_every_byte(shop: Path) -> None:
    before = files(shop)
    add(shop, "orders")
    take_out(shop, "orders", delete=True)
    assert files(shop) == before


def test_remove_with_later_work_writes_a_migration_that_drops(shop: Path) -> None:
    before = files(shop)
    add(shop, "orders")
    orders = files(shop)
    add(shop, "products")
    result = take_out(shop, "orders")
    here = files(shop)
    (dropped,) = [s.path for s in result.plan.steps if "revert_create_orders" in s.path]
    assert 'op.drop_table("orders")' in here[dropped].decode().partition("def downgrade")[0]
    gone = {path for path in orders if path not in before and "orders.py" in path}
    left = {path for path in gone if path in here}
    assert {path.rpartition("/")[0] for path in left} == {"migrations/versions"}
    assert b"orders" not in here["app/main.py"]
    assert b"products_router" in here["app/main.py"]
    record = read_record(open_tree(shop))
    assert list(record.resources) == ["products"]
    # And remove itself can be taken back.
    back(shop)
    assert list(read_record(open_tree(shop)).resources) == ["orders", "products"]
    assert "app/models/orders.py" in files(shop)


def git(root: Path, *arguments: str) -> None:
    said = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *said, *arguments], cwd=root, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    ("known", "deleted"),
    [
        ("no repository", False),
        ("nothing", True),
        ("all but the migration", True),
        ("staged", False),
        ("committed", False),
        ("in an index of version 4", False),
        ("in a split index", False),
    ],
)
def test_a_migration_goes_unasked_only_if_git_never_saw_it(
    shop: Path, known: str, deleted: bool
) -> None:
    if known != "no repository":
        git(shop, "init", "-q")
    if known == "all but the migration":
        git(shop, "add", "-A")
    before = {p: c for p, c in files(shop).items() if ".git/" not in p}
    add(shop, "orders")
    if known in ("staged", "committed", "in an index of version 4", "in a split index"):
        git(shop, "add", "-A")
    if known == "committed":
        git(shop, "commit", "-qm", "orders")
    if known == "in an index of version 4":
        git(shop, "update-index", "--index-version", "4")
    if known == "in a split index":
        git(shop, "update-index", "--split-index")
    result = take_out(shop, "orders")
    assert any("_revert_" in step.path for step in result.plan.steps) != deleted
    if deleted:
        assert {p: c for p, c in files(shop).items() if ".git/" not in p} == before
        assert "alembic downgrade" in result.plan.notes[0]


def test_a_migration_that_others_rest_on_is_never_deleted(shop: Path) -> None:
    (shop / ".git").mkdir()
    (shop / ".git/HEAD").write_text("ref: refs/heads/main\n")  # what git init makes
    add(shop, "orders")
    add(shop, "bills")
    here = files(shop)
    with pytest.raises(RefusedError, match="rests on the migration"):
        take_out(shop, "orders", delete=True)
    assert files(shop) == here
    take_out(shop, "orders")  # unasked, it writes one that drops the table
    assert [path for path in files(shop) if "_revert_create_orders" in path]


def test_a_dependency_that_another_run_needs_stays(shop: Path) -> None:
    def needs(context: Context, name: str) -> Iterator[Action]:
        yield CreateFile(f"{name}.txt", b"")
        yield AddDependency("orjson>=3")

    before = (shop / "pyproject.toml").read_bytes()
    for name in ("first", "second"):
        generate([Call(name, {"name": name}, needs)], Options(shop), title=f"add {name}")
    for name, there in (("first", True), ("second", False)):
        remove(Options(shop), name, None, Edited.REFUSE, delete_migration=False)
        assert ("orjson" in (shop / "pyproject.toml").read_text()) is there
    assert (shop / "pyproject.toml").read_bytes() == before


def cached(context: Context) -> Iterator[Action]:
    """Needs redis and where it is."""
    yield AddDependency("redis>=5")
    yield AddSetting("redis_url", "str", '"redis://localhost"', "Where Redis is.")


def test_what_was_laid_out_anew_is_found_by_meaning(shop: Path) -> None:
    generate([Call("cached", {}, cached)], Options(shop), title="add cached")
    manifest, config, dotenv = (
        shop / "pyproject.toml",
        shop / "app/config.py",
        shop / ".env.example",
    )
    assert "redis" in manifest.read_text() and "redis_url" in config.read_text()
    text = manifest.read_text()
    start, end = text.index("dependencies = ["), text.index("\n]", text.index("dependencies = ["))
    lines = sorted(tomllib.loads(text)["project"]["dependencies"], reverse=True)
    manifest.write_text(f"{text[:start]}dependencies = {lines!r}{text[end + 2 :]}")
    config.write_text(
        config.read_text()
        .replace('redis_url: str = "', "redis_url : str='")
        .replace('localhost"', "localhost'")
    )
    dotenv.write_text("REDIS_URL = redis://localhost\nOWN=1\n")
    back(shop)
    left = tomllib.loads(manifest.read_text())["project"]["dependencies"]
    assert left == [line for line in lines if not line.startswith("redis")]
    assert "redis" not in config.read_text()
    assert dotenv.read_text() == "OWN=1\n"


def test_a_setting_that_was_given_another_value_is_a_conflict(shop: Path) -> None:
    generate([Call("cached", {}, cached)], Options(shop), title="add cached")
    config = shop / "app/config.py"
    config.write_text(config.read_text().replace("redis://localhost", "redis://elsewhere"))
    before = files(shop)
    with pytest.raises(ConflictError, match=r"app/config\.py"):
        back(shop)
    assert files(shop) == before


def test_remove_twice_is_once(shop: Path) -> None:
    add(shop, "orders")
    take_out(shop, "orders", delete=True)
    here = files(shop)
    result = take_out(shop, "orders", delete=True)
    assert result.nothing
    assert files(shop) == here


def test_a_dry_run_of_undo_writes_nothing_and_plans_the_same(shop: Path) -> None:
    add(shop, "orders")
    here = files(shop)
    dry = undo(Options(shop, dry_run=True), None, Edited.REFUSE)
    assert files(shop) == here
    assert dry.plan.changes == back(shop).plan.changes


def test_the_same_resource_again_after_an_edit_changes_nothing(shop: Path) -> None:
    add(shop, "orders", "total:int")
    service = shop / "app" / "services" / "orders.py"
    service.write_text(service.read_text() + "\n# mine\n")
    here = files(shop)
    assert add(shop, "orders", "total:int").nothing
    assert files(shop) == here


def test_a_deleted_file_is_made_again(shop: Path) -> None:
    add(shop, "orders")
    here = files(shop)
    (shop / "app" / "services" / "orders.py").unlink()
    result = add(shop, "orders")
    assert [s.path for s in result.plan.steps if s.status is Status.CREATED][-1:] == [
        "app/services/orders.py"
    ]
    assert {p: c for p, c in files(shop).items() if p in here} == here


NAMES = ("orders", "people", "news", "order-items")
EDITED = ("app/main.py", "pyproject.toml", "README.md", "app/config.py")


def _edit(text: str, number: int) -> str:
    """A human's edit: a comment at the end of a line that no run puts in."""
    lines = text.splitlines(keepends=True)
    candidates = [
        i for i, line in enumerate(lines) if line.strip().startswith(("import", "def", "name"))
    ]
    if candidates:
        index = candidates[number % len(candidates)]
        lines[index] = lines[index].rstrip("\n") + f"  # {number}\n"
    return "".join(lines) + f"# note {number}\n"


@pytest.mark.slow
@settings(max_examples=20)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.sampled_from(NAMES)),
            st.tuples(st.just("edit"), st.sampled_from(EDITED), st.integers(0, 50)),
            st.tuples(st.just("undo")),
        ),
        max_size=9,
    )
)
def test_any_sequence_of_adds_edits_and_undos_keeps_what_people_wrote(
    made: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]]
) -> None:
    root = tmp_path_factory.mktemp("sequence") / "shop"
    shutil.copytree(made, root)
    # What the tree should be is kept beside: each undo pops, each edit is made in every state.
    stack = [files(root)]
    names: list[str] = []
    for number, step in enumerate(steps):
        match step:
            case ("add", str(name)) if name not in names:
                add(root, name)
                names.append(name)
                stack.append(files(root))
            case ("edit", str(path), int(seed)):
                edited = _edit(stack[0][path].decode(), seed * 100 + number)
                changes = [
                    (a, b)
                    for a, b in zip(
                        stack[0][path].decode().splitlines(), edited.splitlines(), strict=False
                    )
                    if a != b
                ]
                for state in stack:
                    text = state[path].decode()
                    for old, new in changes:
                        text = text.replace(f"{old}\n", f"{new}\n", 1)
                    state[path] = (text + edited.splitlines()[-1] + "\n").encode()
                (root / path).write_bytes(stack[-1][path])
            case ("undo",) if names:
                back(root)
                names.pop()
                stack.pop()
        assert files(root) == stack[-1]
