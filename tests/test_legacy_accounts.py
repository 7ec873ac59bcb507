"""Accounts of the bundled legacy site over HTTP, as behaviour/accounts.md and users.md tell."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg
import pytest
from lxml import html

from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack
from tests.browsing import Browser, errors
from tests.mails import Mail, mails_to

HONEYPOT = "email_body_text"
CHANGE = "/accounts/password/change/"
EDIT = "/users/edit/"


@pytest.fixture(scope="module")
def site(
    stack: EmbeddedStack, legacy_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LegacySite]:
    url = stack.create_database("legacy_accounts", template=legacy_template)
    running = LegacySite(url, tmp_path_factory.mktemp("accounts"), account_limits=False)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def open_browser(site: LegacySite) -> Iterator[Callable[[], Browser]]:
    opened: list[Browser] = []

    def open_one() -> Browser:
        opened.append(Browser(site.url))
        return opened[-1]

    yield open_one
    for browser in opened:
        browser.client.close()


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()


def ask(site: LegacySite, query: LiteralString, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(site.database_url) as connection:
        return connection.execute(query, values).fetchall()


def signed_up(browser: Browser, name: str, password: str = "opening night") -> httpx.Response:
    return browser.submit(
        "/accounts/signup/",
        email=f"{name}@Example.ORG",
        username=name,
        password1=password,
        password2=password,
    )


def the_mail(site: LegacySite, name: str) -> Mail:
    (mail,) = mails_to(site.mails, f"{name}@example.org")
    return mail


def path_in(mail: Mail, start: str) -> str:
    (link,) = (link for link in mail.links if start in link)
    return httpx.URL(link).path


def confirmed(browser: Browser, site: LegacySite, name: str) -> None:
    """Sign up and follow the mailed link."""
    signed_up(browser, name)
    browser.submit(path_in(the_mail(site, name), "/accounts/confirm-email/"))


def test_signing_up_makes_an_account_that_is_not_signed_in(
    browser: Browser, site: LegacySite
) -> None:
    answer = signed_up(browser, "Nova")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/confirm-email/")
    assert browser.messages() == [("general", "Confirmation email sent to nova@example.org.")]
    assert browser.who() is None
    assert ask(
        site,
        """
        SELECT u.username, u.email, u.is_active, u.is_staff, e.email, e.verified, e.primary,
               length(t.key), length(a.key)
        FROM users_user AS u JOIN account_emailaddress AS e ON e.user_id = u.id
        JOIN authtoken_token AS t ON t.user_id = u.id JOIN tastypie_apikey AS a ON a.user_id = u.id
        WHERE u.username = 'Nova'
        """,
    ) == [("Nova", "nova@example.org", True, False, "nova@example.org", False, True, 40, 40)]


def test_the_mailed_link_confirms_on_post_only_and_once(browser: Browser, site: LegacySite) -> None:
    signed_up(browser, "orla")
    mail = the_mail(site, "orla")
    assert (mail.sender, mail.subject[:13]) == ("noreply@python.org", "[Python.org] ")
    link = path_in(mail, "/accounts/confirm-email/")
    verified = "SELECT verified FROM account_emailaddress WHERE email = 'orla@example.org'"
    assert browser.get(link).status_code == 200
    assert ask(site, verified) == [(False,)]
    browser.messages()
    action, fields = browser.form(link)
    answer = browser.client.post(action, data=fields)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/")
    assert ask(site, verified) == [(True,)]
    assert browser.messages() == [("success", "You have confirmed orla@example.org.")]
    assert browser.who() is None
    assert browser.client.post(action, data=fields).status_code == 404


def test_a_known_address_is_told_by_mail_alone(
    open_browser: Callable[[], Browser], site: LegacySite
) -> None:
    signed_up(open_browser(), "petra")
    browser = open_browser()
    answer = browser.submit(
        "/accounts/signup/",
        email="petra@example.org",
        username="petra2",
        password1="another one",
        password2="another one",
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/confirm-email/")
    assert browser.messages() == [("general", "Confirmation email sent to petra@example.org.")]
    assert ask(site, "SELECT count(*) FROM users_user WHERE username = 'petra2'") == [(0,)]
    _, second = mails_to(site.mails, "petra@example.org")
    assert path_in(second, "/accounts/") == "/accounts/password/reset/"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"username": "ADMIN1"}, ["username"]),
        ({"username": "zoë"}, ["username"]),
        ({"email": "nobody"}, ["email"]),
        ({"password1": "12345", "password2": "12345"}, ["password1"]),
        ({"password2": "opening day"}, ["password2"]),
        (dict.fromkeys(("email", "username", "password1", "password2"), ""), []),
    ],
)
def test_what_cannot_be_signed_up_with(
    browser: Browser, values: dict[str, str], fields: list[str]
) -> None:
    good = {"password1": "opening night", "password2": "opening night"}
    good |= {"email": "quinn@example.org", "username": "quinn"}
    answer = browser.submit("/accounts/signup/", **(good | values))
    assert answer.status_code == 200
    assert sorted(errors(answer)) == (fields or sorted(values))


def test_signing_in_and_out(browser: Browser, site: LegacySite) -> None:
    confirmed(browser, site, "rosa")
    browser.messages()
    answer = browser.log_in("ROSA@example.org", "opening night", next="/about/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/about/")
    assert browser.messages() == [("success", "Successfully signed in as rosa.")]
    assert browser.who() == "rosa"
    assert ask(site, "SELECT last_login > now() - interval '5 min' FROM users_user"
                     " WHERE username = 'rosa'") == [(True,)]  # fmt: skip
    answer = browser.submit("/accounts/logout/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert browser.messages() == [("success", "You have signed out.")]
    assert browser.who() is None


def test_an_unconfirmed_address_keeps_out_and_is_mailed_again(
    browser: Browser, site: LegacySite
) -> None:
    signed_up(browser, "sven")
    answer = browser.log_in("sven", "opening night")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/confirm-email/")
    assert browser.who() is None
    first, again = (
        path_in(mail, "/accounts/confirm-email/")
        for mail in mails_to(site.mails, "sven@example.org")
    )
    assert first.startswith("/accounts/confirm-email/")
    assert again.startswith("/accounts/confirm-email/")


def test_a_wrong_password(browser: Browser) -> None:
    answer = browser.log_in("u1_1", "wrong")
    assert answer.status_code == 200
    assert list(errors(answer)) == [""]
    assert browser.who() is None


def test_changing_the_password_leads_to_the_profile_whatever_next_says(
    browser: Browser, site: LegacySite, open_browser: Callable[[], Browser]
) -> None:
    confirmed(browser, site, "tara")
    browser.log_in("tara", "opening night")
    elsewhere = open_browser()
    elsewhere.log_in("tara", "opening night")
    browser.messages()
    answer = browser.submit(
        f"{CHANGE}?next=/about/",
        oldpassword="opening night",
        password1="second night",
        password2="second night",
        next="/about/",
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, EDIT)
    assert browser.messages(EDIT) == [("success", "Password successfully changed.")]
    assert browser.who() == "tara"
    assert elsewhere.who() is None
    assert elsewhere.log_in("tara", "opening night").status_code == 200
    assert elsewhere.log_in("tara", "second night").status_code == 302


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"oldpassword": "wrong"}, "oldpassword"),
        ({"password1": "12345", "password2": "12345"}, "password1"),
        ({"password2": "third night"}, "password2"),
    ],
)
def test_what_a_password_cannot_be_changed_to(
    browser: Browser, values: dict[str, str], field: str
) -> None:
    browser.log_in("u1_1", "pw-1-1")
    good = {"oldpassword": "pw-1-1", "password1": "second night", "password2": "second night"}
    answer = browser.submit(CHANGE, **(good | values))
    assert answer.status_code == 200
    assert list(errors(answer)) == [field]


def test_resetting_the_password_by_mail(browser: Browser, site: LegacySite) -> None:
    confirmed(browser, site, "ute")
    answer = browser.submit("/accounts/password/reset/", email="UTE@example.org")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/accounts/password/reset/done/",
    )
    _, mail = mails_to(site.mails, "ute@example.org")
    assert "ute" in mail.text
    link = path_in(mail, "/accounts/password/reset/key/")
    moved = browser.get(link)
    where = moved.headers["Location"]
    assert moved.status_code == 302
    assert where.endswith("-set-password/")
    answer = browser.submit(where, password1="found again", password2="found again")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/accounts/password/reset/key/done/",
    )
    assert browser.who() is None
    assert browser.log_in("ute", "found again").status_code == 302
    assert browser.get(link).status_code == 200  # used: the page says so and has no form


def test_a_reset_for_an_unknown_address_looks_the_same(browser: Browser, site: LegacySite) -> None:
    answer = browser.submit("/accounts/password/reset/", email="nobody@example.org")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/accounts/password/reset/done/",
    )
    assert path_in(the_mail(site, "nobody"), "/accounts/") == "/accounts/signup/"


@pytest.mark.parametrize("path", ["/accounts/signup/", CHANGE, EDIT])
@pytest.mark.parametrize("value", [None, "", "buy this", "write your message "])
def test_the_honeypot_comes_before_anything_else(
    browser: Browser, path: str, value: str | None
) -> None:
    _, fields = browser.form("/accounts/signup/")
    del fields[HONEYPOT]
    answer = browser.client.post(path, data=fields if value is None else fields | {HONEYPOT: value})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert HONEYPOT in answer.text


@pytest.mark.parametrize("path", [CHANGE, EDIT])
def test_without_a_session_one_is_sent_to_sign_in(browser: Browser, path: str) -> None:
    _, fields = browser.form("/accounts/signup/")
    for answer in (browser.get(path), browser.client.post(path, data=fields)):
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", ["/accounts/signup/", CHANGE, EDIT])
def test_the_forms_carry_the_honeypot(browser: Browser, path: str) -> None:
    if path != "/accounts/signup/":
        browser.log_in("u1_1", "pw-1-1")
    _, fields = browser.form(path)
    assert fields[HONEYPOT] == "write your message"


def test_the_menu_of_somebody_signed_in(browser: Browser) -> None:
    browser.log_in("staff1", "staff-1")
    links = html.fromstring(browser.get(EDIT).text).cssselect("nav[aria-label='Your Account'] a")
    assert [(str(link.get("href")), str(link.text)) for link in links] == [
        ("/users/staff1/", "View profile"),
        (EDIT, "Edit profile"),
        (CHANGE, "Change password"),
    ]


def heading(answer: httpx.Response) -> list[str]:
    return [str(found.text) for found in html.fromstring(answer.text).cssselect("#content h1")]


def test_profiles(browser: Browser) -> None:
    blank = browser.get("/users/u1_1/")
    assert (blank.status_code, heading(blank)) == (200, [])  # as the real site's, see users.md
    assert browser.get("/users/U1_1/").status_code == 404
    assert browser.get("/users/staff1/").status_code == 404  # not public
    assert browser.get("/users/").status_code == 404
    browser.log_in("staff1", "staff-1")
    assert heading(browser.get("/users/staff1/")) == ["Stan Staff"]
    member = browser.get("/users/u1_1/")
    assert heading(member) == ["Ulla Member"]
    assert "Contributing Member" in member.text


def test_editing_the_profile(browser: Browser, site: LegacySite) -> None:
    confirmed(browser, site, "vera")
    browser.log_in("vera", "opening night")
    _, fields = browser.form(EDIT)
    assert {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"} == {
        HONEYPOT: "write your message",
        "username": "vera",
        "email": "vera@example.org",
        "bio": "\n",  # as the page has it; browsers leave a first line break out
        "search_visibility": "1",
        "email_privacy": "2",
        "public_profile": "on",
    }
    del fields["public_profile"]
    answer = browser.client.post(
        EDIT, data=fields | {"username": "Vera.V", "bio": "**b** <i>", "search_visibility": "0"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/users/Vera.V/")
    assert ask(
        site,
        "SELECT bio, bio_markup_type, _bio_rendered, search_visibility, public_profile"
        " FROM users_user WHERE username = 'Vera.V'",
    ) == [("**b** <i>", "markdown", "<p><strong>b</strong> &lt;i&gt;</p>", 0, False)]


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"username": "ADMIN1"}, ["username"]),
        ({"username": "a b"}, ["username"]),
        ({"email": "admin1@example.org"}, ["email"]),
        ({"search_visibility": "7"}, ["search_visibility"]),
        ({"username": "", "email_privacy": ""}, ["username", "email_privacy"]),
    ],
)
def test_what_a_profile_cannot_be_changed_to(
    browser: Browser, values: dict[str, str], fields: list[str]
) -> None:
    browser.log_in("u1_1", "pw-1-1")
    answer = browser.submit(EDIT, **values)
    assert answer.status_code == 200
    assert list(errors(answer)) == fields
    assert "/users/u1_1/" in answer.text  # the menu goes on naming who is signed in


@pytest.mark.parametrize(("limited", "last"), [(True, 429), (False, 200)])
def test_limits_can_be_switched_off(
    site: LegacySite, tmp_path: Path, limited: bool, last: int
) -> None:
    other = LegacySite(site.database_url, tmp_path, account_limits=limited)
    other.start()
    browser = Browser(other.url)
    with browser.client:
        _, fields = browser.form("/accounts/signup/")
        answers = [browser.client.post("/accounts/signup/", data=fields) for _ in range(21)]
    other.stop()
    assert [answer.status_code for answer in answers] == [200] * 20 + [last]
