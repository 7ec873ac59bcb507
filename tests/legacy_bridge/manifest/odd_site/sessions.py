"""Sessions in a class of the project's own, and so signed with a salt of its own."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):  # type: ignore[misc]  # Django is not typed
    @property
    def key_salt(self) -> str:
        return "odd salt"
