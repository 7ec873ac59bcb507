"""How long a page holds that shows more than rows: what time it is, or what was heard elsewhere."""

from ported_domains.shared.rendering import RENDERING


def holds_for(seconds: float) -> None:
    """Said by what is shown: the page that is being rendered, if one is, is kept no longer."""
    asked = RENDERING.get(None)
    if asked is not None:
        asked.visit.good_for = min(asked.visit.good_for, seconds)
