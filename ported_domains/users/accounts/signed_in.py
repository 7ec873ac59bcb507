"""The user of a page that only signed-in visitors get to see."""

from legacy_bridge.django.authentication.user import User
from ported_domains.shared.visitors.state import VisitorState


def signed_in(visitor: VisitorState) -> User:
    """Behind the guard `login_required`; TypeError without it."""
    user = visitor.user
    if not isinstance(user, User):
        raise TypeError(f"{visitor.visit.path} is shown to somebody who is not signed in")
    return user
