"""Django's admin of the bundled legacy site: every table can be looked at and edited."""

from collections.abc import Iterator

import httpx
import psycopg
import pytest
from lxml import html

from proxy.demo.parts import LegacySite

# Edited on the page of what they belong to, or never by hand.
WITHOUT_A_PAGE = {
    "account_emailconfirmation",
    "auth_permission",
    "django_admin_log",
    "django_content_type",
    "django_migrations",
    "django_session",
    "downloads_releasefile",
    "pages_documentfile",
    "pages_image",
    "sitetree_treeitem",
    "sponsors_benefitfeature",
    "sponsors_benefitfeatureconfiguration",
    "sponsors_sponsorbenefit",
    "sponsors_sponsorcontact",
    "tastypie_apiaccess",
}
# Tables whose page has the name of another model.
PAGES_BY_ANOTHER_NAME = {
    "authtoken_token": "authtoken_tokenproxy",
    "django_redirect": "redirects_redirect",
    "django_site": "sites_site",
}


@pytest.fixture(scope="module")
def admin(legacy_site: LegacySite) -> Iterator[httpx.Client]:
    """A browser in which the superuser has signed in."""
    with httpx.Client(base_url=legacy_site.url, timeout=30) as client:
        submit(client, "/admin/login/", username="admin1", password="admin-1")
        yield client


def submit(client: httpx.Client, path: str, **values: str) -> None:
    """Fill the form at `path` and send it; it must be accepted."""
    page = html.fromstring(client.get(path).raise_for_status().text)
    (form,) = page.cssselect("#content form")
    assert isinstance(form, html.FormElement)
    data: dict[str, list[str]] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    answer = client.post(path, data={**data, **values})
    assert answer.status_code == 302, answer.text


def links(client: httpx.Client, path: str, selector: str) -> list[str]:
    page = html.fromstring(client.get(path).raise_for_status().text)
    return [str(element.get("href")) for element in page.cssselect(selector)]


@pytest.fixture(scope="module")
def listed(admin: httpx.Client) -> list[str]:
    """The addresses of all tables' lists."""
    return links(admin, "/admin/", "#content-main tr[class^=model-] th a")


def test_every_table_has_a_page(listed: list[str], legacy_site: LegacySite) -> None:
    pages = {"_".join(address.strip("/").split("/")[1:]) for address in listed}
    with psycopg.connect(legacy_site.database_url) as connection:
        # A table of pairs and a child's own table aside, each has a column `id` or `key`.
        tables = {
            table
            for (table,) in connection.execute(
                "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r'"
                " AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS ("
                "  SELECT FROM pg_constraint u WHERE u.conrelid = c.oid AND u.contype = 'u'"
                "  AND cardinality(u.conkey) = 2 AND 3 = (SELECT count(*) FROM pg_attribute a"
                "   WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attnotnull))"
            )
        }
    expected = tables - WITHOUT_A_PAGE - {"django_cache_table"}
    assert pages == {PAGES_BY_ANOTHER_NAME.get(table, table) for table in expected}


def test_every_page_and_every_first_row_opens(admin: httpx.Client, listed: list[str]) -> None:
    rows = [
        address
        for path in listed
        for address in links(admin, path, "#result_list tbody tr:first-child th a")
    ]
    assert len(rows) > 60
    statuses = {path: admin.get(path).status_code for path in rows}
    assert {path: status for path, status in statuses.items() if status != 200} == {}


def test_content_remembers_who_made_and_who_changed_it(
    admin: httpx.Client, legacy_site: LegacySite
) -> None:
    columns = "SELECT id, content, _content_rendered, creator_id, last_modified_by_id"
    query = f"{columns} FROM minutes_minutes WHERE date = '1999-12-31'"
    minutes = {"date": "1999-12-31", "content_markup_type": "markdown"}
    with psycopg.connect(legacy_site.database_url, autocommit=True) as connection:
        admin_id = connection.execute("SELECT id FROM users_user WHERE username = 'admin1'")
        ((user,),) = admin_id.fetchall()
        submit(admin, "/admin/minutes/minutes/add/", content="*New*", **minutes)
        (made,) = connection.execute(query).fetchall()
        page = f"/admin/minutes/minutes/{made[0]}"
        submit(admin, f"{page}/change/", content="<script>1</script>*Newer*")
        (changed,) = connection.execute(query).fetchall()
        submit(admin, f"{page}/delete/")
        left = connection.execute(query).fetchall()
    assert made[1:] == ("*New*", "<p><em>New</em></p>", user, None)
    assert changed[1:] == (
        "<script>1</script>*Newer*",
        "\n<p><em>Newer</em></p>",
        user,
        user,
    )
    assert left == []
