"""`strangler status`: what is wanted, what is, and what keeps it from being more."""

import json
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner, Result
from sqlalchemy import text

from migrations.upgrade import config, connect, head
from proxy.cli import main
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.manifest.exporting import BUNDLED
from tests.proxy.telling import told, written

ROUTING = "version: 1\ndomains:\n  downloads:\n    phase: {phase}\n    routes: [/downloads/**]\n"


@pytest.fixture(autouse=True)
def folder(folder: Path) -> Path:
    (folder / "routing.yaml").write_text(ROUTING.format(phase="native"))
    return folder


def status(*arguments: str, **settings: str) -> Result:
    environment = {f"STRANGLER_{name.upper()}": value for name, value in settings.items()}
    return CliRunner().invoke(main, ["status", *arguments], env=environment)


def downloads(result: Result) -> dict[str, object]:
    (found,) = [d for d in json.loads(result.output)["domains"] if d["domain"] == "downloads"]
    return dict(found)


def test_a_wanted_phase_that_is_held_says_why() -> None:
    result = status("--json")
    assert result.exit_code == 0
    found = downloads(result)
    assert (found["wanted"], found["has"], found["copied"]) == ("native", "reads", None)
    assert "the legacy side's until they are handed over" in str(found["reason"])
    assert json.loads(result.output)["database"] == "not set"


def test_a_copied_domain_says_when(native_database_url: str) -> None:
    result = status("--json", database_url=native_database_url)
    assert result.exit_code == 0
    found = downloads(result)
    assert (found["tables"], found["quarantined"]) == (3, 0)
    assert isinstance(found["rows"], int)
    assert found["rows"] > 50
    assert found["copied"] is not None
    shown = status(database_url=native_database_url)
    assert "downloads: native is held at reads" in shown.output


def test_a_ported_catch_all_without_a_manifest_is_warned_of(folder: Path) -> None:
    text = "version: 1\ndomains:\n  downloads:\n    phase: reads\n    routes: [/**]\n"
    (folder / "routing.yaml").write_text(text)
    (warning,) = json.loads(status("--json").output)["warnings"]
    assert warning.startswith("routing.yaml:5: /** takes what Django alone has pages for as well")
    assert warning in status().output
    manifest = written(folder, told(BUNDLED, {}))
    assert json.loads(status("--json", legacy_manifest=str(manifest)).output)["warnings"] == []


def test_faults_of_routing_yaml_are_shown(folder: Path) -> None:
    (folder / "routing.yaml").write_text("version: 2\n")
    result = status()
    assert result.exit_code == 1
    assert "version 2 is not supported — write version: 1" in result.output


def test_a_database_without_tables_says_what_to_do(stack: EmbeddedStack) -> None:
    result = status(database_url=stack.create_database("status_empty"))
    assert result.exit_code == 1
    assert "run `strangler db upgrade`" in " ".join(result.output.split())


def test_a_database_without_the_newest_migration_says_what_to_do(
    stack: EmbeddedStack, native_template: str
) -> None:
    """Its rows can be read all the same."""
    url = stack.create_database("status_behind", native_template)
    with connect(url) as native:
        command.downgrade(config(native), "-1")
        native.commit()
    said = f"the native database is not up to date: run `strangler db upgrade` (it lacks {head()})"
    shown = status(database_url=url)
    assert said in " ".join(shown.output.split())
    told = status("--json", database_url=url)
    assert json.loads(told.output)["database"] == said
    assert (shown.exit_code, told.exit_code) == (1, 1)


def test_a_database_from_the_future_says_what_to_do(
    stack: EmbeddedStack, native_template: str
) -> None:
    url = stack.create_database("status_ahead", native_template)
    with connect(url) as native:
        native.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        native.commit()
    told = status("--json", database_url=url)
    assert told.exit_code == 1
    assert "is at revision 9999" in json.loads(told.output)["database"]


def test_a_database_that_is_down_shows_no_password() -> None:
    result = status(database_url="postgresql://me:secret@127.0.0.1:1/x")
    assert result.exit_code == 1
    assert "(STRANGLER_DATABASE_URL) cannot be reached at 127.0.0.1:1/x" in " ".join(
        result.output.split()
    )
    assert "secret" not in result.output
