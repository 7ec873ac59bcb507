"""Mails as files and on the terminal."""

from email import message_from_bytes
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from ported_domains.shared.mail.choosing import mailer_of
from ported_domains.shared.mail.mail import Mail, MailError

MAIL = Mail(subject="Grüße", body="schön\n", to=("a@example.com",), from_="b@example.com")


async def test_a_file_for_each_mail(tmp_path: Path) -> None:
    folder = tmp_path / "with space" / "mails"
    mailer = mailer_of(folder.as_uri())
    for subject in ("first", "second", "third"):
        await mailer.send(Mail(subject=subject, body="schön\n", to=("a@example.com",)))
    files = sorted(folder.iterdir())
    mails = [message_from_bytes(file.read_bytes()) for file in files]
    assert [file.suffix for file in files] == [".eml"] * 3
    assert [mail["Subject"] for mail in mails] == ["first", "second", "third"]
    assert [mail["From"] for mail in mails] == ["webmaster@localhost"] * 3
    assert [mail.get_payload(decode=True) for mail in mails] == ["schön\r\n".encode()] * 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_a_folder_that_is_none(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("x")
    with pytest.raises(MailError, match=f"^the folder for mails {taken}: "):
        await mailer_of(taken.as_uri()).send(MAIL)


async def test_console(capsys: pytest.CaptureFixture[str]) -> None:
    await mailer_of("console:").send(MAIL)
    lines = capsys.readouterr().out.split("\n")
    assert lines[3] == "Subject: =?utf-8?b?R3LDvMOfZQ==?="
    assert lines[-5:] == ["", "schön", "", "-" * 79, ""]


async def test_a_console_that_cannot_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", TextIOWrapper(BytesIO(), encoding="ascii"))
    with pytest.raises(MailError, match=r"^standard output: 'ascii' codec can't encode"):
        await mailer_of("console:").send(MAIL)
