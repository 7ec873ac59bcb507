"""The form of a manifest, version 1. What each key means stands where it is written, in
`legacy_bridge/exporter/`; keys that are not here are ignored, so a newer exporter may add some.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from legacy_bridge.manifest.settings import ProjectSettings, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An entry of INSTALLED_APPS."""

    label: str
    name: str
    verbose_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """A path converter: its regex, and the built-in one that it is like (None: none of them)."""

    regex: str
    like: Literal["int", "path", "slug", "str", "uuid"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlNode:
    """One line of a URLconf: a view, or with `patterns` an `include()`.

    `source` is the pattern as written, `translations` what it is in each language; `converters`
    names entries of `Urls.converters`; `withheld` are defaults whose values were not exported.
    """

    kind: Literal["path", "regex", "language"]
    source: str
    translations: Mapping[str, str] = field(default_factory=dict)
    converters: Mapping[str, str] = field(default_factory=dict)
    prefix_default: bool = True
    defaults: Mapping[str, Any] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    app: str | None = None
    name: str | None = None
    view: str | None = None
    include: str | None = None
    namespace: str | None = None
    app_name: str | None = None
    patterns: "tuple[UrlNode, ...] | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlTree:
    """All of ROOT_URLCONF, in the order in which Django tries it."""

    urlconf: str
    converters: Mapping[str, Converter]
    patterns: tuple[UrlNode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """`value` is there where the default is plain, and stands in no setting that is kept back;
    `sql` where the database has the default."""

    kind: Literal["none", "value", "callable", "database"]
    value: Any = None
    callable: str | None = None
    sql: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Where a foreign key points: the model, its table and the column there."""

    kind: Literal["foreign_key", "one_to_one"]
    to: str
    table: str
    column: str
    on_delete: str
    constraint: bool = True
    related_name: str | None = None
    parent_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column. `check` and `generated_sql` are SQL; `generated_stored`: computed when written."""

    name: str
    column: str
    type: str
    db_type: str | None
    null: bool
    blank: bool = False
    primary_key: bool = False
    unique: bool = False
    index: bool = False
    max_length: int | None = None
    max_digits: int | None = None
    decimal_places: int | None = None
    auto_now: bool = False
    auto_now_add: bool = False
    generated: bool = False
    generated_sql: str | None = None
    generated_stored: bool = True
    collation: str | None = None
    check: str | None = None
    default: Default
    choices: tuple[tuple[Any, str], ...] | None = None
    relation: Relation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyToMany:
    """A relation by a table of its own, and that table's columns."""

    name: str
    to: str
    through: str
    table: str
    source_column: str
    target_column: str
    related_name: str | None = None
    symmetrical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericRelation:
    """Fields that together point to a row of any model."""

    name: str
    type_field: str
    key_field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An index or a constraint of Meta; `condition` is text as Django prints it.

    What ends in `sql` is as the database has it, None where it is not known: `sql` is the whole
    statement. Older exporters wrote none of it, and no `kind`. A field that begins with `-` is in
    descending order.
    """

    name: str
    kind: Literal["index", "unique", "check", "exclude"] | None = None
    fields: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    condition: str | None = None
    include: tuple[str, ...] = ()
    opclasses: tuple[str, ...] = ()
    using: str = ""
    deferrable: Literal["immediate", "deferred"] | None = None
    nulls_distinct: bool | None = None
    expressions_sql: tuple[str, ...] | None = None
    condition_sql: str | None = None
    sql: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`label` is app.Name. `parents`: the column that links to each (multi-table inheritance)."""

    label: str
    app: str
    table: str
    database: str = "default"
    managed: bool = True
    proxy_of: str | None = None
    auto_created_by: str | None = None
    parents: Mapping[str, str] = field(default_factory=dict)
    primary_key: tuple[str, ...]
    fields: tuple[Field, ...]
    many_to_many: tuple[ManyToMany, ...] = ()
    generic_relations: tuple[GenericRelation, ...] = ()
    unique_together: tuple[tuple[str, ...], ...] = ()
    index_together: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[Rule, ...] = ()
    constraints: tuple[Rule, ...] = ()
    ordering: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hasher:
    """An entry of PASSWORD_HASHERS. `django` is Django's class that it is, apart from `costs`."""

    django: str | None
    algorithm: str
    costs: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What texts of sessions are signed with beside the key, and the table that they are in."""

    salt: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStorage:
    """What the storage of messages has as attributes; `tags` is the whole table, by level."""

    cookie_name: str
    max_cookie_size: int
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThumbnailNaming:
    """What file names are made from. `probe`: an upload, a size, and the name that sorl gives."""

    options: Values
    extensions: Mapping[str, str]
    formats: Mapping[str, str] | None = None
    storage: str
    url: str
    probe: tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnails:
    """THUMBNAIL_… in force; `naming` is None where the project's own code has a hand in it."""

    settings: Values
    naming: ThumbnailNaming | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A project. `paths` are settings that may be names of URLs, as paths; `allauth`, `waffle`,
    `honeypot` and `thumbnails` (sorl's) are None where those apps are not installed."""

    version: Literal[1]
    django: str
    made: datetime
    apps: tuple[App, ...]
    settings: ProjectSettings
    paths: Mapping[str, str | None]
    session: Session
    messages: MessageStorage
    hashers: tuple[Hasher, ...]
    allauth: Values | None = None
    waffle: Values | None = None
    honeypot: Values | None = None
    thumbnails: Thumbnails | None = None
    urls: UrlTree
    models: tuple[Model, ...]

    def model(self, label: str) -> Model | None:
        """By app.Name, the case of the name ignored, as in AUTH_USER_MODEL."""
        wanted = label.lower()
        return next((each for each in self.models if each.label.lower() == wanted), None)

    def models_of(self, app: str) -> Iterator[Model]:
        """The models of an app, by its label."""
        return (each for each in self.models if each.app == app)
