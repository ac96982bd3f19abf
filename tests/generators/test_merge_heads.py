from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.plan import Status
from scaffold.project import read_project
from scaffold.revert import Edited
from scaffold.testing import changed, paths, run
from scaffold.tree import Tree
from scaffold.undo import remove, undo
from scaffold.workflow import Call, Options, generate
from scaffold.workspace import open_tree
from tests.generated.harness import Project

JOIN = {"merge_heads": "yes"}
BRANCH = 'revision = "{0}"\ndown_revision = {1}\n\n\ndef upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n'


def branched(tree: Tree) -> Tree:
    """The tree with two revisions that start from the same one."""
    for name in ("aaa", "bbb"):
        content = BRANCH.format(name, None)
        tree = tree.with_content(f"migrations/versions/{name}.py", content.encode())
    return tree


@pytest.fixture(scope="module")
def shop() -> Tree:
    return branched(run(project, {"name": "shop"}, name="new").after)


def test_several_heads_are_refused_by_name(shop: Tree) -> None:
    plan = run(resource, {"name": "orders"}, on=shop)
    (refusal,) = plan.refusals
    assert "2 heads (aaa, bbb)" in refusal.reason
    assert "--merge-heads" in refusal.reason
    assert refusal.path == "migrations/versions"


def test_they_are_joined_in_the_same_plan(shop: Tree) -> None:
    plan = run(resource, {"name": "orders"}, on=shop, pins=JOIN)
    revisions = sorted(p for p in paths(plan, Status.CREATED) if p.startswith("migrations/"))
    assert len(revisions) == 2
    (merge,) = (path for path in revisions if path.endswith("_merge_heads.py"))
    assert 'down_revision = ("aaa", "bbb")' in changed(plan)[merge]
    alembic = read_project(plan.after).alembic
    assert alembic is not None
    (head,) = alembic.heads
    assert f"migrations/versions/{head}_create_orders.py" in revisions
    assert run(resource, {"name": "orders"}, on=plan.after, pins=JOIN).changes == ()


def test_one_head_needs_no_joining(shop: Tree) -> None:
    one = shop.with_entry("migrations/versions/bbb.py", None)
    asked, not_asked = (run(resource, {"name": "orders"}, on=one, pins=p) for p in (JOIN, {}))
    assert changed(asked) == changed(not_asked)


def test_undo_takes_the_merge_back_and_remove_leaves_it(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    generate([Call("new", {"name": "shop"}, project)], Options(root), title="new shop")
    (root / "migrations/versions").mkdir(exist_ok=True)
    for name in ("aaa", "bbb"):
        (root / f"migrations/versions/{name}.py").write_text(BRANCH.format(name, None))
    before = {p: p.read_bytes() for p in root.rglob("*.py")}
    options = Options(root, pins=JOIN)
    generate([Call("resource", {"name": "orders"}, resource)], options, title="add")
    result = undo(Options(root), None, Edited.REFUSE)
    assert {p: p.read_bytes() for p in root.rglob("*.py")} == before
    assert any("alembic downgrade aaa" in note for note in result.plan.notes)
    generate([Call("resource", {"name": "orders"}, resource)], options, title="add")
    taken = remove(Options(root), "resource", "orders", Edited.REFUSE, delete_migration=False)
    reverts = [p for p in paths(taken.plan, Status.CREATED) if "revert" in p]
    assert len(reverts) == 1
    alembic = read_project(open_tree(root)).alembic
    assert alembic is not None
    assert len(alembic.heads) == 1


@pytest.mark.slow
def test_alembic_walks_both_ways(tmp_path: Path) -> None:
    Project(tmp_path).scaffold("new", "shop", "--no-git")
    made = Project(tmp_path / "shop")
    made.scaffold("add", "resource", "orders")
    made.python("-m", "alembic", "upgrade", "head")
    (base,) = made.python("-m", "alembic", "heads").stdout.split()[:1]
    for name in ("aaa", "bbb"):
        path = made.root / f"migrations/versions/{name}.py"
        path.write_text(BRANCH.format(name, f'"{base}"'))
    refused = made.scaffold("add", "resource", "products", check=False)
    assert refused.returncode == 3
    made.scaffold("add", "resource", "products", "--merge-heads", "--no-verify")
    made.python("-m", "alembic", "upgrade", "head")
    made.python("-m", "alembic", "check")
    made.python("-m", "alembic", "downgrade", base)
    made.python("-m", "alembic", "upgrade", "head")
    for tool in (("check",), ("format", "--check")):
        made.python("-m", "ruff", *tool, "migrations/versions")
