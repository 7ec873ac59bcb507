"""How many vectors are made, and of what. 200 of each kind, or many more:

DJANGO_VECTORS=10000 scripts/test -o timeout=3600 tests/legacy_bridge/django
"""

import os
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

VECTORS = int(os.environ.get("DJANGO_VECTORS", "200"))

many = settings(max_examples=VECTORS)
fewer = settings(max_examples=max(40, VECTORS // 5))
"""For those that ask a server several times each."""

any_text = st.text(st.characters(), max_size=40)
"""Lone surrogates and NUL included."""
wire_text = st.text(max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(), max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
sessions: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text(st.characters(), max_size=20), json_values, max_size=6
)
NOW = 1_764_300_000.5
"""Seconds since 1970, where a clock is stopped."""
