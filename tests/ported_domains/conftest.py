import json
import pathlib

import pytest

P = json.loads(pathlib.Path("/tmp/pages/env.json").read_text())


@pytest.fixture(scope="session")
def native_dataset_url():
    return P["native_dataset"]


@pytest.fixture(scope="session")
def dataset_database_url():
    return P["dataset"]


@pytest.fixture(scope="session")
def native_database_url():
    return P["native"]


@pytest.fixture(scope="session")
def legacy_database_url():
    return P["legacy"]


@pytest.fixture(scope="session")
def legacy_site():
    class S:
        url = P["url"]
        database_url = P["legacy"]

    return S
