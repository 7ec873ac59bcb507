"""`urlize`: addresses in a text become links."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from legacy_bridge.django.emails import is_email
from legacy_bridge.templates.filters.library import text_filter
from legacy_bridge.templates.safe import SafeString, escape, is_safe

_WORDS = re.compile(r"""([\s<>"']+)""")
_ADDRESS = re.compile(r"https?://\[?\w", re.IGNORECASE)
_BARE_ADDRESS = re.compile(
    r"www\.|(?!http)\w[^@]+\.(com|edu|gov|int|mil|net|org)($|/.*$)", re.IGNORECASE
)
_BRACKETS = (("(", ")"), ("[", "]"))
_PUNCTUATION = ".,:;!"
_LONGEST = 2048
_KEPT = "!$&'()*+,;=:/?#[]@~"


@text_filter("urlize", is_safe=True, needs_autoescape=True)
def urlize(text: str, autoescape: bool = True) -> SafeString:
    return _linked(text, None, autoescape)


@text_filter("urlizetrunc", is_safe=True, needs_autoescape=True)
def urlizetrunc(text: str, limit: Any, autoescape: bool = True) -> SafeString:
    """The text of a link is not longer than `limit`."""
    return _linked(text, int(limit), autoescape)


def _linked(text: str, limit: int | None, autoescape: bool) -> SafeString:
    escapes = autoescape and not is_safe(text)
    words = _WORDS.split("".join(text))
    return SafeString("".join(_word(word, limit, escapes) for word in words))


def _word(word: str, limit: int | None, escapes: bool) -> str:
    if any(sign in word for sign in ".@:"):
        before, middle, after = _trimmed(word)
        target, relation = _target(middle)
        if target:
            shown = middle
            if limit is not None and len(middle) > limit:
                shown = f"{middle[: max(0, limit - 1)]}…"
            if escapes:
                before, shown, after = escape(before), escape(shown), escape(after)
            return f'{before}<a href="{escape(target)}"{relation}>{shown}</a>{after}'
    return escape(word) if escapes else word


def _target(word: str) -> tuple[str, str]:
    """Where a word leads to, if it is an address, and the attribute of the link."""
    nofollow = ' rel="nofollow"'
    if len(word) <= _LONGEST and _ADDRESS.match(word):
        return _quoted(unescape(word)), nofollow
    if len(word) <= _LONGEST and _BARE_ADDRESS.match(word):
        return _quoted(f"http://{unescape(word)}"), nofollow
    if ":" not in word and is_email(word):
        local, _, domain = word.rpartition("@")
        return f"mailto:{quote(local, safe='')}@{quote(domain, safe='')}", ""
    return "", ""


def _quoted(address: str) -> str:
    def again(part: str) -> str:
        return quote(unquote(part), safe=_KEPT)

    try:
        scheme, host, path, query, fragment = urlsplit(address)
    except ValueError:  # brackets around what is no address
        return again(address)
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(unquote(name), unquote(value)) for name, value in pairs])
    return urlunsplit((scheme, again(host), again(path), query, again(fragment)))


def _trimmed(word: str) -> tuple[str, str, str]:
    """The word between the brackets and the punctuation around it."""
    middle = word.lstrip("".join(opening for opening, _ in _BRACKETS))
    before, after = word[: len(word) - len(middle)], ""
    counts = {sign: middle.count(sign) for pair in _BRACKETS for sign in pair}
    while middle:
        rest = _without_brackets(middle, counts)
        rest = _without_punctuation(rest)
        if rest == middle:
            break
        after = middle[len(rest) :] + after
        middle = rest
    return before, middle, after


def _without_brackets(word: str, counts: dict[str, int]) -> str:
    """Without closing brackets at the end that nothing has opened."""
    for opening, closing in _BRACKETS:
        surplus = counts[closing] - counts[opening]
        if surplus > 0 and word.endswith(closing):
            word = word[:-surplus]
            counts[closing] -= surplus
    return word


def _without_punctuation(word: str) -> str:
    """A semicolon that ends an entity stays."""
    entity = word.rfind("&")
    signs = _PUNCTUATION if entity == -1 else _PUNCTUATION.replace(";", "")
    word = word.rstrip(signs)
    if not word.endswith(";"):
        return word
    text = unescape(word[entity:])
    if text != word[entity:] and not text.endswith(";"):
        return word
    bare = word.rstrip(_PUNCTUATION)
    if entity > -1 and len(word) - len(word.rstrip(";")) > 1:
        return word[: len(bare) + word[len(bare) :].index(";") + 1]
    return bare
