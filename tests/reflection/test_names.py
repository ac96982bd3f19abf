"""Legacy names: each gets a good one of its own, the same in each run."""

from __future__ import annotations

import pytest

from scaffold.reflection.names import field_name, reference_name, resource_name
from scaffold.spec.naming import Name, parse_name


@pytest.mark.parametrize(
    ("table", "plural", "model"),
    [
        ("InvoiceLine", "invoice_lines", "InvoiceLine"),
        ("ORDER DETAILS", "order_details", "OrderDetail"),
        ("tbl_customers", "customers", "Customer"),
        ("tblOrders", "orders", "Order"),
        ("Straße", "strasses", "Strasse"),
        ("2fa_codes", "table2fa_codes", "Table2faCode"),
        ("class", "class_records", "ClassRecord"),
        ("errors", "errors_records", "ErrorsRecord"),
        ("数据", "tables", "Table"),
        ("news", "news", "News"),
    ],
)
def test_a_table_becomes_a_resource(table: str, plural: str, model: str) -> None:
    name = resource_name(table, None, ())
    assert (name.snake_plural, name.pascal) == (plural, model)


def test_twins_are_told_apart() -> None:
    taken: list[Name] = []
    for table, schema in (
        ("Order", None),
        ("orders", None),
        ("ORDERS", "sales"),
        ("order", "sales"),
    ):
        taken.append(resource_name(table, schema, taken))
    names = [name.snake for name in taken]
    assert names == ["order", "order2", "sales_order", "order3"]


def test_a_column_becomes_a_field() -> None:
    columns = [
        *("InvoiceLineId", "PK_Customer", "Unit Price", "class", "metadata", "2nd", "naïve%"),
        *("ID", "Id", "line1", "line_1", "数", "model_dump"),
    ]
    taken: list[str] = []
    for column in columns:
        taken.append(field_name(column, taken))
    assert taken == [
        *("invoice_line_id", "customer", "unit_price", "class_", "metadata_", "column_2nd"),
        *("naive_percent", "id", "id_2", "line1", "line_1_2", "column"),
        "column_model_dump",
    ]


@pytest.mark.parametrize(
    ("column", "taken", "name"),
    [
        ("CustomerId", (), "customer"),
        ("ReportsTo", (), "reports_to"),
        ("country_code", (), "country"),
        ("FK_Album", (), "album"),
        ("_id", (), "customer"),
        ("class_id", (), "customer"),
        ("artist_id", ("artist",), "artist_2"),
    ],
)
def test_a_foreign_key_becomes_a_reference(column: str, taken: tuple[str, ...], name: str) -> None:
    target = parse_name("customers")
    assert reference_name(column, target, taken) == name
