"""allauth's rate limits, with a cache that the question brings."""

# Django and its apps come without types.
# mypy: disable-error-code="import-untyped, misc, no-any-return"

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import (
    consume_email_verification_rate_limit,
)
from allauth.core.internal import ratelimit
from django.contrib.auth.models import AnonymousUser
from django.contrib.sites.models import Site
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.http import HttpRequest
from django.test.utils import override_settings

from tests.legacy_bridge.django.accounts.answers.users.models import User

USAGES: dict[str, ratelimit.RateLimitUsage] = {}


def make_cache_table(entry: dict[str, Any]) -> None:
    with override_settings(CACHES={"default": entry}):
        call_command("createcachetable", verbosity=0)


def cached(entry: dict[str, Any], verb: str, of: list[Any]) -> Any:
    with override_settings(CACHES={"default": entry}):
        return getattr(cache, verb)(*of)


def limits(told: dict[str, Any]) -> dict[str, Any]:
    """The limits in force, each as amount, seconds and what it counts by."""
    with override_settings(**{"ACCOUNT_RATE_LIMITS": {}, **told}):
        texts = app_settings.RATE_LIMITS
    return {
        action: [list(rate) for rate in ratelimit.parse_rates(texts[action])] for action in texts
    }


def parse_limits(text: str) -> Any:
    return [list(rate) for rate in ratelimit.parse_rates(text)]


def consume(
    entry: dict[str, Any],
    told: Any,
    action: str,
    asking: dict[str, Any],
    dry_run: bool = False,
    method: str = "POST",
    keep: str = "",
) -> bool:
    """Whether it is let pass; what it took is kept under a name for `roll_back`."""
    with _in_force(entry, told):
        usage = ratelimit.consume(
            _request(asking, method),
            config=app_settings.RATE_LIMITS,
            action=action,
            key=asking.get("key"),
            dry_run=dry_run,
        )
    if usage is not None:
        USAGES[keep] = usage
    return usage is not None


def roll_back(entry: dict[str, Any], keep: str) -> None:
    with _in_force(entry, {}):
        USAGES.pop(keep).rollback()


def clear_limit(entry: dict[str, Any], told: Any, action: str, asking: dict[str, Any]) -> None:
    with _in_force(entry, told):
        config = app_settings.RATE_LIMITS
        key = asking.get("key")
        ratelimit.clear(_request(asking, "POST"), config=config, action=action, key=key)


def confirmation_mail(entry: dict[str, Any], told: Any, email: str) -> bool:
    with _in_force(entry, told):
        return consume_email_verification_rate_limit(_request({}, "GET"), email)


def try_login(entry: dict[str, Any], told: Any, domain: str, login: dict[str, str]) -> str:
    """`login` has username or email, and password: found, unknown or refused."""
    with _in_force(entry, told):
        Site.objects.update_or_create(pk=1, defaults={"domain": domain, "name": domain})
        Site.objects.clear_cache()
        try:
            found = get_adapter().authenticate(_request({"address": "192.0.2.9"}, "POST"), **login)
        except ValidationError:
            return "refused"
    return "found" if found else "unknown"


def client_ip(forwarded_for: str | None, peer: str) -> str | None:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = peer
    if forwarded_for is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded_for
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return None


def _in_force(entry: dict[str, Any], told: Any) -> override_settings:
    return override_settings(CACHES={"default": entry}, ACCOUNT_RATE_LIMITS=told)


def _request(asking: dict[str, Any], method: str) -> HttpRequest:
    request = HttpRequest()
    request.method = method
    request.META["REMOTE_ADDR"] = asking.get("address", "192.0.2.1")
    user_id = asking.get("user_id")
    request.user = AnonymousUser() if user_id is None else User(pk=user_id)
    return request
