"""Writes through API v1: Django and the native side answer and store alike."""

from typing import Any

import pytest

from tests.longer import sampled
from tests.ported_domains.downloads_writes.both import OTHERS, V1, V2, Both, Write

pytestmark = pytest.mark.parity

FTP = "https://www.python.org/ftp/python/new"
LINK = {"os": f"{V1}os/1/", "release": f"{V1}release/9/"}
OS = {"name": "Plan 9", "slug": "plan-9"}
RELEASE = {"name": "Python 3.16.0", "is_published": True}
FILE = {"name": "Sources", "slug": "new-sources", "url": FTP, **LINK}
XML = "application/xml"
YAML = "text/yaml"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=xx"


def post(resource: str, body: Any, **more: Any) -> Write:
    return Write("POST", f"{V1}{resource}/", body, **more)


def delete(path: str) -> Write:
    return Write("DELETE", V1 + path)


def overridden(method: str, path: str, body: Any = None, by: str = "POST") -> Write:
    return Write(by, V1 + path, body, fields={"x-http-method-override": method})


WRITES = {
    "os": post("os", OS),
    "os without a slug": post("os", {"name": "Pläne & Ziele \N{EN DASH} 9.0_x"}),
    "os, empty": post("os", {}),
    "os of a list": post("os", []),
    "os of a number": post("os", {"name": 5, "slug": 5.5, "id": 3}),
    "os of all types": post("os", {"name": ["a"], "slug": {"b": True}}),
    "os of nulls": post("os", {"name": None, "slug": None}),
    "os in XML": post("os", b"<object><name>Plan 9</name></object>", content_type=XML),
    "os in XML, typed": post(
        "os",
        b"<?xml version='1.0' encoding='utf-8'?><request><object><name type='integer'>9</name>"
        b"<slug type='null'/></object></request>",
        content_type=XML + "; charset=utf-8",
    ),
    "os in bad XML": post("os", b"<object>", content_type=XML),
    "os in XML with a type": post("os", b"<!DOCTYPE a><object/>", content_type=XML),
    "os in false XML": post(
        "os", b"<object><name type='integer'>x</name></object>", content_type=XML
    ),
    "os in YAML": post("os", b"name: Plan 9\nslug: 2026-01-02\n", content_type=YAML),
    "os in bad YAML": post("os", b"a: [", content_type=YAML),
    "os in a form": post("os", b"name=a", content_type=FORM),
    "os in a form with credentials": post("os", b"username=a", content_type=FORM),
    "os in parts": post(
        "os",
        b'--xx\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n--xx--\r\n',
        content_type=PARTS,
    ),
    "os in something": post("os", b"a", content_type="application/JSON"),
    "os in nothing": post("os", OS, content_type=None),
    "no body": post("os", None),
    "bad JSON": post("os", b"{"),
    "bad JSON, in XML": post("os", b"{", fields={"accept": XML}),
    "bad UTF-8": post("os", b'{"name": "\xff"}'),
    "number": post("os", 5),
    "text": post("os", b'"name"'),
    "null": post("os", b"null"),
    "NUL": post("os", {"name": "a\0b"}),
    "half a character": post("os", b'{"name": "\\ud800"}'),
    "too long": post("os", {"name": "n" * 201}),
    "taken": post("os", {"name": "n", "slug": "windows"}),
    "credentials in the query": Write("POST", f"{V1}os/?api_key=x", OS),
    "release": post("release", RELEASE),
    "release, latest": post("release", RELEASE | {"is_latest": True}),
    "release, latest draft": post("release", {"name": "Python 3.16.0", "is_latest": "1"}),
    "release of all fields": post(
        "release",
        {
            "name": "Python 2.8",
            "slug": "odd slug, öh",
            "version": "2",
            "is_published": 1,
            "is_latest": "True",
            "release_date": "Jan 2 2026 3:04 +0200",
            "pre_release": "f",
            "release_page": "/api/v1/pages/page/1/",
            "release_notes_url": "no url",
            "show_on_download_page": False,
        },
    ),
    "release of a day": post("release", RELEASE | {"release_date": "2026-01-02"}),
    "release in YAML": post(
        "release", b"name: a\nrelease_date: 2026-01-02\nis_published: yes\n", content_type=YAML
    ),
    "release at no time": post("release", RELEASE | {"release_date": "<garbage>"}),
    "release at an empty time": post("release", RELEASE | {"release_date": ""}),
    "release at a number": post("release", RELEASE | {"release_date": 5}),
    "release at nought": post("release", RELEASE | {"release_date": 0}),
    "release at null": post("release", RELEASE | {"release_date": None}),
    "release of no version": post("release", RELEASE | {"version": "zz"}),
    "release of an odd version": post("release", RELEASE | {"version": 7.9}),
    "release of a huge version": post("release", RELEASE | {"version": 2**40}),
    "release of no truth": post("release", RELEASE | {"is_latest": "maybe <&>"}),
    "release of a list of truths": post("release", RELEASE | {"is_latest": []}),
    "release without a page": post("release", RELEASE | {"release_page": None}),
    "release of a missing page": post(
        "release", RELEASE | {"release_page": "/api/v1/pages/page/999/"}
    ),
    "release, taken": post("release", RELEASE | {"slug": "python-3140"}),
    "file": post("release_file", FILE),
    "file of a draft": post("release_file", FILE | {"release": f"{V1}release/4/"}),
    "file linked by v2": post("release_file", FILE | {"release": f"{V2}release/9/"}),
    "file linked by host": post("release_file", FILE | {"release": f"http://a{V1}release/9/"}),
    "file with a button": post(
        "release_file", FILE | {"download_button": True, "os": f"{V1}os/4/"}
    ),
    "file with a second button": post(
        "release_file", FILE | {"download_button": True, "release": f"{V1}release/5/"}
    ),
    "file of all fields": post(
        "release_file",
        FILE
        | {
            "description": 5,
            "is_source": True,
            "gpg_signature_file": FTP + ".asc",
            "md5_sum": "0" * 32,
            "sha256_sum": "1" * 64,
            "filesize": " 12 ",
            "sigstore_signature_file": FTP + ".sig",
            "sigstore_cert_file": FTP + ".crt",
            "sigstore_bundle_file": FTP + ".sigstore",
            "sbom_spdx2_file": FTP + ".spdx.json",
        },
    ),
    "file without a URL": post("release_file", {"name": "a", **LINK}),
    "file without relations": post("release_file", {"name": "a"}),
    "file of null relations": post("release_file", FILE | {"os": None}),
    "file of numbered relations": post("release_file", FILE | {"os": 1}),
    "file of an empty relation": post("release_file", FILE | {"os": ""}),
    "file of a word": post("release_file", FILE | {"os": "1"}),
    "file of another resource": post("release_file", FILE | {"os": f"{V1}release/1/"}),
    "file of a missing system": post("release_file", FILE | {"os": f"{V1}os/99/"}),
    "file of no number": post("release_file", FILE | {"os": f"{V1}os/x/"}),
    "file of a URI without an end": post("release_file", FILE | {"os": f"{V1}os/1"}),
    "file of an object": post("release_file", FILE | {"os": {"pk": 2}}),
    "file of an object that changes": post(
        "release_file", FILE | {"release": {"pk": 9, "name": "Python 3.9.26"}}
    ),
    "file of an object by URI": post(
        "release_file", FILE | {"os": {"resource_uri": f"{V1}os/2/", "name": "W"}}
    ),
    "file of a new object": post("release_file", FILE | {"os": {"name": "New", "slug": "new"}}),
    "file elsewhere": post("release_file", FILE | {"url": "https://example.org/a"}),
    "file elsewhere, in YAML": post(
        "release_file", FILE | {"url": "https://example.org/a"}, fields={"accept": YAML}
    ),
    "file with false proofs": post(
        "release_file",
        FILE | {"gpg_signature_file": FTP + ".sig", "sbom_spdx2_file": "http://www.python.org/x"},
    ),
    "file with a number for a URL": post("release_file", FILE | {"url": 5}),
    "file of no size": post("release_file", FILE | {"filesize": "abc"}),
    "file, taken": post(
        "release_file",
        FILE | {"url": "https://www.python.org/ftp/python/3.14.0/Python-3.14.0.tgz"},
    ),
    "delete os": delete("os/2/"),
    "delete os, missing": delete("os/999/"),
    "delete os, no number": delete("os/abc/"),
    "delete os, huge": delete(f"os/{10**20}/"),
    "delete release": delete("release/5/"),
    "delete draft": delete("release/4/"),
    "delete file": delete("release_file/3/"),
    "delete files of a release": delete("release_file/?release=5"),
    "delete files of a missing release": delete("release_file/?release=999"),
    "delete all files": delete("release_file/"),
    "delete files, more asked": delete("release_file/?release=5&format=json"),
    "delete files, asked twice": delete("release_file/?release=5&release=6"),
    "delete files by slug": delete("release_file/?release__slug=python-3140"),
    "delete files of nothing": delete("release_file/?release="),
    "delete files of a word": delete("release_file/?release=abc"),
    "delete all systems": delete("os/"),
    "put": Write("PUT", f"{V1}os/1/", OS),
    "patch": Write("PATCH", f"{V1}os/1/", OS),
    "post at a row": Write("POST", f"{V1}os/1/", OS),
    "post at a schema": Write("POST", f"{V1}os/schema/", OS),
    "delete a set": delete("os/set/1;2/"),
    "overridden to delete": overridden("DELETE", "os/2/"),
    "overridden to post": overridden("post", "os/", OS, by="PUT"),
    "overridden to get": overridden("GET", "os/2/", by="DELETE"),
    "overridden to put": overridden("PUT", "os/2/", OS),
}
# Who may not write hears all the same what is wrong with the data.
FOR_ALL = (
    "os",
    "bad JSON",
    "bad JSON, in XML",
    "os in a form",
    "os in a form with credentials",
    "credentials in the query",
    "NUL",
    "taken",
    "release",
    "release at no time",
    "release of no truth",
    "file",
    "file of a draft",
    "file without relations",
    "file of a missing system",
    "file of a word",
    "file elsewhere",
    "delete os",
    "delete os, missing",
    "delete os, no number",
    "delete draft",
    "delete file",
    "delete files of a release",
    "delete all files",
    "delete files of a word",
    "put",
    "delete all systems",
    "overridden to delete",
)


@pytest.mark.parametrize("name", sampled(WRITES, short=60))
async def test_staff_write_alike(both: Both, name: str) -> None:
    legacy, native = await both.ask(WRITES[name])
    assert native == legacy


@pytest.mark.parametrize("name", FOR_ALL)
async def test_others_are_refused_alike(both: Both, name: str) -> None:
    for caller in OTHERS:
        legacy, native = await both.ask(WRITES[name], caller)
        assert (caller, native) == (caller, legacy)
