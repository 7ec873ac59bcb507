"""The whole route table of the download pages, as stated in behaviour/downloads.md §4."""

import pytest

from ported_domains.downloads.pages import PAGES
from ported_domains.shared.urls import Url

REDIRECTS = "GET POST PUT PATCH DELETE HEAD OPTIONS"
TABLE = [
    (r"latest/python2/?$", "download_latest_python2", REDIRECTS),
    (r"latest/python3/?$", "download_latest_python3", REDIRECTS),
    (r"latest/python3\.(?P<minor>\d+)/?$", "download_latest_python3x", REDIRECTS),
    (r"latest/prerelease/?$", "download_latest_prerelease", REDIRECTS),
    (r"latest/pymanager/?$", "download_latest_pymanager", REDIRECTS),
    (r"latest/?$", "download_latest_python3", REDIRECTS),
    (r"operating\-systems/", "download_full_os_list", "GET"),
    (r"release/(?P<release_slug>[-a-zA-Z0-9_]+)/", "download_release_detail", "GET"),
    (r"(?P<slug>[-a-zA-Z0-9_]+)/", "download_os_list", "GET"),
    (r"", "download", "GET"),
    (r"feed\.rss", "feed", "*"),
]


@pytest.mark.parametrize(("prefix", "namespace"), [("getit/", "getit"), ("downloads/", "download")])
def test_route_table(prefix: str, namespace: str) -> None:
    urls: list[Url] = [handler.opt["url"] for handler in PAGES]
    mine = [url for url in urls if url.namespace == namespace]
    assert len(urls) == 2 * len(TABLE)
    assert [(url.regex.pattern, url.name, " ".join(url.methods)) for url in mine] == [
        (prefix + regex, name, methods) for regex, name, methods in TABLE
    ]
    assert {url.app_name for url in mine} == {"downloads"}
    assert all(url.full and not url.csrf_exempt for url in mine)
