"""What is mailed: links to confirm an address or to choose a password, and what to do instead.

The texts are `templates/account/email/<name>_subject.txt` and `…_message.txt`, with the names that
allauth's have. Links are on the host that the request came to.
"""

from functools import cache
from typing import Any, Final, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined

from legacy_bridge.django.email_confirmation import confirmation_key
from legacy_bridge.django.identifiers import to_base36
from legacy_bridge.django.rate_limits import Asking
from legacy_bridge.django.settings import INFO
from ported_domains.shared.mail.mail import Mail
from ported_domains.shared.visitors.names import names
from ported_domains.shared.visitors.state import VisitorState
from ported_domains.users.accounts import paths
from ported_domains.users.accounts.addresses import Address
from ported_domains.users.accounts.current_site import CurrentSite, current_site
from ported_domains.users.accounts.owners import Owner
from ported_domains.users.accounts.services import Accounts

CONFIRMATION: Final = "confirm_email"
"""The limit: one mail to an address within three minutes."""


class Named(Protocol):
    """`user` in the texts."""

    @property
    def username(self) -> str: ...


async def send_confirmation(
    visitor: VisitorState,
    accounts: Accounts,
    address: Address,
    user: Named,
    *,
    signup: bool = False,
) -> bool:
    """The link that confirms the address, and a message that it was sent.

    False, and nothing happens, where one was sent to this address a short while ago: its link is
    good still. `signup`: the account is new.
    """
    if not await _may_mail(accounts, address.email):
        return False
    key = confirmation_key(address.id, visitor.contracts.secrets)
    await _send(
        visitor,
        accounts,
        "email_confirmation_signup" if signup else "email_confirmation",
        address.email,
        user=user,
        key=key,
        activate_url=_link(visitor, accounts, paths.confirm_email(key)),
    )
    _say_sent(visitor, address.email)
    return True


async def send_account_exists(visitor: VisitorState, accounts: Accounts, email: str) -> bool:
    """Instead of a confirmation to whom signs up with a known address; looks the same on the page,
    where nobody shall learn which addresses are known."""
    if not await _may_mail(accounts, email):
        return False
    await _send(
        visitor,
        accounts,
        "account_already_exists",
        email,
        signup_url=_link(visitor, accounts, paths.SIGNUP),
        password_reset_url=_link(visitor, accounts, paths.RESET_PASSWORD),
    )
    _say_sent(visitor, email)
    return True


async def send_reset_key(
    visitor: VisitorState, accounts: Accounts, owner: Owner, email: str, token: str
) -> None:
    """The link that leads to a new password, to the address as it was asked for."""
    uid = to_base36(owner.id)
    await _send(
        visitor,
        accounts,
        "password_reset_key",
        email,
        user=owner,
        # Not told where nobody logs in by name.
        username=owner.username if visitor.contracts.methods.username else "",
        password_reset_url=_link(visitor, accounts, paths.reset_key(uid, token)),
        uid=uid,
        key=token,
    )


async def send_unknown_account(visitor: VisitorState, accounts: Accounts, email: str) -> None:
    """Instead of a reset link to an address that no account has."""
    signup_url = _link(visitor, accounts, paths.SIGNUP)
    await _send(visitor, accounts, "unknown_account", email, signup_url=signup_url)


async def _may_mail(accounts: Accounts, email: str) -> bool:
    asking = Asking(key=email.lower())
    return await accounts.limits.consume(CONFIRMATION, asking) is not None


async def _send(
    visitor: VisitorState, accounts: Accounts, name: str, email: str, **context: Any
) -> None:
    settings = accounts.settings
    site = await current_site(visitor.contracts.legacy, settings.site_id)
    request = (await names(visitor, {"request"}))["request"]
    subject, text = written(name, request=request, email=email, current_site=site, **context)
    await accounts.mailer.send(
        Mail(
            subject=_prefix(settings.subject_prefix, site) + subject,
            body=text,
            to=(email,),
            from_=settings.from_address,
        )
    )


def written(name: str, **context: Any) -> tuple[str, str]:
    """Subject, on one line and without prefix, and text."""
    subject, message = (
        _texts().get_template(f"account/email/{name}_{part}.txt").render(context)
        for part in ("subject", "message")
    )
    return " ".join(subject.splitlines()).strip(), message.strip()


@cache
def _texts() -> Environment:
    """As the site's templates, but of plain text: nothing is escaped."""
    return Environment(
        loader=PackageLoader("ported_domains"),
        autoescape=False,  # noqa: S701 - no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _prefix(configured: str | None, site: CurrentSite) -> str:
    return f"[{site.name}] " if configured is None else configured


def _link(visitor: VisitorState, accounts: Accounts, path: str) -> str:
    """On this host, by the request's own protocol unless the site insists on one."""
    url = visitor.absolute(path)
    protocol = accounts.settings.protocol
    return url if protocol is None else f"{protocol}:{url.partition(':')[2]}"


def _say_sent(visitor: VisitorState, email: str) -> None:
    visitor.messages.add(INFO, f"Confirmation email sent to {email}.")
