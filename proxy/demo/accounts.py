"""Steps of the walk: one login for both sides, begun on a page of Django's and ended natively."""

import json
import re
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import httpx

from proxy.demo.admin import LOGIN, NAME, PASSWORD, is_inside, post_login
from proxy.demo.expectations import expect, owner_of, scalar
from proxy.demo.flipping import flip
from proxy.demo.forms import read_form
from proxy.demo.system import System

DOMAIN = "users"
SIGN_IN = "/accounts/login/"
SIGN_OUT = "/accounts/logout/"
ADDRESSES = "/accounts/email/"
CHANGE_PASSWORD = "/accounts/password/change/"  # noqa: S105 - a path
NEW_PASSWORD = "chosen-natively-1"  # noqa: S105
HEADER = "/authenticated"
"""A page of Django's that says who is signed in and shows what waits to be told."""


def rules_checked(system: System, visitor: httpx.Client) -> str:
    report = json.loads(system.run("routes", "check", "--json"))
    expect(report["warnings"] == [], f"there are warnings: {report['warnings']}")
    patterns, unowned = report["manifest"]["patterns"], report["manifest"]["unowned"]
    left = [each["path"] for each in unowned if each["path"].startswith("/accounts/")]
    expect(left == [], f"these URLs of the accounts belong to no domain: {left}")
    return f"no warnings beside {patterns} URL patterns of the Django site"


def log_in(system: System, visitor: httpx.Client) -> str:
    page = visitor.get(SIGN_IN)
    expect(owner_of(page) == "legacy", f"{SIGN_IN} came from {owner_of(page)}")
    sent = read_form(page.text, "login").filled(login=NAME, password=PASSWORD, remember="on")
    answer = visitor.post(SIGN_IN, data=sent)
    expect(answer.status_code == 302, f"the login answered {answer.status_code}")
    expect("sessionid" in visitor.cookies, "there is no session cookie")
    _expect_told(visitor, f"Successfully signed in as {NAME}.")
    return f"logged in as {NAME} by {owner_of(answer)}"


def flip_to_native(system: System, visitor: httpx.Client) -> str:
    before = visitor.cookies["sessionid"]
    seconds = flip(system, DOMAIN, "native", SIGN_IN)
    page = visitor.get(ADDRESSES)
    expect(page.status_code == 200, f"{ADDRESSES} answered {page.status_code}: nobody is logged in")
    expect(owner_of(page) == "native", f"{ADDRESSES} came from {owner_of(page)}")
    address = scalar(system, f"SELECT email FROM users_user WHERE username = '{NAME}'")  # noqa: S608
    expect(f'value="{address}"' in page.text, f"the native page does not show {address}")
    expect(is_inside(visitor), "Django's admin is closed")
    expect(visitor.cookies["sessionid"] == before, "the session is another one")
    return f"after {seconds:.2f} s; same session: {address} natively, and Django's admin open"


def add_address(system: System, visitor: httpx.Client) -> str:
    address = f"{uuid4().hex[:8]}@example.org"
    there = _mails(system)
    _post(visitor, ADDRESSES, email=address, action_add="")
    mails = _mails(system) - there
    expect(len(mails) == 1, f"{len(mails)} mails were written instead of one")
    link = _link_in(mails.pop(), to=address)
    expect(link.startswith(system.proxy.url), f"the link leads to {link}, away from the proxy")
    _expect_told(visitor, f"Confirmation email sent to {address}.")
    _post(visitor, link.removeprefix(system.proxy.url))
    _expect_told(visitor, f"You have confirmed {address}.")
    query = f"SELECT verified FROM account_emailaddress WHERE email = '{address}'"  # noqa: S608
    expect(scalar(system, query) is True, "the row does not say so")
    _post(visitor, ADDRESSES, email=address, action_remove="")
    _expect_told(visitor, f"Removed email address {address}.")
    return "mailed, confirmed by the link, told on Django's next page; removed again"


def change_password(system: System, visitor: httpx.Client) -> str:
    with system.visitor() as elsewhere:
        post_login(elsewhere, PASSWORD)
        expect(is_inside(elsewhere), "nobody could log in at Django's with the old password")
        _change_password(visitor, PASSWORD, NEW_PASSWORD)
        _expect_told(visitor, "Password successfully changed.")
        expect(is_inside(visitor), "this session ended, too")
        expect(not is_inside(elsewhere), "a session elsewhere outlived its password")
    with system.visitor() as elsewhere:
        post_login(elsewhere, NEW_PASSWORD)
        expect(is_inside(elsewhere), "Django does not take the new password")
    _change_password(visitor, NEW_PASSWORD, PASSWORD)
    return "Django takes the new one; sessions elsewhere ended, this one did not; changed back"


def log_out(system: System, visitor: httpx.Client) -> str:
    session = visitor.cookies["sessionid"]
    _post(visitor, SIGN_OUT)
    expect("sessionid" not in visitor.cookies, "the browser was not told to forget the session")
    _expect_told(visitor, "You have signed out.")
    visitor.cookies.set("sessionid", session)
    native, legacy = visitor.get(ADDRESSES), visitor.get("/admin/")
    visitor.cookies.delete("sessionid")
    asked = f"{SIGN_IN}?next={ADDRESSES}"
    expect(native.headers.get("location") == asked, f"{ADDRESSES} answered {native.status_code}")
    expect(legacy.headers.get("location") == LOGIN, f"/admin/ answered {legacy.status_code}")
    return "out on both sides, and the old cookie opens nothing any more"


def flip_back(system: System, visitor: httpx.Client) -> str:
    seconds = flip(system, DOMAIN, "legacy", SIGN_IN)
    return f"in force in every worker after {seconds:.2f} s"


def _post(visitor: httpx.Client, page: str, **values: str) -> None:
    """Fill the first form of a native page; a button that is pressed is a value, too."""
    form = read_form(visitor.get(page).text, "csrfmiddlewaretoken")
    answer = visitor.post(page, data=form.filled(**values))
    expect(owner_of(answer) == "native", f"the form of {page} was taken by {owner_of(answer)}")
    expect(answer.status_code == 302, f"{page} answered {answer.status_code} to its form")


def _change_password(visitor: httpx.Client, old: str, new: str) -> None:
    _post(visitor, CHANGE_PASSWORD, oldpassword=old, password1=new, password2=new)


def _expect_told(visitor: httpx.Client, message: str) -> None:
    page = visitor.get(HEADER)
    expect(owner_of(page) == "legacy", f"{HEADER} came from {owner_of(page)}")
    expect(message in page.text, f"Django's next page does not say {message!r}")


def _mails(system: System) -> set[Path]:
    return set(system.mails.glob("*.eml"))


def _link_in(file: Path, to: str) -> str:
    """The link of a mail that must be to this address."""
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    expect(mail["To"] == to, f"the mail is to {mail['To']}")
    links = re.findall(r"https?://\S+/accounts/confirm-email/\S+", mail.get_content())
    expect(len(links) == 1, f"there are {len(links)} links in the mail")
    return str(links[0])
