"""What STRANGLER_MAIL_URL means; what is wrong with it is said without a part of it."""

import pytest

from ported_domains.shared.mail.choosing import delivery_of, mailer_of, server_of
from ported_domains.shared.mail.folder import ConsoleDelivery, FolderDelivery
from ported_domains.shared.mail.mail import Mail, MailError
from ported_domains.shared.mail.smtp import MailServer


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail", MailServer(host="mail", port=25)),
        ("smtp://mail:2525?starttls=0", MailServer(host="mail", port=2525)),
        ("smtp://mail?starttls=1", MailServer(host="mail", port=587, security="starttls")),
        (
            "smtps://[::1]/?timeout=2.5",
            MailServer(host="::1", port=465, security="tls", seconds=2.5),
        ),
        (
            "smtp://u%40x:p%3A%2F%23%3F%40@mail:587?starttls=true",
            MailServer(
                host="mail", port=587, security="starttls", username="u@x", password="p:/#?@"
            ),
        ),
        ("smtp://u@mail", MailServer(host="mail", port=25, username="u", password="")),
    ],
)
def test_servers(url: str, server: MailServer) -> None:
    assert server_of(url) == server


def test_others() -> None:
    assert isinstance(delivery_of("console:"), ConsoleDelivery)
    assert isinstance(delivery_of("file:///var/spool/mails"), FolderDelivery)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "must look like smtp://"),
        ("mail.example.com", "must look like smtp://"),
        ("http://u:secret@mail", "must look like smtp://"),
        ("console:secret", "must look like smtp://"),
        ("console://secret", "must look like smtp://"),
        ("file://secret/folder", "must look like smtp://"),
        ("file:", "must look like smtp://"),
        ("file:///", "must look like smtp://"),
        ("file:///folder?secret", "must look like smtp://"),
        ("smtp:", "must look like smtp://"),
        ("smtp://mail:0", "the port is a number"),
        ("smtp://u:secret@", "must look like smtp://"),
        ("smtp://u:sec/ret@mail", "the port is a number"),
        ("smtp://u:1/secret@mail", "a / in a password is written %2F"),
        ("smtp://u:sec#ret@mail", "a number"),
        ("smtp://u@mail/#secret", "has a # in it, which is written %23"),
        ("smtp://u:1?secret@mail", "a ? in a password is %3F"),
        ("smtp://mail:secret", "the port is a number"),
        ("smtp://u:secret@mail:99999", "the port is a number"),
        ("smtp://u:secre\u2100t@mail", "the port is a number"),
        ("smtp://[::1", "must look like smtp://"),
        ("smtp://mail?starttls=secret", "takes starttls=1 or starttls=0"),
        ("smtps://mail?starttls=1", "starttls=1 belongs to smtp://"),
        ("smtp://mail?timeout=secret", "takes timeout=SECONDS"),
        ("smtp://mail?timeout=0", "takes timeout=SECONDS"),
        ("smtp://mail?timeout=nan", "takes timeout=SECONDS"),
    ],
)
def test_what_means_nothing(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|takes|has|starttls)") as caught:
        mailer_of(url)
    assert said in str(caught.value)
    assert "secre" not in str(caught.value)


def test_a_default_that_is_no_address() -> None:
    with pytest.raises(ValueError, match="'nobody' is no address such as"):
        mailer_of("console:", "nobody")


async def test_not_set() -> None:
    mail = Mail(subject="s", body="b", to=("a@example.com",))
    with pytest.raises(MailError, match=r"^STRANGLER_MAIL_URL is not set; it must look like smtp:"):
        await mailer_of(None).send(mail)
