"""Where the account pages are, for links in mails and for redirects (behaviour/accounts.md)."""

from typing import Final
from urllib.parse import quote

_PATH = "/~:@!$&'()*+,;="
"""Characters that may stand in a path as they are (RFC 3986, 3.3)."""

ACCOUNTS: Final = "/accounts/"
LOGIN: Final = f"{ACCOUNTS}login/"
INACTIVE: Final = f"{ACCOUNTS}inactive/"
SIGNUP: Final = f"{ACCOUNTS}signup/"
EMAIL: Final = f"{ACCOUNTS}email/"
CONFIRM_EMAIL: Final = f"{ACCOUNTS}confirm-email/"
CHANGE_PASSWORD: Final = f"{ACCOUNTS}password/change/"
SET_PASSWORD: Final = f"{ACCOUNTS}password/set/"
RESET_PASSWORD: Final = f"{ACCOUNTS}password/reset/"
RESET_PASSWORD_DONE: Final = f"{RESET_PASSWORD}done/"
RESET_KEY: Final = f"{RESET_PASSWORD}key/"
RESET_KEY_DONE: Final = f"{RESET_KEY}done/"


def confirm_email(key: str) -> str:
    """The page that a mailed confirmation key leads to."""
    return f"{CONFIRM_EMAIL}{key}/"


def reset_key(uid: str, key: str) -> str:
    """The page that a mailed reset key leads to; `uid` as in `identifiers.to_base36`."""
    return f"{RESET_KEY}{uid}-{quote(key, safe=_PATH)}/"
