"""Fields added to and removed from a resource that exists: files rendered again, one revision."""

from __future__ import annotations

import pytest

from scaffold.api import UsageError
from scaffold.generators.field import field, relation, remove
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.plan import Plan, Status
from scaffold.record import read_record
from scaffold.testing import changed, paths, run
from scaffold.tree import Tree

ORDERS = ("total:decimal", "reference:uuid:unique", "note:text:optional")


@pytest.fixture(scope="module")
def orders() -> Tree:
    made = run(project, {"name": "shop"}, name="new")
    return run(resource, {"name": "orders", "fields": ORDERS}, on=made.after).after


def add(tree: Tree, *fields: str) -> Plan:
    return run(field, {"name": "orders", "fields": fields}, on=tree)


def drop(tree: Tree, *fields: str) -> Plan:
    return run(remove, {"name": "orders", "fields": fields}, on=tree, name="field:remove")


def migration(plan: Plan) -> str:
    (path,) = [path for path in paths(plan, Status.CREATED) if "versions" in path]
    return changed(plan)[path]


def reasons(plan: Plan) -> list[str]:
    return [refusal.reason for refusal in plan.refusals]


def test_files_are_rendered_again_and_the_spec_is_the_new_one(orders: Tree) -> None:
    plan = add(orders, "discount:decimal:6.2:default=0", "code:str:optional:unique")
    assert not plan.refusals
    assert paths(plan, Status.PATCHED) == {
        "app/models/orders.py",
        "app/repositories/orders.py",
        "app/schemas/orders.py",
        "tests/test_orders.py",
    }
    assert "    discount: Mapped[Decimal]" in changed(plan)["app/models/orders.py"]
    names = [one["name"] for one in read_record(plan.after).resources["orders"]["fields"]]
    assert names == ["total", "reference", "note", "discount", "code"]
    assert plan.reshaped == ("/api/v1/orders",)


def test_no_default_stays_in_the_database(orders: Tree) -> None:
    text = migration(add(orders, "discount:decimal:6.2:default=0"))
    upgrade, downgrade = text.split("def downgrade")
    assert 'server_default="0.00", nullable=False' in upgrade
    assert 'batch.alter_column("discount", server_default=None)' in upgrade
    assert 'batch.drop_column("discount")' in downgrade


def test_what_takes_no_default_everywhere_is_filled_by_an_update(orders: Tree) -> None:
    text = migration(add(orders, 'data:json:default={"a": [1]}'))
    assert "server_default" not in text
    assert '.update()\n        .values({"data": {"a": [1]}})' in text
    assert 'batch.alter_column("data", existing_type=json, nullable=False)' in text


def test_an_optional_column_copies_no_table(orders: Tree) -> None:
    upgrade = migration(add(orders, "memo:str:optional")).partition("def downgrade")[0]
    assert upgrade.count("batch_alter_table") == 1
    assert "table_kwargs" not in upgrade


def test_names_of_constraints_are_the_conventional_ones(orders: Tree) -> None:
    text = migration(add(orders, "code:str:optional:unique", "label:str:index:optional"))
    assert 'batch.create_unique_constraint("uq_orders_code", ["code"])' in text
    assert 'op.create_index("ix_orders_label", "orders", ["label"])' in text
    assert 'batch.drop_constraint("uq_orders_code", type_="unique")' in text
    assert 'batch.drop_index("ix_orders_label")' in text


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("vat:int", "vat is required and without a default, and orders may have rows: "),
        ("vat:int:unique", "vat is required and unique, so no default could fill it"),
    ],
)
def test_what_rows_could_not_have_is_refused_by_name(orders: Tree, text: str, way: str) -> None:
    (reason,) = reasons(add(orders, text))
    assert way in reason
    assert "make it optional" in reason
    assert changed(add(orders, text)) == {}


def test_twice_is_once(orders: Tree) -> None:
    plan = add(orders, "discount:int:default=0")
    again = add(plan.after, "discount:int:default=0")
    assert again.changes == ()
    assert not again.refusals


def test_another_field_of_that_name_is_refused(orders: Tree) -> None:
    (reason,) = reasons(add(orders, "total:int:default=0"))
    assert "total is there as total:decimal:10.2" in reason


def test_a_resource_that_is_not_there_is_refused_by_name(orders: Tree) -> None:
    plan = run(field, {"name": "bills", "fields": ("a:int:default=0",)}, on=orders)
    assert "no resource bills here (there are: orders)" in reasons(plan)[0]


@pytest.mark.parametrize("function", [field, remove])
def test_no_field_is_a_usage_error(orders: Tree, function: object) -> None:
    with pytest.raises(UsageError, match="no field"):
        run(function, {"name": "orders"}, on=orders, name="field")  # type: ignore[arg-type]


def test_removing_is_the_reverse(orders: Tree) -> None:
    plan = add(orders, "discount:int:default=0", "code:str:optional:unique")
    gone = drop(plan.after, "discount", "code")
    for path in paths(gone, Status.PATCHED):
        assert gone.after.read(path) == orders.read(path), path
    upgrade, downgrade = migration(gone).split("def downgrade")
    assert upgrade.index('drop_constraint("uq_orders_code"') < upgrade.index('drop_column("code")')
    assert 'server_default="0", nullable=False' in downgrade
    assert read_record(gone.after).resources == read_record(orders).resources


def test_a_required_column_comes_back_with_something_in_it(orders: Tree) -> None:
    downgrade = migration(drop(orders, "total", "reference")).partition("def downgrade")[2]
    assert 'server_default="0.00", nullable=False' in downgrade
    # No one value would be unique in all rows.
    assert 'sa.Column("reference", sa.Uuid(), nullable=True)' in downgrade


def test_a_field_that_is_gone_already_is_nothing_to_do(orders: Tree) -> None:
    assert drop(orders, "frob").changes == ()


def test_the_last_field_stays(orders: Tree) -> None:
    assert "scaffold remove resource" in reasons(drop(orders, "total", "reference", "note"))[0]


def test_edits_are_merged(orders: Tree) -> None:
    path = "app/services/orders.py"
    mine = (orders.read(path) or b"") + b"\n\nRULES = 1\n"
    model = (orders.read("app/models/orders.py") or b"").replace(b'"""The table', b'"""Our table')
    edited = orders.with_content(path, mine).with_content("app/models/orders.py", model)
    plan = add(edited, "discount:int:default=0")
    assert not plan.conflicts
    assert plan.after.read(path) == mine
    assert paths(plan, Status.MERGED) == {"app/models/orders.py"}
    assert '"""Our table' in changed(plan)["app/models/orders.py"]
    assert "discount" in changed(plan)["app/models/orders.py"]


def test_edits_in_the_same_place_are_a_conflict(orders: Tree) -> None:
    path = "app/models/orders.py"
    line = b"    note: Mapped[str | None] = mapped_column(LongText)\n"
    model = orders.read(path) or b""
    assert line in model
    edited = orders.with_content(path, model.replace(line, line + b"    mine = 1\n"))
    (conflict,) = add(edited, "discount:int:default=0").conflicts
    assert conflict.path == path
    assert conflict.lines


@pytest.fixture(scope="module")
def related(orders: Tree) -> Tree:
    for name in ("customers", "labels"):
        orders = run(resource, {"name": name, "fields": ("name:str",)}, on=orders).after
    return orders


def relate(tree: Tree, *texts: str) -> Plan:
    return run(relation, {"name": "orders", "fields": (), "relations": texts}, on=tree)


def test_a_relation_renders_both_sides_and_keeps_its_key(related: Tree) -> None:
    plan = relate(related, "customer:ref:optional:on_delete=set_null")
    assert not plan.refusals
    assert {"app/models/orders.py", "app/models/customers.py"} <= paths(plan, Status.PATCHED)
    upgrade, downgrade = migration(plan).split("def downgrade")
    index = upgrade.index('op.create_index("ix_orders_customer_id"')
    key = upgrade.index('"fk_orders_customer_id"')
    assert index < key  # MySQL would make an index of its own for the key
    assert '["customer_id"], ["id"], ondelete="SET NULL"' in " ".join(upgrade.split())
    drops = [
        downgrade.index(text) for text in ("fk_orders_customer_id", "ix_orders", "drop_column")
    ]
    assert drops == sorted(drops)


def test_links_are_a_table_that_goes_with_them(related: Tree) -> None:
    plan = relate(related, "labels:many:labels")
    upgrade, downgrade = migration(plan).split("def downgrade")
    assert 'op.create_table(\n        "orders_labels"' in upgrade
    assert "mysql_collate=collation" in upgrade
    assert "batch_alter_table" not in upgrade
    assert 'op.drop_table("orders_labels")' in downgrade


def test_relations_are_taken_out_of_both_sides(related: Tree) -> None:
    plan = relate(
        related, "customer:ref:optional", "labels:many:labels", "twin:ref:to=orders:optional"
    )
    gone = drop(plan.after, "customer", "labels", "twin")
    for path in paths(gone, Status.PATCHED):
        assert gone.after.read(path) == related.read(path), path


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("customer:ref", "customer is required and can't refer to any one row by default"),
        ("payer:ref:optional", "payer refers to payers, and there is no such resource"),
    ],
)
def test_relations_that_rows_could_not_have_are_refused(related: Tree, text: str, way: str) -> None:
    (reason,) = reasons(relate(related, text))
    assert way in reason


def test_what_relates_to_nothing_is_no_relation(related: Tree) -> None:
    with pytest.raises(UsageError, match="vat:int relates to nothing"):
        relate(related, "vat:int:default=0")
