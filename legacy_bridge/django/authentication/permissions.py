"""`perms` in templates: `perms.app.codename`, or `"app.codename" in perms`.

A whole app is true if the visitor has any permission of it.
"""

from legacy_bridge.django.authentication.user import Visitor


class AppPerms:
    """The visitor's permissions of one app."""

    __slots__ = ("_app", "_visitor")

    def __init__(self, visitor: Visitor, app: str) -> None:
        self._visitor = visitor
        self._app = app

    def __getitem__(self, codename: str) -> bool:
        return self._visitor.has_perm(f"{self._app}.{codename}")

    def __getattr__(self, codename: str) -> bool:
        if codename.startswith("__"):  # a question of the template engine, not of the page
            raise AttributeError(codename)
        return self[codename]

    def __bool__(self) -> bool:
        return self._visitor.has_module_perms(self._app)


class Perms:
    """All of the visitor's permissions."""

    __slots__ = ("_visitor",)

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    def __getitem__(self, app: str) -> AppPerms:
        return AppPerms(self._visitor, app)

    def __getattr__(self, app: str) -> AppPerms:
        if app.startswith("__"):
            raise AttributeError(app)
        return self[app]

    def __contains__(self, permission: str) -> bool:
        """Of an app, or of one codename in it."""
        app, dot, codename = permission.partition(".")
        return self[app][codename] if dot else bool(self[app])
