"""The HTML that the real site stored beside its texts is what is made of them here.

Rows that were loaded, not saved, were never rendered: their HTML is the text itself, or nothing, or
in the boxes what an older version of the site made.
"""

import psycopg
import pytest
from psycopg import sql

from ported_domains.pages.markup import render_page
from ported_domains.registry import DOMAINS
from ported_domains.shared.markup import render
from tests.longer import shorter

pytestmark = pytest.mark.golden

SUFFIX = "_markup_type"
FIELDS = sorted(
    (table.native, column.native.removesuffix(SUFFIX))
    for domain in DOMAINS.values()
    for table in domain.mapping
    for column in table.columns
    if column.native.endswith(SUFFIX) and table.native != "boxes"
)
ROWS = shorter(25, 5)
"""Of each kind of markup in a column."""


def test_all_columns_are_looked_at() -> None:
    assert len(FIELDS) == 24


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_texts_of_the_real_site(whole_dataset_url: str, table: str, field: str) -> None:
    query = sql.SQL(
        "SELECT {raw}, {kind}, {html} FROM (SELECT *, row_number() OVER ("
        "PARTITION BY {kind} ORDER BY id) AS place FROM {table} WHERE {html} NOT IN ({raw}, ''))"
        " AS rendered WHERE place <= %s"
    ).format(
        table=sql.Identifier(table),
        raw=sql.Identifier(field),
        kind=sql.Identifier(field + SUFFIX),
        html=sql.Identifier(f"{field}_rendered"),
    )
    with psycopg.connect(whole_dataset_url) as connection:
        texts = connection.execute(query, (ROWS,)).fetchall()
    for raw, kind, html in texts:
        if table == "pages":
            made = render_page(raw, kind)
        else:
            made = render(raw, kind, escaped=table == "users")
        assert made == html
