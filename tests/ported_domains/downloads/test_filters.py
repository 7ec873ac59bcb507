import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.templates.safe import SafeString, escape
from ported_domains.downloads.catalogue import OperatingSystem, ReleaseFile, featured
from ported_domains.templatetags.downloads import (
    download_tags,
    sort_windows,
    strip_minor_version,
    wbr_wrap,
)


def file(name: str = "", os: str = "source", **values: object) -> ReleaseFile:
    blank: dict[str, object] = {
        field.name: 0 if field.type in ("int", int) else "" for field in fields(ReleaseFile)
    }
    system = OperatingSystem(1, os, os)
    return ReleaseFile(**blank | {"name": name, "os": system} | values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "series"), [("3.14.0", "3.14"), ("3.14", "3.14"), ("3", "3"), ("", "")]
)
def test_strips_the_minor_version(version: str, series: str) -> None:
    assert strip_minor_version(version) == series


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("has_gpg", "gpg_signature_file"),
        ("has_sigstore_materials", "sigstore_bundle_file"),
        ("has_sigstore_materials", "sigstore_cert_file"),
        ("has_sigstore_materials", "sigstore_signature_file"),
        ("has_sbom", "sbom_spdx2_file"),
        ("has_md5", "md5_sum"),
        ("has_sha256", "sha256_sum"),
    ],
)
def test_one_file_with_it_is_enough(name: str, column: str) -> None:
    has = download_tags.filters[name].call
    assert has([file(), file(**{column: "x"})]) is True
    assert has([file(), file()]) is False
    assert has([]) is False


def test_wraps_a_checksum() -> None:
    assert wbr_wrap("a" * 16 + "b" * 16 + "c" * 8) == (
        '<span class="checksum-half">aaaaaaaaaaaaaaaa</span><wbr>'
        '<span class="checksum-half">bbbbbbbbbbbbbbbb<wbr>cccccccc</span>'
    )
    assert wbr_wrap("") == ""


@given(st.text(min_size=1))
def test_wrapping_loses_nothing_and_lets_nothing_through(checksum: str) -> None:
    wrapped = wbr_wrap(checksum)
    assert isinstance(wrapped, SafeString)
    inside = re.sub(r'<span class="checksum-half">|</span>|<wbr>', "", wrapped)
    assert inside == escape(checksum)


def test_sorts_windows_files_as_people_look_for_them() -> None:
    names = [
        "Windows something new",
        "Windows embeddable package (32-bit)",
        "macOS installer",
        "Windows installer (ARM64)",
        "Windows help file",
        "Gzipped source tarball",
        "Windows installer (64-bit)",
        "Windows installer (32-bit)",
    ]
    assert [f.name for f in sort_windows([file(name) for name in names])] == [
        "macOS installer",
        "Gzipped source tarball",
        "Windows installer (64-bit)",
        "Windows installer (32-bit)",
        "Windows installer (ARM64)",
        "Windows help file",
        "Windows embeddable package (32-bit)",
        "Windows something new",
    ]


def test_features_buttons_in_their_order() -> None:
    offered = [file(os=os, download_button=True) for os in ("source", "ios", "windows", "macos")]
    names = [f.os.slug for f in featured([*offered, file(os="macos", download_button=False)])]
    assert names == ["macos", "windows", "source", "ios"]
