"""What is mailed: links to confirm an address or to choose a password, and what to do instead.

The texts are the templates `account/email/<name>_subject.txt` and `…_message.txt`, with the names
that allauth gives them. Links are on the host that the request came to.
"""

from typing import Any, Final, Protocol

from legacy_bridge.django.email_confirmation import confirmation_key
from legacy_bridge.django.identifiers import to_base36
from legacy_bridge.django.rate_limits import Asking
from legacy_bridge.django.settings import INFO
from ported_domains.shared.mail.mail import Mail
from ported_domains.shared.render import Show
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
    show: Show,
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
        show,
        "email_confirmation_signup" if signup else "email_confirmation",
        address.email,
        user=user,
        key=key,
        activate_url=_link(visitor, accounts, paths.confirm_email(key)),
    )
    _say_sent(visitor, address.email)
    return True


async def send_account_exists(
    visitor: VisitorState, accounts: Accounts, show: Show, email: str
) -> bool:
    """Instead of a confirmation to whom signs up with a known address; looks the same on the page,
    where nobody shall learn which addresses are known."""
    if not await _may_mail(accounts, email):
        return False
    await _send(
        visitor,
        accounts,
        show,
        "account_already_exists",
        email,
        signup_url=_link(visitor, accounts, paths.SIGNUP),
        password_reset_url=_link(visitor, accounts, paths.RESET_PASSWORD),
    )
    _say_sent(visitor, email)
    return True


async def send_reset_key(
    visitor: VisitorState, accounts: Accounts, show: Show, owner: Owner, email: str, token: str
) -> None:
    """The link that leads to a new password, to the address as it was asked for."""
    uid = to_base36(owner.id)
    await _send(
        visitor,
        accounts,
        show,
        "password_reset_key",
        email,
        user=owner,
        # Not told where nobody logs in by name.
        username=owner.username if visitor.contracts.methods.username else "",
        password_reset_url=_link(visitor, accounts, paths.reset_key(uid, token)),
        uid=uid,
        key=token,
    )


async def send_unknown_account(
    visitor: VisitorState, accounts: Accounts, show: Show, email: str
) -> None:
    """Instead of a reset link to an address that no account has."""
    signup_url = _link(visitor, accounts, paths.SIGNUP)
    await _send(visitor, accounts, show, "unknown_account", email, signup_url=signup_url)


async def _may_mail(accounts: Accounts, email: str) -> bool:
    asking = Asking(key=email.lower())
    return await accounts.limits.consume(CONFIRMATION, asking) is not None


async def _send(
    visitor: VisitorState, accounts: Accounts, show: Show, name: str, email: str, **context: Any
) -> None:
    settings = accounts.settings
    site = await current_site(visitor.contracts.legacy, settings.site_id)
    subject, text = await written(show, name, email=email, current_site=site, **context)
    await accounts.mailer.send(
        Mail(
            subject=_prefix(settings.subject_prefix, site) + subject,
            body=text,
            to=(email,),
            from_=settings.from_address,
        )
    )


async def written(show: Show, name: str, **context: Any) -> tuple[str, str]:
    """Subject, on one line and without prefix, and text."""
    subject = await show.text(f"account/email/{name}_subject.txt", **context)
    message = await show.text(f"account/email/{name}_message.txt", **context)
    return " ".join(subject.splitlines()).strip(), message.strip()


def _prefix(configured: str | None, site: CurrentSite) -> str:
    return f"[{site.name}] " if configured is None else configured


def _link(visitor: VisitorState, accounts: Accounts, path: str) -> str:
    """On this host, by the request's own protocol unless the site insists on one."""
    url = visitor.absolute(path)
    protocol = accounts.settings.protocol
    return url if protocol is None else f"{protocol}:{url.partition(':')[2]}"


def _say_sent(visitor: VisitorState, email: str) -> None:
    visitor.messages.add(INFO, f"Confirmation email sent to {email}.")
