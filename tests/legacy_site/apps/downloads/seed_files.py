"""The files of a release of the project's own data set, from nothing but its name."""

import hashlib
import re
from collections.abc import Iterator

from django.utils.text import slugify

_FTP = "https://www.python.org/ftp/python"


def files_of(release: str) -> list[dict]:
    """Rows for `ReleaseFile`; `os` is a slug. One button for each operating system."""
    rows = []
    for os, name, path, button in _listing(release):
        url = f"{_FTP}/{path}"
        row = {
            "os": os,
            "name": name,
            "slug": slugify(f"{release}-{name}".replace(".", "")),
            "description": _DESCRIPTIONS.get(name, ""),
            "is_source": os == "source",
            "url": url,
            "filesize": 9_000_000 + int(_digest("md5", url)[:6], 16),
            "download_button": button,
        }
        rows.append(row | _proofs(release, os, url))
    return rows


_DESCRIPTIONS = {
    "Windows installer (64-bit)": "Recommended",
    "macOS installer": "for macOS 10.15 and later",
}


def _listing(release: str) -> Iterator[tuple[str, str, str, bool]]:
    """Operating system, name, path below /ftp/python/, and whether the button offers it."""
    if release.startswith("Python install manager"):
        version = release.rpartition(" ")[2]
        path = f"pymanager/python-manager-{version}.msix"
        yield "windows", "Installer (MSIX)", path, True
        yield "windows", "MSI package", path.replace(".msix", ".msi"), False
        return
    version = release.removeprefix("Python").strip()
    series = tuple(int(number) for number in re.match(r"(\d+)\.(\d+)", version).groups())
    base = re.match(r"[\d.]+", version)[0]
    if series < (2, 6):
        yield "source", "Gzipped source tarball", f"{base}/Python-{version}.tgz", series > (2, 0)
        return
    yield "source", "Gzipped source tarball", f"{base}/Python-{version}.tgz", series < (3, 0)
    if series >= (3, 0):
        yield "source", "XZ compressed source tarball", f"{base}/Python-{version}.tar.xz", True
    if series == (3, 12):
        return
    yield from _installers(series, base, version)


def _installers(
    series: tuple[int, ...], base: str, version: str
) -> Iterator[tuple[str, str, str, bool]]:
    installer = f"{base}/python-{version}"
    if series < (3, 5):
        yield "windows", "Windows x86 MSI installer", f"{installer}.msi", True
        return
    yield "windows", "Windows installer (64-bit)", f"{installer}-amd64.exe", True
    yield "windows", "Windows installer (32-bit)", f"{installer}.exe", False
    yield "windows", "Windows embeddable package (64-bit)", f"{installer}-embed-amd64.zip", False
    yield "macos", "macOS installer", f"{installer}-macos11.pkg", True
    if series >= (3, 14):
        android = f"{installer}-aarch64-linux-android.tar.gz"
        yield "android", "Android embeddable package (aarch64)", android, True
    if series >= (3, 15):
        yield "ios", "iOS XCframework", f"{installer}-iOS-XCframework.tar.gz", True


def _proofs(release: str, os: str, url: str) -> dict[str, str]:
    """What a visitor can check a file with; it changed over the years."""
    proofs = dict.fromkeys(
        (
            "gpg_signature_file",
            "sigstore_signature_file",
            "sigstore_cert_file",
            "sigstore_bundle_file",
            "sbom_spdx2_file",
            "md5_sum",
            "sha256_sum",
        ),
        "",
    )
    if release.startswith(("Python 2", "Python 3.3", "Python 3.9", "Python 3.12")):
        proofs |= {"gpg_signature_file": f"{url}.asc", "md5_sum": _digest("md5", url)}
    if release.startswith("Python 3.9"):
        proofs |= {
            "sigstore_signature_file": f"{url}.sig",
            "sigstore_cert_file": f"{url}.crt",
        }
    if release.startswith(("Python 3.12", "Python 3.13", "Python 3.14", "Python 3.15")):
        proofs["sigstore_bundle_file"] = f"{url}.sigstore"
    if release.startswith(("Python 3.14", "Python 3.15", "Python install")):
        proofs["sha256_sum"] = _digest("sha256", url)
        if os in ("source", "windows"):
            proofs["sbom_spdx2_file"] = f"{url}.spdx.json"
    elif release.startswith("Python 3.13"):
        proofs["md5_sum"] = _digest("md5", url)
    return proofs


def _digest(algorithm: str, text: str) -> str:
    return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()
