"""Slugs made of names, as Django's `slugify` makes them."""

import re
import unicodedata


def slugify(text: str) -> str:
    """ASCII letters, digits, `_` and single `-`; letters with accents lose these, what is no such
    letter is left out: `Python 3.10.19` gives "python-31019"."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^\w\s-]", "", ascii_only.lower())
    return re.sub(r"[-\s]+", "-", kept).strip("-_")
