"""Writes through API v2: Django and the native side answer and store alike."""

from typing import Any

import pytest

from tests.longer import sampled
from tests.ported_domains.downloads_writes.both import OTHERS, V2, Both, Write

pytestmark = pytest.mark.parity

FTP = "https://www.python.org/ftp/python/new"
LINK = {"os": f"{V2}os/1/", "release": f"{V2}release/9/"}
OS = {"name": "Plan 9", "slug": "plan-9"}
RELEASE = {"name": "Python 3.16.0", "slug": "python-3160", "is_published": True}
FILE = {"name": "Sources", "slug": "new-sources", "url": FTP, **LINK}
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=xx"


def post(resource: str, body: Any, **more: Any) -> Write:
    return Write("POST", f"{V2}{resource}/", body, **more)


def put(resource: str, body: Any, **more: Any) -> Write:
    return Write("PUT", f"{V2}{resource}/", body, **more)


def patch(resource: str, body: Any, **more: Any) -> Write:
    return Write("PATCH", f"{V2}{resource}/", body, **more)


def delete(path: str, body: Any = None) -> Write:
    return Write("DELETE", f"{V2}{path}", body)


def part(name: str, value: str) -> bytes:
    return f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


WRITES = {
    "os": post("os", OS),
    "os in latin-1": post(
        "os",
        '{"name": "é", "slug": "e"}'.encode("latin-1"),
        content_type="application/json; charset=latin-1",
    ),
    "os with other fields": post("os", OS | {"id": 77, "created": "2001-01-01", "bogus": 1}),
    "os with a suffix": Write("POST", f"{V2}os.json", OS),
    "os with a format": Write("POST", f"{V2}os/?format=json", OS),
    "os of a number": post("os", {"name": 5, "slug": 5.5}),
    "os with space": post("os", {"name": "  Plan 9 \n", "slug": " plan-9 "}),
    "os as a form": post("os", b"name=Plan+9&slug=plan-9&slug=plan-10", content_type=FORM),
    "os in parts": post(
        "os", part("name", "Plan 9") + part("slug", "plan-9") + b"--xx--\r\n", content_type=PARTS
    ),
    "empty": post("os", {}),
    "no body": post("os", None),
    "no body, but a form": Write("POST", f"{V2}os/", b"", FORM),
    "blank": post("os", {"name": "", "slug": " "}),
    "null": post("os", {"name": None, "slug": None}),
    "wrong types": post("os", {"name": [], "slug": True}),
    "too long": post("os", {"name": "n" * 201, "slug": "s" * 201}),
    "no slug": post("os", {"name": "n", "slug": "a b.c"}),
    "NUL": post("os", {"name": "a\0b", "slug": "a\0b"}),
    "half a character": post("os", b'{"name": "\\ud800", "slug": "\\udfff"}'),
    "taken": post("os", {"name": "n", "slug": "windows"}),
    "list": post("os", [OS]),
    "text": post("os", "name"),
    "number": post("os", 5),
    "null alone": post("os", b"null"),
    "bad JSON": post("os", b'{"name": '),
    "bad UTF-8": post("os", b'{"name": "\xff"}'),
    "NaN": post("os", b'{"name": NaN}'),
    "XML": post("os", b"<a/>", content_type="text/xml"),
    "no content type": post("os", OS, content_type=None),
    "JSON with a charset": post("os", OS, content_type="application/json; charset=utf-8"),
    "release": post("release", RELEASE),
    "release, latest": post("release", RELEASE | {"is_latest": True}),
    "release, latest draft": post("release", RELEASE | {"is_latest": True, "is_published": False}),
    "release of all fields": post(
        "release",
        {
            "name": "Python 2.8.0 'final' & <last>",
            "slug": "python-280",
            "version": "2",
            "is_published": "yes",
            "is_latest": 1,
            "release_date": "2026-01-02T03:04:05.678+02:00",
            "pre_release": "off",
            "release_page": "http://elsewhere/api/v2/pages/page/1/",
            "release_notes_url": "https://docs.python.org/",
            "show_on_download_page": False,
        },
    ),
    "release as a form": post(
        "release",
        b"name=a&slug=b&version=&release_date=&release_page=&is_latest=",
        content_type=FORM,
    ),
    "release, all wrong": post(
        "release",
        {
            "name": {},
            "version": 7,
            "is_published": None,
            "is_latest": "maybe",
            "release_date": "yesterday",
            "pre_release": [],
            "release_page": 5,
            "release_notes_url": "no url",
            "show_on_download_page": "",
        },
    ),
    "release of a day": post("release", RELEASE | {"release_date": "2026-01-02"}),
    "release at a loose time": post("release", RELEASE | {"release_date": "2026-1-2 3:04"}),
    "release at a number": post("release", RELEASE | {"release_date": 5}),
    "release before all time": post(
        "release", RELEASE | {"release_date": "0001-01-01T00:00:00+14:00"}
    ),
    "release without a page": post("release", RELEASE | {"release_page": None}),
    "release with an empty page": post("release", RELEASE | {"release_page": ""}),
    "release of a missing page": post(
        "release", RELEASE | {"release_page": "/api/v2/pages/page/999/"}
    ),
    "file": post("release_file", FILE),
    "file of a draft": post("release_file", FILE | {"release": f"{V2}release/4/"}),
    "file with a button": post(
        "release_file", FILE | {"download_button": True, "os": f"{V2}os/4/"}
    ),
    "file of all fields": post(
        "release_file",
        FILE
        | {
            "description": "text",
            "is_source": True,
            "gpg_signature_file": FTP + ".asc",
            "md5_sum": "0" * 32,
            "sha256_sum": "1" * 64,
            "filesize": "12.0",
            "sigstore_signature_file": FTP + ".sig",
            "sigstore_cert_file": FTP + ".crt",
            "sigstore_bundle_file": FTP + ".sigstore",
            "sbom_spdx2_file": FTP + ".spdx.json",
        },
    ),
    "file beside a button": post(
        "release_file", FILE | {"release": f"{V2}release/5/", "os": f"{V2}os/1/"}
    ),
    "file without anything": post("release_file", {}),
    "file elsewhere": post("release_file", FILE | {"url": "https://example.org/a"}),
    "file with false proofs": post(
        "release_file",
        FILE | {"gpg_signature_file": FTP + ".sig", "sbom_spdx2_file": "http://www.python.org/x"},
    ),
    "file, all wrong": post(
        "release_file",
        {
            "os": "/api/v1/downloads/os/1/",
            "release": "nowhere",
            "description": 5,
            "is_source": 2,
            "url": "www.python.org",
            "gpg_signature_file": "a" * 201,
            "md5_sum": "a" * 201,
            "sha256_sum": None,
            "filesize": 2**31,
            "download_button": {},
        },
    ),
    "file of missing rows": post(
        "release_file", FILE | {"os": f"{V2}os/999/", "release": f"{V2}release/{10**30}/"}
    ),
    "file of odd links": post(
        "release_file", FILE | {"os": f"{V2}os/x/", "release": "http://a/downloads/"}
    ),
    "file of null links": post("release_file", FILE | {"os": None, "release": ""}),
    "file of no links": post("release_file", FILE | {"os": [], "release": 1}),
    "file with suffixed links": post(
        "release_file", FILE | {"os": f"{V2}os/1.json", "release": f"{V2}release/%39/"}
    ),
    "file, too large": post("release_file", FILE | {"filesize": -(2**31) - 1}),
    "file of no size": post("release_file", FILE | {"filesize": "1.5"}),
    "file, taken": post(
        "release_file",
        FILE
        | {
            "slug": "python-3140-windows-installer-64-bit",
            "url": "https://www.python.org/ftp/python/3.14.0/Python-3.14.0.tgz",
        },
    ),
    "put os": put("os/1", OS),
    "put os, slug kept": put("os/1", {"name": "x", "slug": "source"}),
    "put os, half": put("os/1", {"name": "x"}),
    "put os, missing": put("os/999", OS),
    "put os, no number": put("os/abc", OS),
    "put os, bad JSON": put("os/1", b"{"),
    "put os that does not fit": Write("PUT", f"{V2}os/1/?name=zzz", OS),
    "put release": put("release/5", RELEASE),
    "put release as a form": put("release/5", b"name=a&slug=b", content_type=FORM),
    "put file": put("release_file/1", FILE),
    "put file at its place": put("release_file/3", FILE | {"os": f"{V2}os/2/"}),
    "patch os, nothing": patch("os/2", {}),
    "patch os, bad": patch("os/2", {"slug": "source"}),
    "patch os with a suffix": Write("PATCH", f"{V2}os/2.json", {"name": "W"}),
    "patch release": patch("release/5", {"name": "Python 3.14.0 again"}),
    "patch release, HTML": patch("release/9", {"pre_release": True}),
    "patch release, plain": patch("release/11", {"pre_release": True}),
    "patch release, reStructuredText": patch("release/8", {"pre_release": True}),
    "patch release, draft to latest": patch("release/4", {"is_published": True, "is_latest": True}),
    "patch release, withdrawn": patch("release/5", {"is_published": False}),
    "patch release as a form": patch("release/5", b"is_latest=", content_type=FORM),
    "patch file": patch("release_file/1", {"description": "other"}),
    "patch file, moved": patch("release_file/1", {"release": f"{V2}release/6/"}),
    "patch file, moved elsewhere": patch("release_file/1", {"url": "https://example.org/"}),
    "patch file, unknown filter": Write("PATCH", f"{V2}release_file/1/?bogus=1", {}),
    "patch file, no proof": patch("release_file/1", {"gpg_signature_file": ""}),
    "delete os": delete("os/2/"),
    "delete os with files of drafts": delete("os/1/"),
    "delete os, missing": delete("os/999/"),
    "delete os, no number": delete("os/abc/"),
    "delete os, huge": delete(f"os/{10**20}/"),
    "delete release": delete("release/5/"),
    "delete draft": delete("release/4/"),
    "delete release by suffix": delete("release/6.json"),
    "delete release without files": delete("release/14/"),
    "delete file": delete("release_file/3/"),
    "delete file that does not fit": delete("release_file/3/?os=2&release=1"),
    "delete files of a release": delete("release_file/delete_by_release/?release=5"),
    "delete files of a spaced release": delete(
        "release_file/delete_by_release/?release=%205%20&a=b"
    ),
    "delete files of no release": delete("release_file/delete_by_release/"),
    "delete files of an empty release": delete("release_file/delete_by_release/?release="),
    "delete files of a word": delete("release_file/delete_by_release/?release=abc"),
    "delete files of a missing release": delete("release_file/delete_by_release/?release=999"),
    "delete files of a huge release": delete(f"release_file/delete_by_release/?release={10**30}"),
    "post at an action": Write("POST", f"{V2}release_file/delete_by_release/", {}),
    "delete all": delete("os/"),
    "post at a row": Write("POST", f"{V2}os/1/", OS),
    "put all": Write("PUT", f"{V2}os/", OS),
    "a method of no API": Write("PURGE", f"{V2}os/1/"),
    "not acceptable": Write("POST", f"{V2}os/", OS, fields={"accept": "text/html"}),
    "no such format": Write("POST", f"{V2}os/?format=xml", OS),
}


# Nobody else's body is looked at.
FOR_ALL = (
    "os",
    "bad JSON",
    "NUL",
    "release",
    "file",
    "put os",
    "put os, missing",
    "patch release",
    "patch file",
    "delete os",
    "delete os, missing",
    "delete draft",
    "delete file",
    "delete files of a release",
    "delete files of no release",
    "post at an action",
    "delete all",
    "post at a row",
    "a method of no API",
    "not acceptable",
    "no such format",
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
