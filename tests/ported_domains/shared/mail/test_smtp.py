"""Mails to a server over sockets, as Django sends them; every way in which a server may fail."""

import logging
import ssl
import time
from dataclasses import replace
from email import message_from_bytes
from typing import Any

import pytest

from ported_domains.shared.mail.choosing import mailer_of, server_of
from ported_domains.shared.mail.mail import Mail, MailError
from ported_domains.shared.mail.mailer import PostOffice
from ported_domains.shared.mail.smtp import MailServer, SmtpDelivery
from tests.legacy_bridge.django.django_side import DjangoSide
from tests.ported_domains.shared.mail.mail_server import DROP, HANG, TestMailServer

FROM = "Site Ünal <site@bücher.example>"
MAIL = Mail(
    subject="Grüße",
    body=".\n..\nFrom here\n" + "é" * 300,
    to=("Ann <ann@example.com>", "b@bücher.example"),
    reply_to=("r@example.com",),
)
LOGIN = ["user@example.com", "p/a:s@s"]


def office(
    server: TestMailServer, trusting: ssl.SSLContext | None = None, **told: Any
) -> PostOffice:
    where = MailServer(host="localhost", port=server.port, **told)
    return PostOffice(SmtpDelivery(where, trusting), FROM)


@pytest.mark.parametrize("login", [[], LOGIN])
async def test_field_by_field_as_django(
    django: DjangoSide, server: TestMailServer, login: list[str]
) -> None:
    username, password = login or (None, None)
    await office(server, username=username, password=password).send(MAIL)
    django.ask(
        "send_mail",
        host="localhost",
        port=server.port,
        login=login,
        subject=MAIL.subject,
        body=MAIL.body,
        from_email=FROM,
        to=list(MAIL.to),
        reply_to=list(MAIL.reply_to),
    )
    ours, theirs = server.received
    assert theirs.sender == "<site@xn--bcher-kva.example>"
    assert theirs.recipients == ["<ann@example.com>", "<b@xn--bcher-kva.example>"]
    assert theirs.login == (tuple(login) if login else None)
    assert replace(ours, octets=b"") == replace(theirs, octets=b"")
    our_fields, their_fields = fields(ours.octets), fields(theirs.octets)
    for stamp in ("Date", "Message-ID"):
        assert our_fields.pop(stamp)
        assert their_fields.pop(stamp)
    assert our_fields == their_fields


def fields(octets: bytes) -> dict[str, Any]:
    message = message_from_bytes(octets)
    return {**message, "names": list(message), "body": message.get_payload(decode=True)}


async def test_one_connection_each(server: TestMailServer) -> None:
    mailer = office(server)
    for _ in range(2):
        await mailer.send(MAIL)
    assert server.commands == ["EHLO", "MAIL", "RCPT", "RCPT", "DATA", "QUIT"] * 2
    one, other = (fields(each.octets)["Message-ID"] for each in server.received)
    assert one != other


async def test_to_nobody(server: TestMailServer) -> None:
    await office(server).send(replace(MAIL, to=()))
    assert server.commands == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_in_tls(server: TestMailServer, trusting: ssl.SSLContext, security: str) -> None:
    server.in_tls_from_the_start = security == "tls"
    told = {"security": security, "username": LOGIN[0], "password": LOGIN[1]}
    await office(server, trusting, **told).send(MAIL)
    (received,) = server.received
    assert (received.in_tls, received.login) == (True, tuple(LOGIN))


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_nobody(server: TestMailServer, security: str) -> None:
    server.in_tls_from_the_start = security == "tls"
    with pytest.raises(MailError, match="certificate verify failed"):
        await office(server, security=security).send(MAIL)
    assert server.received == []


async def test_starttls_that_is_not_offered(
    server: TestMailServer, trusting: ssl.SSLContext
) -> None:
    """Never in the clear then, least of all the password."""
    server.extensions.remove("STARTTLS")
    told = {"security": "starttls", "username": LOGIN[0], "password": LOGIN[1]}
    with pytest.raises(MailError, match="STARTTLS extension not supported by server"):
        await office(server, trusting, **told).send(MAIL)
    assert server.commands == ["EHLO"]


FAILURES: dict[str, tuple[str, str]] = {
    "banner": ("554 no service", "554 no service"),
    "EHLO": ("550 go away", "550"),
    "AUTH": ("535 wrong", "535 wrong"),
    "MAIL": ("451 later", "451 later"),
    "RCPT": ("550 unknown", "all recipients refused: 550 unknown"),
    "DATA": ("452 full", "452 full"),
    ".": ("552 too big", "552 too big"),
}


@pytest.mark.parametrize("stage", FAILURES)
async def test_refused(server: TestMailServer, stage: str) -> None:
    reply, reason = FAILURES[stage]
    server.replies[stage] = reply
    if stage == "EHLO":
        server.replies["HELO"] = reply
    with pytest.raises(MailError, match=f"^the mail server localhost:{server.port}: ") as caught:
        await office(server, username=LOGIN[0], password=LOGIN[1]).send(MAIL)
    assert reason in str(caught.value)
    assert LOGIN[1] not in str(caught.value)


@pytest.mark.parametrize("stage", FAILURES)
async def test_dropped(server: TestMailServer, stage: str) -> None:
    server.replies[stage] = DROP
    with pytest.raises(MailError, match=f"^the mail server localhost:{server.port}: "):
        await office(server, username=LOGIN[0], password=LOGIN[1]).send(MAIL)


@pytest.mark.parametrize("stage", FAILURES)
async def test_silent(server: TestMailServer, stage: str) -> None:
    server.replies[stage] = HANG
    began = time.monotonic()
    with pytest.raises(MailError, match=r"no answer within 0\.3 s$"):
        await office(server, username=LOGIN[0], password=LOGIN[1], seconds=0.3).send(MAIL)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("reply", [DROP, HANG, "500 what?"])
async def test_a_bad_goodbye(server: TestMailServer, reply: str) -> None:
    """It has the mail."""
    server.replies["QUIT"] = reply
    await office(server).send(MAIL)
    assert len(server.received) == 1


async def test_one_of_two_recipients(
    server: TestMailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.replies["<ann@example.com>"] = "550 unknown"
    with caplog.at_level(logging.WARNING):
        await office(server).send(MAIL)
    assert server.received[0].recipients == ["<b@xn--bcher-kva.example>"]
    assert caplog.messages == ["a recipient of a mail was refused: 550 unknown"]


async def test_nobody_listens(server: TestMailServer) -> None:
    port = server.port
    server.server_close()
    with pytest.raises(MailError, match=rf"^the mail server localhost:{port}: .*onnect"):
        await office(server).send(MAIL)


async def test_no_such_host() -> None:
    where = MailServer(host="mail.invalid", port=25)
    with pytest.raises(MailError, match=r"^the mail server mail\.invalid:25: "):
        await PostOffice(SmtpDelivery(where), FROM).send(MAIL)


async def test_from_a_url(server: TestMailServer) -> None:
    mailer = mailer_of(f"smtp://user%40example.com:p%2Fa%3As%40s@localhost:{server.port}", FROM)
    await mailer.send(MAIL)
    assert server.received[0].login == tuple(LOGIN)


def test_no_password_is_shown() -> None:
    assert "secret" not in repr(server_of("smtp://u:secret@h"))
