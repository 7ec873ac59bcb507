"""STRANGLER_OPERATORS: who may use the console. Decisions only, nobody is asked anything here."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from legacy_bridge.django.authentication.user import Visitor
from legacy_bridge.django.secrecy import octets


@dataclass(frozen=True, slots=True)
class Token:
    """`digest` is the SHA-256 of the token, as the setting has it."""

    name: str
    digest: str

    @property
    def id(self) -> str:
        """By which a cookie may name it: of the digest, which tells nothing of the token."""
        return sha256(f"console cookie {self.digest}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Operators:
    """What the setting says. `permissions` are `app_label.codename`."""

    superusers: bool
    permissions: frozenset[str]
    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, entries: Iterable[str]) -> "Operators":
        """`entries` have the forms that `proxy.settings` lets pass."""
        superusers, permissions, tokens = False, set[str](), list[Token]()
        for entry in entries:
            kind, _, rest = entry.partition(":")
            if kind == "superusers":
                superusers = True
            elif kind == "permission":
                permissions.add(rest)
            else:
                name, _, digest = rest.rpartition(":")
                tokens.append(Token(name or digest[:8], digest))
        return cls(superusers, frozenset(permissions), tuple(tokens))

    @property
    def knows_users(self) -> bool:
        """Whether users of the legacy site may be operators at all."""
        return self.superusers or bool(self.permissions)

    def admits(self, visitor: Visitor) -> bool:
        """Active staff with one of the permissions, or a superuser where those are named."""
        if not (visitor.is_active and visitor.is_staff):
            return False
        if self.superusers and visitor.is_superuser:
            return True
        return any(visitor.has_perm(permission) for permission in self.permissions)

    def token(self, given: str) -> Token | None:
        """The one that was given. All are compared, each in a time that tells nothing."""
        digest = sha256(octets(given)).hexdigest()
        found = None
        for token in self.tokens:
            if compare_digest(token.digest, digest):
                found = token
        return found

    def token_of(self, token_id: str) -> Token | None:
        """The one that a cookie names."""
        found = None
        for token in self.tokens:
            if compare_digest(token.id, token_id):
                found = token
        return found


@dataclass(frozen=True, slots=True)
class Operator:
    """Who is asking, and may. `binding`: the secret that a form's token is made for; None where
    no cookie says who it is, so that no other page can have sent the request."""

    name: str
    binding: str | None
