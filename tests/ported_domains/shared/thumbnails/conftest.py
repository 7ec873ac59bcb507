import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ported_domains.shared.thumbnails import copies
from tests.ported_domains.shared.thumbnails.sides import Sides, sides_over
from tests.ported_domains.shared.thumbnails.uploads import fill

TwoSides = Callable[..., Sides]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a small image may take as long as a large one elsewhere."""
    monkeypatch.setattr(copies, "PATIENCE_SECONDS", 60)


@pytest.fixture(scope="session")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uploads")
    fill(folder)
    return folder


@pytest.fixture
def two_sides(uploads: Path, tmp_path: Path) -> Iterator[TwoSides]:
    """sorl-thumbnail and ours with the same settings, each over uploads of its own."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Sides:
            folders = [tmp_path / f"{len(list(tmp_path.iterdir()))}-{n}" for n in ("sorl", "ours")]
            for folder in folders:
                shutil.copytree(uploads, folder)
            return stack.enter_context(sides_over(*folders, **settings))

        yield start
