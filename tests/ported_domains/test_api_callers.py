"""Who calls an API: what is read from `Authorization`, and what the legacy database knows."""

import pytest

from legacy_bridge.django.credentials import Account, account_of_api_key, account_of_token
from ported_domains.shared.api.callers import (
    ApiKey,
    TokenFault,
    Unknown,
    read_api_key,
    read_token,
)
from ported_domains.shared.api.parameters import Parameters
from proxy.databases import open_engine
from proxy.embedded.child import free_port
from tests.ported_domains.wire import native_client

STAFF_KEY = "c3" * 20
STAFF_TOKEN = "3c" * 20


@pytest.mark.parametrize(
    ("authorization", "query", "read"),
    [
        ("", b"", Unknown.GUEST),
        ("ApiKey ada:k1", b"", ApiKey("ada", "k1")),
        ("APIKEY ada:k1", b"limit=1", ApiKey("ada", "k1")),
        ("ApiKey  ada:k1", b"", ApiKey(" ada", "k1")),
        ("ApiKey ada:", b"", Unknown.REFUSED),
        ("ApiKey :k1", b"", Unknown.REFUSED),
        ("ApiKey ada", b"", Unknown.REFUSED),
        ("ApiKey ada:k:1", b"", Unknown.REFUSED),
        ("ApiKey", b"", Unknown.REFUSED),
        ("Token k1", b"", Unknown.REFUSED),
        ("Basic YTpi", b"", Unknown.REFUSED),
        ("", b"username=ada", Unknown.REFUSED),
        ("", b"api_key=", Unknown.REFUSED),
        ("ApiKey ada:k1", b"api_key=k1", Unknown.REFUSED),
    ],
)
def test_v1_reads_keys(authorization: str, query: bytes, read: ApiKey | Unknown) -> None:
    assert read_api_key(authorization, Parameters.parse_query(query)) == read


@pytest.mark.parametrize(
    ("authorization", "read"),
    [
        ("", None),
        ("Token k1", "k1"),
        ("tOKEN   k1 ", "k1"),
        ("Token", TokenFault.NONE_GIVEN),
        ("Token a b", TokenFault.SPACES),
        ("Token \xff", TokenFault.NOT_TEXT),
        ("Bearer k1", None),
        ("Tokenk1", None),
    ],
)
def test_v2_reads_tokens(authorization: str, read: str | TokenFault | None) -> None:
    assert read_token(authorization) == read


async def test_accounts_of_credentials(legacy_database_url: str) -> None:
    legacy = open_engine(legacy_database_url, pool_size=1, name="test")
    try:
        staff = await account_of_api_key(legacy, "staff1", STAFF_KEY)
        assert staff is not None
        assert staff == Account(staff.id, "staff1", is_active=True, is_staff=True)
        assert await account_of_token(legacy, STAFF_TOKEN) == staff
        assert await account_of_api_key(legacy, "staff1", STAFF_KEY.upper()) is None
        assert await account_of_api_key(legacy, "Staff1", STAFF_KEY) is None
        assert await account_of_api_key(legacy, "u1_1", STAFF_KEY) is None
        assert await account_of_api_key(legacy, "staff1", "ключ") is None
        assert await account_of_token(legacy, STAFF_KEY) is None
    finally:
        await legacy.dispose()


@pytest.mark.parametrize("legacy", ["not set", "not running"])
async def test_credentials_that_cannot_be_checked(native_database_url: str, legacy: str) -> None:
    """Guests are answered; nobody is let in, or called wrong, unchecked."""
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    legacy_url = nowhere if legacy == "not running" else None
    async with native_client(native_database_url, legacy_url) as client:
        key = {"authorization": f"ApiKey staff1:{STAFF_KEY}"}
        answer = await client.get("/api/v1/downloads/os/", headers=key)
        assert (answer.status_code, answer.content) == (503, b"")
        token = {"authorization": f"Token {STAFF_TOKEN}"}
        answer = await client.get("/api/v2/downloads/os/", headers=token)
        assert answer.status_code == 503
        assert answer.json() == {"detail": "Credentials cannot be checked at the moment."}
        for guest in ("/api/v1/downloads/os/", "/api/v2/downloads/os/"):
            assert (await client.get(guest)).status_code == 200
