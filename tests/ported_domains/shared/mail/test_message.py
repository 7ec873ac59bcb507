"""Octets and envelopes are those of Django's EmailMessage; what would break a mail is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ported_domains.shared.mail.mail import Mail
from ported_domains.shared.mail.message import compose
from tests.legacy_bridge.django.django_side import DjangoSide
from tests.legacy_bridge.django.vectors import NOW, many

OURS = "webmaster@localhost"
MESSAGE_ID = "<1@test.example>"

line = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120)
body = st.text(max_size=200) | st.lists(
    st.sampled_from(["", ".", "From x", "é" * 500, "x" * 998, "x" * 999, " ", "a=b ", "\t"]),
    max_size=4,
).flatmap(lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines)))
address = st.sampled_from(
    [
        "a@example.com",
        "Ann <a@example.com>",
        "<b@example.com>",
        '"Doe, Jane" <jane@example.com>',
        "J. Doe <j.doe+tag@sub.example.com>",
        "Ünal Ünal <u@example.com>",
        '"Ü, \\"X\\"" <u2@example.com>',
        "c@bücher.example",
        "größe@bücher.example",
        "root@localhost",
        "x@[192.0.2.1]",
        "A name that is longer than one line of a header may be and has to be folded <n@b.cd>",
    ]
)


def ours(mail: Mail) -> dict[str, Any]:
    message = compose(mail, default_from=OURS, moment=NOW, message_id=MESSAGE_ID)
    return {
        "sender": message.sender,
        "recipients": list(message.recipients),
        "octets": message.octets.decode("latin-1"),
    }


def theirs(django: DjangoSide, mail: Mail) -> Any:
    return django.ask(
        "mail",
        now=NOW,
        message_id=MESSAGE_ID,
        subject=mail.subject,
        body=mail.body,
        from_email=mail.from_,
        to=list(mail.to),
        reply_to=list(mail.reply_to),
        headers=dict(mail.headers),
    )


@many
@given(
    mail=st.builds(
        Mail,
        subject=line,
        body=body,
        to=st.lists(address, min_size=1, max_size=6).map(tuple),
        from_=st.none() | address,
        reply_to=st.lists(address, max_size=2).map(tuple),
        headers=st.dictionaries(
            st.sampled_from(["X-Tag", "List-Unsubscribe", "X-" + "y" * 90, "In-Reply-To"]),
            line,
            max_size=2,
        ),
    )
)
def test_as_django_makes_it(django: DjangoSide, mail: Mail) -> None:
    assert ours(mail) == theirs(django, mail)


@pytest.mark.parametrize(
    "headers",
    [
        {"Date": "Thu, 01 Jan 1970 00:00:00 -0000"},
        {"message-id": "<mine@example.com>", "DATE": "now"},
        {"Sender": "Ünal <u@example.com>"},
        {"Sender": "not an address"},
    ],
    ids=str,
)
def test_headers_that_replace_ours(django: DjangoSide, headers: dict[str, str]) -> None:
    mail = Mail(subject="s", body="b", to=("a@example.com",), headers=headers)
    assert ours(mail) == theirs(django, mail)


def test_the_whole_of_a_mail() -> None:
    mail = Mail(subject="Grüße", body="Hallo,\n\nschöne Grüße\n", to=("Ann <a@example.com>",))
    assert ours(mail) == {
        "sender": "webmaster@localhost",
        "recipients": ["a@example.com"],
        "octets": (
            'Content-Type: text/plain; charset="utf-8"\r\n'
            "MIME-Version: 1.0\r\n"
            "Content-Transfer-Encoding: 8bit\r\n"
            "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n"
            "From: webmaster@localhost\r\n"
            "To: Ann <a@example.com>\r\n"
            "Date: Fri, 28 Nov 2025 03:20:00 -0000\r\n"
            "Message-ID: <1@test.example>\r\n"
            "\r\n"
            "Hallo,\r\n\r\nschöne Grüße\r\n"
        )
        .encode()
        .decode("latin-1"),
    }


BREAKS = ["\n", "\r", "\r\n", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\ud800"]


@pytest.mark.parametrize("end", BREAKS, ids=ascii)
@pytest.mark.parametrize("where", ["subject", "to", "from_", "reply_to", "header"])
def test_no_header_becomes_two(where: str, end: str) -> None:
    """Django refuses CR and LF; the others break a header, too, where Python folds it."""
    injected = f"a@example.com{end}Bcc: victim@example.com"
    told: dict[str, Any] = {"subject": "s", "body": "b", "to": ("a@example.com",)}
    match where:
        case "to" | "reply_to":
            told[where] = (injected,)
        case "header":
            told["headers"] = {"X-Tag": injected}
        case _:
            told[where] = injected
    with pytest.raises(ValueError, match=r"has a line break|is no address such as"):
        Mail(**told)


@pytest.mark.parametrize("name", ["", "X Tag", "X:Tag", "X\nTag", "Ü", "To", "bcc", "SUBJECT"])
def test_headers_that_nobody_may_give(name: str) -> None:
    with pytest.raises(ValueError, match="is no header that can be given to a mail"):
        Mail(subject="s", body="b", to=("a@example.com",), headers={name: "x"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "None",
        "a@",
        "@example.com",
        "a b@example.com",
        "a@example.com, b@example.com",
        "a@example.com b@example.com",
        "Doe, J <a@example.com>",
        "A <a@example.com> b",
        "a@example.com>",
        "a@b@example.com",
        "a@ex..com",
        "A <a@example.com",
        "a@example.com SIZE=1",
        "a@\u2024.com",
        "a@example.com\uff1e",
        "a@example\uff20example.com",
        "a@" + "x" * 64 + ".com",
    ],
)
def test_no_addresses(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no address such as a@example\.com|is no domain"):
        Mail(subject="s", body="b", to=(text,))


def test_half_a_character() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        Mail(subject="s", body="\ud800", to=("a@example.com",))


def test_neither_body_nor_password_is_shown() -> None:
    mail = Mail(subject="s", body="https://site/reset/secret", to=("a@example.com",))
    assert "secret" not in repr(mail)
