"""Real Django for mails to be compared with, and a mail server."""

import ssl
from collections.abc import Iterator

import pytest
import trustme

from tests.legacy_bridge.django.django_side import DjangoSide
from tests.ported_domains.shared.mail.mail_server import TestMailServer


@pytest.fixture(scope="session")
def django() -> Iterator[DjangoSide]:
    with DjangoSide() as side:
        yield side


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Trusts the mail server below."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[TestMailServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with TestMailServer(context) as running:
        yield running
