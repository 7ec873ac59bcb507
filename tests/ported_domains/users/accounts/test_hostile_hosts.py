"""Host and X-Forwarded-For as nobody should send them: links in mails go to this site alone."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from tests.longer import sampled
from tests.ported_domains.users.accounts.hostile import alike, submit
from tests.ported_domains.users.accounts.people import fresh_address, newcomer
from tests.ported_domains.users.accounts.sides import Answer, Side

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback", "no_cover")]

RESET = "/accounts/password/reset/"
HOSTS: Mapping[str, int] = MappingProxyType(
    {
        "www.example.org": 200,
        "WWW.EXAMPLE.ORG": 200,
        "www.example.org.": 200,
        "www.example.org:8000": 200,
        "www.example.org:99999": 200,
        "127.0.0.1": 200,
        "elsewhere.example.com": 400,
        "elsewhere.example.com:80": 400,
        "www.example.org.elsewhere.example.com": 400,
        "elsewhere.example.com:80@www.example.org": 400,
        "www.example.org@elsewhere.example.com": 400,
        "www.example.org:": 400,
        "www.example.org:port": 400,
        "www.example.org/elsewhere": 400,
        "www.example.org?elsewhere": 400,
        "www.example.org#elsewhere": 400,
        "www.example.org\\elsewhere": 400,
        "www.example.org,elsewhere.example.com": 400,
        "www.example.org elsewhere": 400,
        "www_x.example.org": 400,
        "[::1]": 400,
        "[::1]:80": 400,
        "[::::]": 400,
        "[::1].example.org": 400,
        "[zz]": 400,
        "": 400,
    }
)
"""With the status of the login page. ALLOWED_HOSTS has 127.0.0.1 and .example.org."""
CLIENTS: Mapping[str | None, int] = MappingProxyType(
    {
        None: 200,
        "192.0.2.1": 200,
        "192.0.2.2:8080": 200,
        "192.0.2.3, nonsense": 200,
        "[2001:db8::1]:443": 200,
        "2001:db8::2": 200,
        "::ffff:192.0.2.4": 200,
        "nonsense": 403,
        "unknown": 403,
        "localhost": 403,
        "nonsense, 192.0.2.5": 403,
        ",": 403,
        ", 192.0.2.6": 403,
        "192.0.2.256": 403,
        "192.0.2.1.2": 403,
        "127.1": 403,
        "0x7f000001": 403,
        "[192.0.2.7]": 403,
        "192.0.2.8;": 403,
        "' OR true": 403,
        "9" * 5000: 403,
    }
)
"""By what a trusted front server says, the status of a POST that is limited per address."""
LIMITED = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/key/1-a-b/",
)


@pytest.mark.parametrize("host", HOSTS)
async def test_hosts(side: Side, host: str) -> None:
    browser = side.browser()
    token = (await browser.get("/accounts/login/")).cookies["csrftoken"].value
    person = await newcomer(side)
    assert (await browser.get("/accounts/login/", host=host)).status == HOSTS[host]
    answer = await submit(browser, RESET, {"email": person.email}, host=host)
    assert browser.cookies["csrftoken"] == token
    mails = side.new_mails()
    if HOSTS[host] == 400:
        assert (answer.status, mails) == (400, [])
    else:
        assert answer.status == 302
        assert f"http://{host}/accounts/password/reset/key/" in mails[0].get_content()


async def test_a_trusted_name_in_another_header_is_no_name(side: Side) -> None:
    """USE_X_FORWARDED_HOST is off."""
    person = await newcomer(side)
    await submit(
        side.browser(),
        RESET,
        {"email": person.email},
        x_forwarded_host="elsewhere.example.com",
        forwarded="host=elsewhere.example.com",
        x_host="elsewhere.example.com",
    )
    (mail,) = side.new_mails()
    assert "elsewhere" not in mail.as_string()


@pytest.mark.parametrize("path", sampled(LIMITED, short=2))
@pytest.mark.parametrize("said", CLIENTS)
async def test_clients(both: tuple[Side, Side], said: str | None, path: str) -> None:
    email = fresh_address()

    async def hostile(side: Side) -> Answer:
        return await submit(side.browser(), path, {"email": email}, x_forwarded_for=said)

    answer = await alike(both, hostile)
    if path == RESET and CLIENTS[said] == 200:
        assert (answer.status, answer.mailed) == (302, (email,))
    else:
        assert (answer.status, answer.mailed) == (CLIENTS[said], ())


@pytest.mark.parametrize("said", ["nonsense", ","])
async def test_who_only_looks_is_not_asked_for(side: Side, said: str) -> None:
    for path in LIMITED:
        assert (await side.browser().get(path, x_forwarded_for=said)).status == 200


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("192.0.2.9", "192.0.2.9:1234"),
        ("192.0.2.10", "192.0.2.10, 198.51.100.1"),
        ("2001:db8::3", "2001:0DB8:0:0::3"),
        ("2001:db8::4", "[2001:db8::4]:443"),
    ],
)
async def test_one_address_is_one_however_it_is_written(side: Side, one: str, same: str) -> None:
    browser = side.browser()
    for _ in range(20):
        form = {"email": fresh_address()}
        assert (await submit(browser, RESET, form, x_forwarded_for=one)).status == 302
    answer = await submit(browser, RESET, {"email": fresh_address()}, x_forwarded_for=same)
    assert answer.status == 429
