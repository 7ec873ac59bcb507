"""Hosts, and where a visitor may be sent."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.hosts import HostRules, Server, host_of, is_secure, port_of
from legacy_bridge.django.redirects import Destinations, is_safe, location, login_location
from legacy_bridge.django.secrecy import encodable
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.django_side import RefusedError
from tests.legacy_bridge.django.vectors import any_text, many

# Pieces of which look-alikes are made.
PIECES = [
    *("/", "//", "///", "\\", "\\\\", ":", "://", "?", "#", "@", "%2f", "%5c", ".", "..", ";"),
    *("http:", "https:", "HTTP://", "javascript:", "data:", "ftp://", "a:", "1http:", "http:///"),
    *("example.com", "EXAMPLE.com", "evil.test", "example.com.evil.test", "a.example.com:80"),
    *("[::1]", "[::1", "]", "[v1.x]", "\uff45xample.com", "example\u3002com", "é", "user@"),
    *("\t", "\n", "\r", "\x00", "\x1f", "\x08", "\x7f", " ", "\xa0", "\ufeff", "\u2028", "\u200e"),
    "\ud800",
]
urls = st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | any_text
many_hosts = st.lists(
    st.sampled_from(["example.com", "evil.test", "a.example.com:80", "[::1]", "", "EXAMPLE.com"]),
    max_size=3,
)


@many
@given(url=st.none() | urls, hosts=many_hosts, require_https=st.booleans())
def test_safe_as_there(
    accounts: AccountsSide, url: str | None, hosts: list[str], require_https: bool
) -> None:
    there = accounts.ask("is_safe", url=url, hosts=hosts, require_https=require_https)
    assert is_safe(url, set(hosts), require_https=require_https) is there


@pytest.mark.parametrize(
    "url",
    [
        "//evil.test",
        "///evil.test",
        "////evil.test",
        "\\\\evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "http:///evil.test",
        "http:\\\\evil.test",
        "http:evil.test",
        "https://example.com@evil.test",
        "https://evil.test\\@example.com",
        "javascript:alert(1)",
        "\x08//evil.test",
        "\x00/x",
        "/\t/evil.test",
        "http://[::1",
        "//example\u3002com.evil.test",
        "x" * 2049,
        "",
        " ",
    ],
)
def test_leads_away(accounts: AccountsSide, url: str) -> None:
    assert not is_safe(url, {"example.com"})
    assert not accounts.ask("is_safe", url=url, hosts=["example.com"], require_https=False)
    assert Destinations(["example.com"]).wanted("example.com", url) is None


allowed = st.lists(
    st.sampled_from(["example.com", ".example.com", "*", "[::1]", "evil.test:80"]), max_size=2
)
origins = st.lists(
    st.sampled_from(["https://trusted.test", "https://*.trusted.test", "http://[::1]:80"]),
    max_size=2,
)


@many
@given(
    url=urls.filter(bool) | st.sampled_from(["https://a.trusted.test/x", "//trusted.test"]),
    allowed_hosts=allowed,
    trusted_origins=origins,
)
def test_next_as_allauth(
    accounts: AccountsSide, url: str, allowed_hosts: list[str], trusted_origins: list[str]
) -> None:
    ours = Destinations(allowed_hosts, trusted_origins).wanted("example.com", url)
    settings = {
        "ALLOWED_HOSTS": [*allowed_hosts, "example.com"],
        "CSRF_TRUSTED_ORIGINS": trusted_origins,
    }
    try:
        there = accounts.ask("allauth_is_safe", url=url, settings=settings, host="example.com")
    except RefusedError:
        there = False  # half an IPv6 address is an error 500 there
    assert ours == (url if there and encodable(url) else None)


def test_form_comes_before_query_and_neither_is_no_fault() -> None:
    destinations = Destinations(["*"])
    assert destinations.wanted("example.com", "/form", "/query") == "/form"
    assert destinations.wanted("example.com", "", "/query") == "/query"
    assert destinations.wanted("example.com", None, None) is None
    # What the form says counts, also if it is not safe.
    assert Destinations([]).wanted("example.com", "//evil.test", "/query") is None
    assert destinations.wanted("example.com", "/\ud800") is None
    assert destinations.wanted("example.com", "/\0") == "/\0"


@many
@given(
    path=st.text(max_size=30),
    login_url=st.sampled_from(
        [
            "/accounts/login/",
            "/login?next=/old&x=1&x=é y",
            "https://example.com/l?a=#top",
            "/?;=&&a",
        ]
    ),
)
def test_login_page_as_there(accounts: AccountsSide, path: str, login_url: str) -> None:
    there = accounts.ask("login_redirect", path=path, login_url=login_url)
    assert location(login_location(path, login_url)) == there


@many
@given(url=urls | st.just("/" + "x" * 16_384))
def test_location_as_there(accounts: AccountsSide, url: str) -> None:
    try:
        there = accounts.ask("redirect_location", url=url)
    except RefusedError:
        with pytest.raises(ValueError, match=re.compile("")):
            location(url)
        return
    assert location(url) == there


names = st.sampled_from(
    [
        *("example.com", "EXAMPLE.com.", "a.example.com:8000", "evil.test", "[::1]:80", "[::1"),
        *("", "x_y", "example.com:", "exa mple.com", "é.example.com", "example.com\n"),
        "example.com:8\u0663",
    ]
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "host": names,
        "x-forwarded-host": names,
        "x-forwarded-port": st.sampled_from(["443", "8443", ""]),
        "x-forwarded-proto": st.sampled_from(
            ["https", "http", "https, http", " https", "", "HTTPS"]
        ),
    },
)


@many
@given(
    found=headers,
    hosts=st.lists(st.sampled_from(["example.com", ".example.com", "*", "[::1]"]), max_size=2),
    switches=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans()),
)
def test_host_as_there(
    accounts: AccountsSide, found: dict[str, str], hosts: list[str], switches: tuple[bool, ...]
) -> None:
    forwarded_host, forwarded_port, behind, debug, tls = switches
    header = ("HTTP_X_FORWARDED_PROTO", "https") if behind else None
    rules = HostRules.of(
        hosts,
        use_forwarded_host=forwarded_host,
        use_forwarded_port=forwarded_port,
        secure_proxy_ssl_header=header,
        debug=debug,
    )
    settings: dict[str, Any] = {
        "ALLOWED_HOSTS": hosts,
        "USE_X_FORWARDED_HOST": forwarded_host,
        "USE_X_FORWARDED_PORT": forwarded_port,
        "SECURE_PROXY_SSL_HEADER": header,
        "DEBUG": debug,
    }
    meta = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in found.items()}
    server = Server("inside", 443 if tls else 80, tls)
    ours = [host_of(rules, found, server), port_of(rules, found, server)]
    there = accounts.ask("host_facts", settings=settings, meta=meta, tls=tls)
    assert [*ours, is_secure(rules, found, server)] == there
