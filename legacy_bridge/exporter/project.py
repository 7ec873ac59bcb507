"""The settings that matter, and what follows from them in Django and in well-known apps."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any, Iterator

from django.apps import apps
from django.conf import settings
from django.contrib.messages import utils as message_utils
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache.backends.db import BaseDatabaseCache
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch
from django.utils import translation
from django.utils.module_loading import import_string

from legacy_bridge.exporter import allowed
from legacy_bridge.exporter.values import jsonable

ABSENT = object()


def exported_settings() -> dict[str, Any]:
    """The allowed settings as they are in force, Django's defaults included."""
    with translation.override(settings.LANGUAGE_CODE):
        shown = {name: _plain(name) for name in allowed.SETTINGS if hasattr(settings, name)}
        for name, keys in allowed.TABLES_OF_SETTINGS.items():
            shown[name] = _tables(getattr(settings, name), keys, allowed.OPTIONS.get(name, ()))
        for alias, table in _cache_tables():
            shown["CACHES"][alias]["TABLE"] = table
    return dict(sorted(shown.items()))


def _plain(name: str) -> Any:
    return jsonable(getattr(settings, name))


def _tables(value: Any, keys: tuple[str, ...], options: tuple[str, ...]) -> Any:
    """Only these keys of each table, and only these of its OPTIONS."""
    if isinstance(value, dict):
        return {str(name): _table(table, keys, options) for name, table in value.items()}
    return [_table(table, keys, options) for table in value]


def _table(table: dict[str, Any], keys: tuple[str, ...], options: tuple[str, ...]) -> Any:
    shown = {key: jsonable(table[key]) for key in keys if key in table}
    told = table.get("OPTIONS") or {}
    chosen = {key: jsonable(told[key]) for key in options if key in told}
    return {**shown, "OPTIONS": chosen} if chosen else shown


def _cache_tables() -> Iterator[tuple[str, str]]:
    """The tables of caches in databases. LOCATION is written in no other case: of other caches it
    is an address that may have a password in it."""
    for alias, entry in settings.CACHES.items():
        if issubclass(import_string(entry["BACKEND"]), BaseDatabaseCache):
            yield alias, str(entry.get("LOCATION", ""))


def exported_paths() -> dict[str, str | None]:
    """Where the settings lead that may be names of URLs; None where that name does not exist."""
    with translation.override(settings.LANGUAGE_CODE):
        return {name: _path(getattr(settings, name, None)) for name in allowed.PATHS}


def _path(target: Any) -> str | None:
    try:
        return None if target is None else str(resolve_url(target))
    except NoReverseMatch:
        return None


def exported_session() -> dict[str, Any]:
    """`salt` is what texts of sessions are signed with, beside the key: no secret."""
    if not apps.is_installed("django.contrib.sessions"):
        return {"salt": None, "table": None}
    store = import_module(settings.SESSION_ENGINE).SessionStore
    model = store.get_model_class() if hasattr(store, "get_model_class") else None
    salt = store.key_salt
    if isinstance(salt, property):
        salt = store().key_salt
    return {"salt": str(salt), "table": model._meta.db_table if model else None}


def exported_messages() -> dict[str, Any]:
    """What the storage of messages has as attributes, and the whole table of tags."""
    storage = import_string(settings.MESSAGE_STORAGE)
    storages = getattr(storage, "storage_classes", (storage,))
    cookie = next((each for each in storages if issubclass(each, CookieStorage)), CookieStorage)
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "cookie_name": str(cookie.cookie_name),
            "max_cookie_size": int(cookie.max_cookie_size),
            "tags": jsonable(message_utils.get_level_tags()),
        }


def exported_allauth() -> dict[str, Any] | None:
    """Settings of django-allauth's account in force, without ACCOUNT_; None where it is not."""
    if not apps.is_installed("allauth.account"):
        return None
    return _in_force(import_module("allauth.account.app_settings"), allowed.ALLAUTH)


def exported_waffle() -> dict[str, Any] | None:
    """The same of django-waffle, without WAFFLE_."""
    if not apps.is_installed("waffle"):
        return None
    told = {name: getattr(settings, "WAFFLE_" + name, ABSENT) for name in allowed.WAFFLE}
    default = _in_force(import_module("waffle.defaults"), allowed.WAFFLE)
    return {**default, **{n: jsonable(v) for n, v in told.items() if v is not ABSENT}}


def exported_honeypot() -> dict[str, Any] | None:
    """The same of django-honeypot, without HONEYPOT_; None where the project sets no field."""
    told = {name: getattr(settings, "HONEYPOT_" + name, ABSENT) for name in allowed.HONEYPOT}
    if told["FIELD_NAME"] is ABSENT:
        return None
    # Either may be a function, and is then unknown; its name must not be taken for the value.
    return {name: value if isinstance(value, str) else None for name, value in told.items()}


def _in_force(module: Any, names: tuple[str, ...]) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that are going away are written while they last
        values = {name: getattr(module, name, ABSENT) for name in names}
    return {name: jsonable(value) for name, value in values.items() if value is not ABSENT}
