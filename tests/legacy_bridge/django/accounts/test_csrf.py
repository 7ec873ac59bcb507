"""What Django refuses, for the same reason, and tokens that either side understands."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django import csrf
from legacy_bridge.django.csrf import CsrfRules, Refusal, Submission, check, check_source
from legacy_bridge.django.csrf_token import (
    TokenFault,
    mask,
    read_secret,
)
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.vectors import any_text, many

SECRET = "abcdefghijklmnopqrstuvwxyzABCDEF"
MASKED = mask(SECRET)

# The beginnings of what Django says.
REASONS = {
    "Origin checking failed - ": Refusal.ORIGIN_UNTRUSTED,
    "Referer checking failed - no Referer": Refusal.REFERER_MISSING,
    "Referer checking failed - Referer is malformed": Refusal.REFERER_MALFORMED,
    "Referer checking failed - Referer is insecure": Refusal.REFERER_INSECURE,
    "Referer checking failed - ": Refusal.REFERER_UNTRUSTED,
    "CSRF cookie not set": Refusal.COOKIE_MISSING,
    "CSRF cookie has incorrect length": Refusal.COOKIE_LENGTH,
    "CSRF cookie has invalid characters": Refusal.COOKIE_CHARACTERS,
    "CSRF token missing": Refusal.BOTH_MISSING,
    "CSRF token from POST has incorrect length": Refusal.FIELD_LENGTH,
    "CSRF token from POST has invalid characters": Refusal.FIELD_CHARACTERS,
    "CSRF token from POST incorrect": Refusal.FIELD_WRONG,
    "CSRF token from the 'X-Csrftoken' HTTP header has incorrect": Refusal.HEADER_LENGTH,
    "CSRF token from the 'X-Csrftoken' HTTP header has invalid": Refusal.HEADER_CHARACTERS,
    "CSRF token from the 'X-Csrftoken' HTTP header incorrect": Refusal.HEADER_WRONG,
}

tokens = st.sampled_from(
    [
        SECRET,
        MASKED,
        mask(SECRET),
        SECRET.swapcase(),
        mask(SECRET.swapcase()),
        MASKED[:-1],
        SECRET + "x",
        SECRET[:-1] + "é",
        MASKED[:-1] + "\n",
        SECRET[:-1] + "\0",
        SECRET[:-1] + "\ud800",
        "",
        "x" * 5000,
    ]
)
maybe_tokens = st.none() | tokens | any_text
hosts = st.sampled_from(
    [
        "example.com",
        "EXAMPLE.com",
        "example.com:8000",
        "example.com:443",
        "a.example.com",
        "xexample.com",
        "example.com.evil.test",
        "evil.test",
        "sub.trusted.test",
        "trusted.test",
        "[::1]:80",
        "[::1",
        "user@example.com",
        "exämple.com",
        "",
    ]
)
origins = st.builds(
    "{}{}".format, st.sampled_from(["https://", "http://", "//", "", "HTTPS://"]), hosts
)
referers = st.builds("{}{}".format, origins, st.sampled_from(["", "/", "/path?x=1", "\\x", "/\n"]))
trusted = st.lists(
    st.sampled_from(
        [
            "https://*.example.com",
            "http://*.trusted.test",
            "https://trusted.test",
            "https://*.trusted.test:8000",
            "https://example.com",
        ]
    ),
    max_size=3,
)


def django_reason(django: AccountsSide, asked: Submission, rules: dict[str, Any]) -> Refusal | None:
    meta = {
        "HTTP_HOST": asked.host or "not allowed",
        "SERVER_PORT": asked.port,
        "HTTP_ORIGIN": asked.origin,
        "HTTP_REFERER": asked.referer,
        "HTTP_X_CSRFTOKEN": asked.header,
    }
    in_session = rules["use_sessions"]
    reason = django.ask(
        "csrf_check",
        settings={
            "ALLOWED_HOSTS": ["*"],
            "CSRF_TRUSTED_ORIGINS": rules["trusted"],
            "CSRF_COOKIE_DOMAIN": None if in_session else rules["cookie_domain"],
            "SESSION_COOKIE_DOMAIN": rules["cookie_domain"] if in_session else None,
            "CSRF_USE_SESSIONS": in_session,
        },
        meta={name: value for name, value in meta.items() if value is not None},
        tls=asked.secure,
        method=asked.method,
        cookies={} if in_session or asked.stored is None else {"csrftoken": asked.stored},
        session={"_csrftoken": asked.stored} if in_session and asked.stored is not None else {},
        form={} if asked.field is None else {"csrfmiddlewaretoken": asked.field},
    )
    if reason is None:
        return None
    return next(ours for beginning, ours in REASONS.items() if reason.startswith(beginning))


submissions = st.builds(
    Submission,
    method=st.sampled_from(["POST", "POST", "PUT", "DELETE", "PATCH", "GET", "HEAD", "BREW"]),
    secure=st.booleans(),
    host=st.sampled_from(["example.com", "a.example.com:8000", "evil.test", "[::1]:80", None]),
    port=st.sampled_from(["80", "443", "8000"]),
    origin=st.none() | origins | any_text,
    referer=st.none() | referers | any_text,
    stored=maybe_tokens,
    field=maybe_tokens,
    header=maybe_tokens,
)
rule_sets = st.fixed_dictionaries(
    {
        "trusted": trusted,
        "cookie_domain": st.sampled_from([None, None, ".example.com", "example.com"]),
        "use_sessions": st.booleans(),
    }
)


@many
@given(asked=submissions, rules=rule_sets)
def test_refused_as_there(accounts: AccountsSide, asked: Submission, rules: dict[str, Any]) -> None:
    if rules["use_sessions"] and isinstance(read_secret(asked.stored), TokenFault):
        return  # only Django itself writes there
    ours = check(asked, CsrfRules.of(rules["trusted"], rules["cookie_domain"]))
    assert ours is django_reason(accounts, asked, rules)


@many
@given(
    asked=st.builds(
        Submission,
        method=st.sampled_from(["POST", "PUT"]),
        secure=st.booleans(),
        host=st.just("example.com"),
        port=st.just("443"),
        referer=st.just("https://example.com/form"),
        stored=maybe_tokens,
        field=maybe_tokens,
        header=maybe_tokens,
    )
)
def test_tokens_are_judged_as_there(accounts: AccountsSide, asked: Submission) -> None:
    assert check(asked, CsrfRules()) is django_reason(accounts, asked, NO_RULES)


NO_RULES: dict[str, Any] = {"trusted": [], "cookie_domain": None, "use_sessions": False}


def submission(**changes: Any) -> Submission:
    """One that passes, but for the changes."""
    good = {
        "method": "POST",
        "secure": True,
        "host": "example.com",
        "port": "443",
        "referer": "https://example.com/form",
        "stored": SECRET,
        "field": MASKED,
    }
    return Submission(**{**good, **changes})


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, None),
        ({"field": SECRET}, None),
        ({"stored": MASKED}, None),
        ({"field": "", "header": MASKED}, None),
        ({"method": "PUT", "header": MASKED, "field": "x"}, None),
        ({"secure": False, "referer": None}, None),
        ({"origin": "https://example.com", "referer": "nonsense"}, None),
        ({"origin": "null"}, Refusal.ORIGIN_UNTRUSTED),
        ({"origin": "http://example.com"}, Refusal.ORIGIN_UNTRUSTED),
        ({"origin": "https://[::1"}, Refusal.ORIGIN_UNTRUSTED),
        ({"host": None, "origin": "https://example.com"}, Refusal.ORIGIN_UNTRUSTED),
        ({"host": None}, Refusal.REFERER_UNTRUSTED),
        ({"referer": None}, Refusal.REFERER_MISSING),
        ({"referer": "https://[::1"}, Refusal.REFERER_MALFORMED),
        ({"referer": "example.com"}, Refusal.REFERER_MALFORMED),
        ({"referer": "http://example.com/form"}, Refusal.REFERER_INSECURE),
        ({"referer": "https://example.com.evil.test/"}, Refusal.REFERER_UNTRUSTED),
        ({"stored": None}, Refusal.COOKIE_MISSING),
        ({"stored": ""}, Refusal.COOKIE_LENGTH),
        ({"stored": "\0" * 32}, Refusal.COOKIE_CHARACTERS),
        ({"field": None}, Refusal.BOTH_MISSING),
        ({"field": "x"}, Refusal.FIELD_LENGTH),
        ({"field": "\ud800" * 64}, Refusal.FIELD_CHARACTERS),
        ({"field": MASKED[::-1]}, Refusal.FIELD_WRONG),
        ({"field": None, "header": ""}, Refusal.HEADER_LENGTH),
        ({"field": None, "header": "é" * 32}, Refusal.HEADER_CHARACTERS),
        ({"field": None, "header": SECRET.upper()}, Refusal.HEADER_WRONG),
    ],
)
def test_each_reason(
    accounts: AccountsSide, changes: dict[str, Any], refusal: Refusal | None
) -> None:
    asked = submission(**changes)
    assert check(asked, CsrfRules()) is refusal
    assert django_reason(accounts, asked, NO_RULES) is refusal


@pytest.mark.parametrize(
    ("changes", "passes"),
    [
        ({"origin": "https://trusted.test"}, True),
        ({"origin": "http://trusted.test"}, False),
        ({"origin": "https://a.trusted.test"}, False),
        ({"origin": "https://below.test"}, True),
        ({"origin": "https://a.b.below.test"}, True),
        ({"origin": "https://xbelow.test"}, False),
        ({"origin": "http://a.below.test"}, False),
        ({"origin": "https://A.below.test"}, True),
        ({"origin": "https://a.BELOW.test"}, False),
        ({"referer": "https://trusted.test/x"}, True),
        ({"referer": "https://a.trusted.test/x"}, False),
        ({"referer": "https://a.below.test/x"}, True),
        ({"referer": "https://below.test.evil.test/x"}, False),
        ({"referer": "https://cookies.test:8443/x", "port": "8443"}, True),
        ({"referer": "https://cookies.test/x", "port": "8443"}, False),
        ({"referer": "https://a.cookies.test/x"}, True),
        ({"referer": "https://example.com/x"}, False),
    ],
)
def test_trusted_origins_and_the_cookie_s_domain(
    accounts: AccountsSide, changes: dict[str, Any], passes: bool
) -> None:
    """With a domain for the cookie, the host itself is no longer enough."""
    rules: dict[str, Any] = {
        "trusted": ["https://trusted.test", "https://*.below.test"],
        "cookie_domain": ".cookies.test",
        "use_sessions": False,
    }
    asked = submission(**changes)
    ours = check(asked, CsrfRules.of(rules["trusted"], rules["cookie_domain"]))
    assert (ours is None) is passes
    assert ours is django_reason(accounts, asked, rules)


def test_source_is_judged_without_a_body() -> None:
    assert check_source(submission(field=None, stored=None), CsrfRules()) is None
    assert csrf.check_token(submission(field=None)) is Refusal.BOTH_MISSING
