"""What every request to API v2 passes before anything is read for it.

In the order of Django REST framework: format → caller → permission → throttle. What is wrong on the
way is raised as `FaultError`, which is the answer.
"""

from collections.abc import Awaitable, Callable

from legacy_bridge.django.credentials import Account
from ported_domains.shared.api.callers import (
    TokenFault,
    UncheckableCredentialsError,
    caller_of_token,
)
from ported_domains.shared.api.inquiry import ApiAnswer, Inquiry
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.throttle import address_behind
from ported_domains.shared.api.v2 import faults
from ported_domains.shared.api.v2.faults import FaultError
from ported_domains.shared.api.v2.negotiation import JSON, negotiate, render
from ported_domains.shared.api.v2.question import Told

SAFE = ("GET", "HEAD", "OPTIONS")
READ_ONLY = ", ".join(SAFE)

Caller = Account | None
"""None is a guest."""
Permit = Callable[[Inquiry, Caller], None]
"""Raises `FaultError` for who is not let in."""
Ask = Callable[[Caller], Awaitable[Told]]


async def answered(
    inquiry: Inquiry, sources: Sources, suffix: str | None, allowed: str, permit: Permit, ask: Ask
) -> ApiAnswer:
    """`suffix` is the format that stood in the path, `allowed` what the answer says in `Allow`."""
    indent, headers = None, {"Allow": allowed, "Vary": "Accept"}
    try:
        indent = negotiate(suffix, inquiry.parameters.get("format"), inquiry.accept)
        caller = await _caller(inquiry, sources)
        permit(inquiry, caller)
        await _check_throttle(inquiry, sources, caller)
        told = await ask(caller)
    except FaultError as fault:
        return ApiAnswer(fault.status, render(fault.data, indent), JSON, headers | fault.headers)
    if told.data is None:
        return ApiAnswer(told.status, media_type=None, headers=headers)
    return ApiAnswer(told.status, render(told.data, indent), JSON, headers | dict(told.headers))


def anybody(_inquiry: Inquiry, _caller: Caller) -> None:
    """What an endpoint that nothing can be written to permits: a method that it does not know is
    refused as such."""


def staff_or_reading(inquiry: Inquiry, caller: Caller) -> None:
    """Nobody but staff hears what a method that is not safe would come to."""
    if inquiry.method in SAFE or (caller is not None and caller.is_staff):
        return
    raise faults.not_signed_in() if caller is None else faults.not_permitted()


async def _caller(inquiry: Inquiry, sources: Sources) -> Caller:
    try:
        caller = await caller_of_token(sources.legacy, inquiry.authorization)
    except UncheckableCredentialsError:
        raise faults.uncheckable() from None
    if isinstance(caller, TokenFault):
        raise faults.unauthenticated(caller.value)
    return caller


async def _check_throttle(inquiry: Inquiry, sources: Sources, caller: Caller) -> None:
    address = address_behind(inquiry.forwarded_for, inquiry.peer)
    wait = await sources.throttles.check_v2(caller.id if caller else None, address)
    if wait is not None:
        raise faults.throttled(wait)
