"""`strangler init --domain`: what it writes where, and every reason not to."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from migrations.upgrade import head
from proxy.cli import main
from tests.legacy_bridge.manifest.exporting import ODD, exported
from tests.proxy.cli.conftest import folder as folder

REMEDY = "is there already — move it away, or give --into another folder; no file is ever replaced"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("manifest") / "odd.json"
    file.write_bytes(exported(ODD))
    return file


def init(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["init", *map(str, arguments)])


def revision(steps: int) -> str:
    """What comes after the newest of ours."""
    newest = head()
    assert newest is not None
    return f"{int(newest) + steps:04}"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_of_several_domains(folder: Path, manifest: Path) -> None:
    done = init("-m", manifest, "--domain", "shop", "--domain", "auth", "--into", "tree")
    assert (done.exit_code, done.stderr) == (0, "")
    first, second = revision(1), revision(2)
    assert files(folder) == [
        f"tree/migrations/versions/{first}_shop.py",
        f"tree/migrations/versions/{second}_auth.py",
        *(f"tree/ported_domains/auth/{name}.py" for name in ("__init__", "mapping", "models")),
        *(f"tree/ported_domains/shop/{name}.py" for name in ("__init__", "mapping", "models")),
    ]
    migration = (folder / f"tree/migrations/versions/{second}_auth.py").read_text()
    assert f'revision = "{second}"\ndown_revision = "{first}"\n' in migration
    lines = done.stdout.splitlines()
    assert lines[0] == "tree/ported_domains/shop/__init__.py: written"
    assert "shop: 7 tables, 24 columns" in lines
    assert "    from ported_domains.shop import SHOP" in lines
    assert lines[-2:] == ["  - strangler db upgrade", "  - strangler sync init --check"]
    (left,) = [line for line in lines if line.startswith("  left out: ")]
    assert left.startswith("  left out: shop.View: v_items is not managed by Django")


def test_a_later_domain_comes_after_an_earlier_one(folder: Path, manifest: Path) -> None:
    assert init("-m", manifest, "--domain", "shop", "--into", folder).exit_code == 0
    assert init("-m", manifest, "--domain", "auth", "--into", folder).exit_code == 0
    migration = folder / f"migrations/versions/{revision(2)}_auth.py"
    assert f'down_revision = "{revision(1)}"' in migration.read_text()


def test_a_dry_run_writes_nothing(folder: Path, manifest: Path) -> None:
    shown = init("-m", manifest, "--domain", "shop", "--into", "tree", "--dry-run")
    assert (shown.exit_code, files(folder)) == (0, [])
    assert init("-m", manifest, "--domain", "shop", "--into", "tree").exit_code == 0
    for name in files(folder):
        assert f"==> {name} <==\n{(folder / name).read_text()}" in shown.stdout


def test_by_default_the_files_go_beside_ours(manifest: Path) -> None:
    shown = init("-m", manifest, "--domain", "shop", "--dry-run")
    place = Path(__file__).resolve().parents[3] / "ported_domains" / "shop" / "models.py"
    assert f"==> {place} <==" in shown.stdout
    assert "move the files" not in shown.stdout


def test_no_file_is_replaced(folder: Path, manifest: Path) -> None:
    package = folder / "ported_domains" / "shop"
    package.mkdir(parents=True)
    (package / "models.py").write_text("mine")
    refused = init("-m", manifest, "--domain", "shop", "--into", folder)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == f"ported_domains/shop/models.py: {REMEDY}\n"
    (package / "models.py").rename(package / "other.py")
    refused = init("-m", manifest, "--domain", "shop", "--into", folder)
    assert refused.stderr == f"ported_domains/shop: {REMEDY}\n"
    (package / "other.py").rename(folder / "ported_domains" / "shop.py")
    refused = init("-m", manifest, "--domain", "shop", "--into", folder)
    assert refused.stderr == f"ported_domains/shop.py: {REMEDY}\n"
    assert files(folder) == ["ported_domains/shop.py"]


def test_ours_are_not_replaced_either(manifest: Path, folder: Path) -> None:
    told = json.loads(manifest.read_text())
    for each in (*told["models"], *told["apps"]):
        for key in ("app", "label"):
            if each.get(key) == "shop":
                each[key] = "companies"
    (folder / "m.json").write_text(json.dumps(told))
    refused = init("-m", "m.json", "--domain", "companies")
    assert refused.exit_code == 2
    assert refused.stderr.endswith(f"ported_domains/companies.py: {REMEDY}\n")


def test_apps_that_are_not_there_or_have_nothing(folder: Path, manifest: Path) -> None:
    refused = init("-m", manifest, "--domain", "shops", "--domain", "news", "--domain", "shop")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        "shops: the manifest has no such app — those with tables are auth, contenttypes, sessions, "
        "shop\nnews: has no tables to be ported\n"
    )


def test_a_manifest_is_needed(folder: Path) -> None:
    refused = init("--domain", "shop")
    assert refused.exit_code == 2
    assert "there is no manifest: run manage.py strangler_manifest" in refused.stderr
    refused = init("--domain", "shop", "-m", "none.json")
    assert (refused.exit_code, refused.stderr.startswith("none.json: No such file")) == (2, True)


def test_options_that_do_not_go_together(folder: Path, manifest: Path) -> None:
    for options in (("--domain", "shop", "--force"), ("--domain", "shop", "-o", "x.yaml")):
        refused = init("-m", manifest, *options)
        assert refused.exit_code == 2
        assert "--output and --force are about routing.yaml" in refused.stderr
    for alone in (("--dry-run",), ("--into", "x")):
        refused = init("-m", manifest, *alone)
        assert refused.exit_code == 2
        assert "--into and --dry-run go with --domain" in refused.stderr
    assert files(folder) == []


def test_a_place_that_cannot_be_written_to(folder: Path, manifest: Path) -> None:
    (folder / "migrations").write_text("no folder")
    refused = init("-m", manifest, "--domain", "shop", "--into", folder)
    assert refused.exit_code == 2
    assert refused.stderr == (
        f"{folder}/migrations/versions: cannot be made: Not a directory — give --into another "
        "folder\n"
    )
    assert files(folder) == ["migrations"]


def test_several_newest_migrations(folder: Path, manifest: Path) -> None:
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    for name in ("a", "b"):
        (versions / f"{name}.py").write_text(f'revision = "{name}"\ndown_revision = "{head()}"\n')
    refused = init("-m", manifest, "--domain", "shop", "--into", folder)
    assert refused.exit_code == 2
    assert "has several newest revisions (a, b) — merge them first: alembic" in refused.stderr
