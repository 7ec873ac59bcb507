"""`strangler templates`: what it lists, what it writes, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ported_domains.look import BUILT_IN
from proxy.cli import main

BROKEN = """{% load nothing i18n %}
{% if a b %}x{% endif %}
{{ x|nofilter }} {{ }}
{% for x y %}{% endfor %}
{% unknown %}
{{ a|default }}
{% block a %}{% block a %}{% endblock %}{% endblock %}
{% if q %}
"""
LINES = [1, 2, 3, 3, 4, 5, 6, 7, 8]
TEMPLATES = (Path(__file__).parents[2] / "legacy_site" / "templates", BUILT_IN)


def _strangler(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["templates", *map(str, arguments)])


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site" / "parts").mkdir(parents=True)
    (tmp_path / "site" / "parts" / "a.html").write_text("{% if a %}{{ b|upper }}{% endif %}\n")
    (tmp_path / "site" / "logo.png").write_bytes(b"\x89PNG")
    return tmp_path / "site"


def test_check_lists_every_fault_of_every_file(site: Path) -> None:
    (site / "broken.html").write_text(BROKEN)
    (site / "latin.txt").write_bytes(b"fine\ncaf\xe9")
    done = _strangler("check", site)
    assert done.exit_code == 1
    *faults, last = done.output.splitlines()
    assert last == "3 templates, 10 faults"
    places = [f"{site}/broken.html:{line}: " for line in LINES] + [f"{site}/latin.txt:2: "]
    assert [fault[: len(place)] for fault, place in zip(faults, places, strict=True)] == places
    assert all(fault.partition(" — ")[2] for fault in faults)


def test_check_prints_json(site: Path) -> None:
    (site / "broken.html").write_text("{% for x in y %}")
    report = json.loads(_strangler("check", site, "--json").output)
    assert report == {
        "ok": False,
        "files": 2,
        "faults": [
            {
                "file": str(site / "broken.html"),
                "line": 1,
                "problem": "Unclosed tag on line 1: 'for'. Looking for one of: empty, endfor.",
                "remedy": "write {% endfor %} where it ends",
            }
        ],
    }


def test_convert_writes_all_or_nothing(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (site / "broken.html").write_text("{{ x|nothing }}")
    assert _strangler("convert", site, out).exit_code == 1
    assert not out.exists()
    (site / "broken.html").unlink()
    done = _strangler("convert", site, out)
    assert (done.exit_code, done.output) == (0, "1 template, no faults\n")
    assert [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()] == [
        "parts/a.html"
    ]
    assert (out / "parts" / "a.html").read_text() == "{% if a %}{{ b|upper }}{% endif %}\n"
    again = _strangler("convert", site, out)
    assert again.exit_code == 2
    assert "has files in it" in again.output


def test_what_does_not_exist_is_a_usage_error(site: Path) -> None:
    assert _strangler("check", site / "none").exit_code == 2
    done = _strangler("check", site, "--library", "no.such.module:register")
    assert done.exit_code == 2
    assert "--library no.such.module:register" in done.output


def test_tags_of_a_site_are_told(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop_tags.py").write_text(
        "from legacy_bridge.templates.library import Library\n"
        "register = Library('shop')\n"
        "@register.simple_tag\ndef price(amount): return amount\n"
    )
    (site / "shop.html").write_text("{% load shop %}{% price 3 %}")
    monkeypatch.chdir(tmp_path)
    assert _strangler("check", site).exit_code == 1
    assert _strangler("check", site, "-l", "shop_tags:register").exit_code == 0


def test_the_bundled_site_has_no_fault() -> None:
    done = _strangler("check", *TEMPLATES)
    assert (done.exit_code, done.output.rpartition(", ")[2]) == (0, "no faults\n")


def test_the_benchmark_compares_equal_pages() -> None:
    done = CliRunner().invoke(main, ["bench", "templates", "--short", "--json"])
    assert done.exit_code == 0
    report = json.loads(done.output)
    assert [one["page"] for one in report["results"]] == ["list.html", "detail.html", "plain.txt"]
    assert all(one["is_equal"] for one in report["results"])
    assert report["ratio"] > 1.5  # 3 is wanted; other tests use the machine at the same time
