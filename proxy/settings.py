"""Settings: environment variables with the prefix STRANGLER_, or a `.env` file (contract.md)."""

import json
import os
import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from proxy.routing import quantities
from proxy.routing.faults import Problem

PREFIX = "STRANGLER_"
Network = IPv4Network | IPv6Network

LOCAL_NETWORKS = "127.0.0.0/8 ::1/128 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"

_ATOM = r'[^\s()<>\[\]:;@\\,"]+'
_NAME = r'(?:[^\r\n()<>\[\]:;@\\,"]*|"[^\r\n"]*")'
_ADDRESS = re.compile(rf"{_ATOM}@{_ATOM}|{_NAME} *<{_ATOM}@{_ATOM}>")
_OPERATOR = re.compile(
    r"superusers|permission:[A-Za-z_]\w*\.[A-Za-z_]\w*|token:(?:[\w.@-]{1,40}:)?[0-9a-f]{64}",
    re.ASCII,
)


class SettingsError(Exception):
    """A setting is missing or wrong; each line names it and says what to do."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))


class Settings(BaseSettings):
    """What one installation is told from outside; read once, never changed."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    routing: Path = Path("routing.yaml")
    legacy_url: str | None = None
    legacy_database_url: SecretStr | None = None
    legacy_secret_key: SecretStr | None = None
    legacy_secret_key_fallbacks: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    legacy_manifest: Path | None = None
    legacy_templates: Annotated[tuple[Path, ...], NoDecode] = ()
    legacy_static: Path | None = None
    media_store: str | None = None
    media_root: Path | None = None
    package_index: str = "https://pypi.example.org/"
    release_cycle_url: str | None = None
    fastly_api_key: SecretStr | None = None
    fastly_service_id: str | None = None
    legacy_cache_url: SecretStr | None = None
    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    mail_url: SecretStr | None = None
    mail_from: str | None = None
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    metrics_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        default=LOCAL_NETWORKS,
        validate_default=True,
    )
    operators: Annotated[tuple[str, ...], NoDecode] = ()
    owner_headers: bool = True
    development: bool = False
    api_limits: bool = True
    head_timeout: float = Field(default=10.0, gt=0, le=3600)
    client_timeout: float = Field(default=60.0, gt=0, le=3600)
    keepalive: float = Field(default=75.0, gt=0, le=3600)
    drain_timeout: float = Field(default=30.0, ge=0, le=3600)
    max_connections: int = Field(default=8192, ge=1, le=1_000_000)
    cache_bytes: int = Field(default=64 << 20, ge=0)
    bridge: Literal["auto", "off"] = "auto"
    shadow: Literal["auto", "off"] = "auto"
    lag_warning: float = Field(default=10.0)
    retained_wal_warning: int = Field(default=1_000_000_000)
    verify_every: float = Field(default=3600.0)
    sync_every: float = Field(default=300.0)
    blogs_every: float = Field(default=3600.0)
    log_format: Literal["json", "console"] = "json"

    @field_validator("legacy_url")
    @classmethod
    def _legacy_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must look like http://legacy.internal:8001")
        if parts.username or parts.path.rstrip("/") or parts.query or parts.fragment:
            raise ValueError("must be scheme, host and port only, such as http://10.0.0.7:8001")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("legacy_templates", mode="before")
    @classmethod
    def _directories(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        directories = tuple(Path(part) for part in value.split(os.pathsep) if part)
        missing = [n for n, directory in enumerate(directories, 1) if not directory.is_dir()]
        if missing:
            raise ValueError(
                f"entry {missing[0]} is no directory; name directories of Django templates with "
                f"{os.pathsep!r} between, as DIRS of the project's TEMPLATES has them"
            )
        return directories

    @field_validator("legacy_static")
    @classmethod
    def _directory(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("is no directory; name STATIC_ROOT of the legacy project")
        return value

    @field_validator("media_root")
    @classmethod
    def _uploads(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("is no directory; name MEDIA_ROOT of the legacy project, as seen here")
        return value

    @field_validator("package_index", "media_store")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://unset")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must look like https://files.example.org/bucket")
        return value

    @field_validator("release_cycle_url")
    @classmethod
    def _address_or_off(cls, value: str | None) -> str | None:
        parts = urlsplit("" if value is None else value)
        if value in (None, "off") or (parts.scheme in ("http", "https") and parts.hostname):
            return value
        raise ValueError("must be off, or look like https://peps.example.org/release-cycle.json")

    @field_validator("fastly_api_key")
    @classmethod
    def _of_a_field(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[!-~]+", value.get_secret_value()):
            raise ValueError("may have visible ASCII only: it is sent in a header")
        return value

    @field_validator("fastly_service_id")
    @classmethod
    def _of_a_path(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9]+", value):
            raise ValueError("must be letters and digits, as Fastly shows it for the service")
        return value

    @field_validator("database_url", "legacy_database_url")
    @classmethod
    def _database_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        parts = _split(value)
        if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
            raise ValueError("must look like postgresql://user:password@host:5432/database")
        return value

    @field_validator("redis_url", "legacy_cache_url")
    @classmethod
    def _redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value and _split(value).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("must look like redis://:password@host:6379/0")
        return value

    @field_validator("legacy_secret_key_fallbacks", mode="before")
    @classmethod
    def _keys(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if not value.startswith("["):
            return (value,)
        try:
            keys = json.loads(value)
        except ValueError:  # whose own text may have a key in it
            keys = None
        if not isinstance(keys, list) or not all(isinstance(key, str) and key for key in keys):
            raise ValueError(
                'must be one key, or a JSON list such as ["an old key", "an older one"]'
            )
        return tuple(keys)

    @field_validator("mail_url")
    @classmethod
    def _mail_url(cls, value: SecretStr | None) -> SecretStr | None:
        """Its form; what the parts mean is said where mails are sent."""
        if value is None or value.get_secret_value() == "console:":
            return value
        if not _may_take_mail(_split(value)):
            raise ValueError(
                "must look like smtp://user:password@host:587?starttls=1, "
                "smtps://user:password@host, file:///folder or console:"
            )
        return value

    @field_validator("mail_from")
    @classmethod
    def _mail_from(cls, value: str | None) -> str | None:
        if value is not None and not _ADDRESS.fullmatch(value):
            raise ValueError("must look like webmaster@example.com or Name <webmaster@example.com>")
        return value

    @field_validator("trusted_proxies", "metrics_networks", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(ip_network(part, strict=False) for part in value.replace(",", " ").split())

    @field_validator("operators", mode="before")
    @classmethod
    def _operators(cls, value: object) -> object:
        """Entries by their place: one that is wrong may be a token in the clear."""
        if not isinstance(value, str):
            return value
        entries = tuple(value.replace(",", " ").split())
        wrong = [n for n, entry in enumerate(entries, 1) if not _OPERATOR.fullmatch(entry)]
        if wrong:
            raise ValueError(
                f"entry {wrong[0]} is none of superusers, permission:app_label.codename and "
                "token:NAME:SHA256 (64 small hexadecimal digits, from `sha256sum`)"
            )
        return entries

    @field_validator("lag_warning", "verify_every", "sync_every", "blogs_every", mode="before")
    @classmethod
    def _duration(cls, value: object) -> object:
        return _quantity(quantities.seconds, value)

    @field_validator("retained_wal_warning", mode="before")
    @classmethod
    def _size(cls, value: object) -> object:
        return _quantity(quantities.size, value)

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(value.lower().replace(",", " ").split())

    @classmethod
    def load(cls) -> Self:
        """Read the environment and `.env`; raise `SettingsError` naming every wrong setting."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError(*(_sentence(dict(fault)) for fault in error.errors())) from None

    @property
    def has_both_databases(self) -> bool:
        return self.database_url is not None and self.legacy_database_url is not None

    @property
    def compares_aside(self) -> bool:
        """Without both databases nobody knows how far the native rows are behind."""
        return self.shadow == "auto" and self.has_both_databases

    def require(self, name: str, purpose: str) -> str:
        """The value of a text setting, or a `SettingsError` saying what it is needed for."""
        value = self.plain(name)
        if value is None:
            raise SettingsError(
                f"{PREFIX}{name.upper()} is not set — {purpose}; "
                f"export it, or write it into a .env file in {Path.cwd()}"
            )
        return value

    def plain(self, name: str) -> str | None:
        """The value of a text setting in clear, for the code that connects with it."""
        value = getattr(self, name)
        return value.get_secret_value() if isinstance(value, SecretStr) else value


def _quantity(read: Callable[[object], object], value: object) -> object:
    """As in routing.yaml, where a number is no text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        value = int(value)
    found = read(value)
    if isinstance(found, Problem):
        raise ValueError(found.remedy)  # noqa: TRY004  # what pydantic takes; without the value
    return found


def _split(url: SecretStr) -> SplitResult:
    """Python's own message may have the password in it."""
    try:
        return urlsplit(url.get_secret_value())
    except ValueError:
        raise ValueError("is no URL; what is special in a password is written %40") from None


def _may_take_mail(parts: SplitResult) -> bool:
    """A mail server or a folder."""
    if parts.fragment:
        return False
    if parts.scheme == "file":
        return not parts.netloc and bool(parts.path.strip("/"))
    return (
        parts.scheme in ("smtp", "smtps")
        and bool(parts.hostname)
        and _has_port_number(parts)
        and not parts.path.strip("/")
    )


def _has_port_number(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _sentence(fault: dict[str, object]) -> str:
    """One line for one wrong setting. The value is left out: it may hold a password."""
    location = fault["loc"]
    name = str(location[0]) if isinstance(location, tuple) and location else "?"
    reason = str(fault["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{name.upper()}: {reason}"


def misspelt() -> list[str]:
    """Names of set variables that carry our prefix but are no setting of this version."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | RESERVED
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


RESERVED = {
    PREFIX + name
    for name in (
        "SEARCH_URL",
        "FAILPOINT",
        "INSTANCE",
        "WORKER",
    )
}
"""Names of the contract that later versions read; setting them now does no harm."""
