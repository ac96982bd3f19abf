"""Undo and remove where resources relate: files of others come back, what is needed is kept."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from scaffold.spec.errors import RefusedError
from tests.test_undo import add, back, files, made, shop, take_out

__all__ = ["made", "shop"]  # fixtures


@pytest.fixture
def related(shop: Path) -> Path:
    """A shop with customers, labels, and orders that relate to both."""
    add(shop, "customers", "name:str")
    add(shop, "labels", "name:str")
    return shop


def test_undo_restores_what_it_related_to_byte_for_byte(related: Path) -> None:
    before = files(related)
    add(related, "orders", "customer:ref", "labels:many:labels")
    changed = {path for path, content in before.items() if files(related)[path] != content}
    assert {"app/models/customers.py", "app/models/labels.py", "schemathesis.toml"} <= changed
    back(related)
    assert files(related) == before


def test_edits_of_a_related_file_stay(related: Path) -> None:
    path = related / "app/models/customers.py"
    path.write_text(path.read_text().replace("The table", "Our own table"))
    before = files(related)
    add(related, "orders", "customer:ref")
    assert "orders: Mapped" in path.read_text()
    assert "Our own table" in path.read_text()
    back(related)
    assert files(related) == before


@pytest.mark.parametrize("command", ["undo", "remove"])
def test_what_others_refer_to_is_kept_by_name(related: Path, command: str) -> None:
    add(related, "orders", "customer:ref")
    before = files(related)
    run = next(
        path.stem
        for path in sorted((related / ".scaffold/runs").iterdir())
        if '"customers": {' in path.read_text()
    )
    with pytest.raises(RefusedError, match="orders"):
        back(related, run) if command == "undo" else take_out(related, "customers", delete=True)
    assert files(related) == before


def test_one_of_several_that_refer_goes_again(related: Path) -> None:
    for name in ("invoices", "orders", "visits"):
        add(related, name, "customer:ref")
    for order in itertools.permutations(("invoices", "orders", "visits")):
        root = related.parent / "-".join(order)
        shutil.copytree(related, root)
        model, left = root / "app/models/customers.py", {"invoices", "orders", "visits"}
        for name in order:
            take_out(root, name)
            left.remove(name)
            text = model.read_text()
            assert {one for one in ("invoices", "orders", "visits") if f"{one}:" in text} == left
            assert ("relationship" in text) == bool(left)


def test_twice_is_once(related: Path) -> None:
    add(related, "orders", "customer:ref", "labels:many:labels")
    before = files(related)
    assert add(related, "orders", "customer:ref", "labels:many:labels").nothing
    assert add(related, "customers", "name:str").nothing
    assert files(related) == before


def test_any_order_of_adding_gives_the_same_files(shop: Path, tmp_path: Path) -> None:
    wanted = {
        "invoices": ["customer:ref"],
        "orders": ["customer:ref", "payer:ref:to=customers:optional"],
        "visits": ["customer:ref:optional:unique"],
    }
    add(shop, "customers", "name:str")
    results = []
    for order in itertools.permutations(wanted):
        root = tmp_path / "-".join(order)
        shutil.copytree(shop, root)
        for name in order:
            add(root, name, *wanted[name])
        results.append(
            {
                path: content
                for path, content in files(root).items()
                if not path.startswith((".scaffold", "migrations"))
            }
        )
    assert all(result == results[0] for result in results)
