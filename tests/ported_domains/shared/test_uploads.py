"""Uploads as templates see them, where the native side has nothing of them but their names."""

import pytest

from ported_domains.shared.stored_file import StoredFile
from ported_domains.shared.thumbnails.originals import Originals


def test_an_upload_is_known_by_its_name() -> None:
    logo = StoredFile("logos/Größe 1.png")
    assert str(logo) == logo.name == "logos/Größe 1.png"
    assert logo.url == "/media/logos/Gr%C3%B6%C3%9Fe%201.png"
    with pytest.raises(FileNotFoundError, match=r"nobody measured 'logos/Größe 1.png'"):
        assert logo.width


def test_without_an_upload_there_is_no_address() -> None:
    assert not StoredFile("")
    with pytest.raises(ValueError, match="no file was uploaded"):
        assert StoredFile("").url


@pytest.mark.parametrize("source", ["", None, StoredFile("")])
def test_without_an_upload_there_is_no_thumbnail(source: object) -> None:
    assert Originals().thumbnail(source, "100x100", {}) is None


def test_a_thumbnail_is_the_upload_itself() -> None:
    made = Originals().thumbnail(StoredFile("a.svg"), "x100", {"format": "PNG"})
    assert made is not None
    assert (made.url, made.width, made.height) == ("/media/a.svg", "", "")
