"""Both APIs of pages: Django and the native side answer and store alike.

Left out, because it only hurts: in YAML Django calls the text of a page an object of its own class,
which no other program can read.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from tests.ported_domains.downloads_writes.both import Write
from tests.ported_domains.pages.sides import CALLERS, OTHERS, V1, V2, Both

pytestmark = pytest.mark.parity

PAGE = {
    "title": "New & <new>",
    "path": "a/new.page",
    "keywords": "k",
    "description": "d",
    "content": "Title\n=====\n\n*new* <b>\n\n.. raw:: html\n\n   <b>\n",
    "template_name": "pages/raw.html",
}
READS = (
    *(
        V1 + end
        for end in (
            "",
            "?limit=2",
            "?limit=2&offset=2&keywords__icontains=WEB",
            "?title=Legal",
            "?title=legal",
            "?title__icontains=legal",
            "?path=about/help",
            "?path__startswith=about",
            "?keywords=beginner,%20install,%20first%20program",
            "?keywords__icontains=WEB",
            "?keywords__icontains=%25",
            "?keywords__icontains=_",
            "?keywords__icontains=%5C",
            "?keywords__icontains=",
            "?keywords__icontains=none",
            "?keywords__contains=web",
            "?is_published=false",
            "?is_published=true&limit=1",
            "?is_published=bogus",
            "?content=x",
            "?description=x",
            "?template_name=x",
            "?resource_uri=x",
            "?creator=1",
            "?order_by=title",
            "?format=xml&limit=3",
            "1/",
            "5/",
            "999/",
            "abc/",
            "1/?format=xml",
            "set/1;5;999/",
            "schema/",
            "schema/?format=xml",
        )
    ),
    *(
        V2 + end
        for end in (
            "",
            "?title=Legal",
            "?title=legal",
            "?path=about/help",
            "?path=%20about/help%20",
            "?keywords=x",
            "?keywords__icontains=WEB",
            "?keywords__icontains=%25",
            "?keywords__icontains=_",
            "?keywords__icontains=%5C",
            "?is_published=false",
            "?is_published=yes",
            "?bogus=1",
            "?title__icontains=x",
            "?format=json",
            "1/",
            "1.json",
            "5/",
            "5/?title=x",
            "999/",
            "abc/",
            "1/?bogus=1",
        )
    ),
    V2.removesuffix("/") + ".json",
    V2.removesuffix("/"),
    V1.removesuffix("/"),
)


def post(body: Any, **more: Any) -> Write:
    return Write("POST", V1, body, **more)


WRITES = {
    "page": post(PAGE),
    "page, empty": post({}),
    "page of a list": post([]),
    "page of nulls": post(dict.fromkeys(PAGE)),
    "draft": post(PAGE | {"is_published": False}),
    "page of no truth": post(PAGE | {"is_published": "maybe"}),
    "page at a bad path": post(PAGE | {"path": "/A_b//c/"}),
    "page at a taken path": post(PAGE | {"path": "about/help"}),
    "page at a long path": post(PAGE | {"path": "p" * 501}),
    "page with more": post(
        PAGE | {"id": 3, "content_type": "text/plain", "content_markup_type": "html", "creator": 1}
    ),
    "page with faults": post(PAGE | {"content": "*a\n\n.. include:: /etc/passwd\n"}),
    "page with code": post(PAGE | {"content": ".. code:: python\n\n   x = '<'\n"}),
    "page of numbers": post(dict.fromkeys(PAGE, 5)),
    "page of lists": post(PAGE | {"title": ["a"], "keywords": {"b": True}, "template_name": True}),
    "page of a list of texts": post(PAGE | {"content": ["a", "b"]}),
    "page of nothing": post(PAGE | {"content": ""}),
    "page with NUL": post(PAGE | {"content": "a\0b"}),
    "page with half a character": post(PAGE | {"content": "\ud800"}),
    "page in XML": post(
        b"<object><title>x</title><path>x</path><content>y</content></object>",
        content_type="application/xml",
    ),
    "bad JSON": post(b"{"),
    "page in a form": post(b"title=x", content_type="application/x-www-form-urlencoded"),
    "delete": Write("DELETE", f"{V1}3/"),
    "delete a release's": Write("DELETE", f"{V1}13/"),
    "delete, missing": Write("DELETE", f"{V1}999/"),
    "delete a draft": Write("DELETE", f"{V1}5/"),
    "delete all": Write("DELETE", V1),
    "put": Write("PUT", f"{V1}1/", PAGE),
    "v2: post": Write("POST", V2, PAGE),
    "v2: put": Write("PUT", f"{V2}1/", PAGE),
    "v2: patch": Write("PATCH", f"{V2}1/", PAGE),
    "v2: delete": Write("DELETE", f"{V2}1/"),
    "v2: delete all": Write("DELETE", V2),
}
METHODS = [
    Write(method, path)
    for method in ("OPTIONS", "HEAD")
    for path in (V1, f"{V1}1/", V2, f"{V2}1/", f"{V2}5/", f"{V2}999/")
]


@pytest.mark.parametrize("path", READS)
async def test_read_alike(both_sides: Both, path: str) -> None:
    for caller in CALLERS:
        legacy, native = await both_sides.hear(Write("GET", path), caller)
        assert (caller, native) == (caller, legacy)


@pytest.mark.parametrize("asked", METHODS, ids=lambda asked: f"{asked.method} {asked.path}")
async def test_other_safe_methods(both_sides: Both, asked: Write) -> None:
    for caller in CALLERS:
        legacy, native = await both_sides.hear(asked, caller)
        assert (caller, native) == (caller, legacy)


async def test_yaml_is_what_json_is(both_sides: Both) -> None:
    _, native = await both_sides.hear(Write("GET", f"{V1}?format=yaml"), "staff")
    shown = yaml.safe_load(native.body)["objects"]
    _, native = await both_sides.hear(Write("GET", V1), "staff")
    assert shown == json.loads(native.body)["objects"]


@pytest.mark.parametrize("name", WRITES)
async def test_staff_write_alike(both: Both, name: str) -> None:
    legacy, native = await both.ask(WRITES[name], "staff")
    assert native == legacy


async def test_others_are_refused_alike(both_sides: Both) -> None:
    before = both_sides.native.rows(datetime.now(UTC))
    for name, write in WRITES.items():
        for caller in OTHERS:
            legacy, native = await both_sides.hear(write, caller)
            assert (name, caller, native) == (name, caller, legacy)
    assert both_sides.native.rows(datetime.now(UTC)) == before
