from collections.abc import Iterator

import pytest

from tests.ported_domains.shared.forms.side import FormsSide


@pytest.fixture(scope="session")
def django_forms() -> Iterator[FormsSide]:
    """Django's forms, for ours to be compared with."""
    with FormsSide() as side:
        yield side
