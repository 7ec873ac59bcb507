"""A text that is kept as typed, with its type of markup and the HTML made of it."""

from collections.abc import Mapping

from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.html import escape
from django.utils.safestring import mark_safe

from legacy_site.markup import LABELS, RENDERERS, Renderer, sanitise


class Markup:
    """What reading a `MarkupField` gives: prints as safe HTML, is false without text."""

    def __init__(self, instance: models.Model, field: "MarkupField") -> None:
        self._instance = instance
        self._field = field

    @property
    def raw(self) -> str | None:
        return self._instance.__dict__[self._field.attname]

    @property
    def markup_type(self) -> str:
        return getattr(self._instance, self._field.type_name)

    @property
    def rendered(self) -> str | None:
        return getattr(self._instance, self._field.rendered_name)

    def __str__(self) -> str:
        return mark_safe(self.rendered or "")

    __html__ = __str__

    def __bool__(self) -> bool:
        return bool(self.raw)

    def __eq__(self, other: object) -> bool:
        return self.raw == (other.raw if isinstance(other, Markup) else other)

    def __hash__(self) -> int:
        return hash(self.raw)


class _MarkupAttribute(DeferredAttribute):
    def __get__(self, instance, cls=None):
        if instance is None:
            return self
        raw = super().__get__(instance, cls)
        return None if raw is None else Markup(instance, self.field)

    def __set__(self, instance, value) -> None:
        instance.__dict__[self.field.attname] = value.raw if isinstance(value, Markup) else value


class MarkupField(models.TextField):
    """Three columns: `<name>`, `<name>_markup_type` and `_<name>_rendered`.

    The HTML is made when a row is saved (not when a fixture is loaded). An unknown type of
    markup is a KeyError then.
    """

    descriptor_class = _MarkupAttribute

    def __init__(
        self,
        *args,
        markup_type: str = "restructuredtext",
        renderers: Mapping[str, Renderer] = RENDERERS,
        sanitised: bool = True,
        escaped: bool = False,
        **kwargs,
    ) -> None:
        """`markup_type` is the default; `escaped` text loses its own HTML before rendering."""
        self.markup_type = markup_type
        self.renderers = renderers
        self.sanitised = sanitised
        self.escaped = escaped
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        own = ("markup_type", "renderers", "sanitised", "escaped")
        return name, path, args, kwargs | {option: getattr(self, option) for option in own}

    def contribute_to_class(self, cls, name, **kwargs) -> None:
        super().contribute_to_class(cls, name, **kwargs)
        self.type_name = f"{name}_markup_type"
        self.rendered_name = f"_{name}_rendered"
        if cls._meta.abstract:
            return  # each model that inherits it comes here again
        choices = [(kind, LABELS[kind]) for kind in self.renderers]
        markup_type = models.CharField(max_length=30, choices=choices, default=self.markup_type)
        markup_type.contribute_to_class(cls, self.type_name)
        rendered = models.TextField(editable=False, null=self.null, default=self._empty)
        rendered.contribute_to_class(cls, self.rendered_name)

    @property
    def _empty(self) -> str | None:
        return None if self.null else ""

    def pre_save(self, instance, add):
        markup = super().pre_save(instance, add)
        html = self._empty if markup is None else self._html(markup)
        setattr(instance, self.rendered_name, html)
        return markup

    def _html(self, markup: Markup) -> str:
        text = escape(markup.raw) if self.escaped else markup.raw
        html = self.renderers[markup.markup_type](text)
        return sanitise(html) if self.sanitised else html

    def to_python(self, value):
        return value.raw if isinstance(value, Markup) else super().to_python(value)

    def value_from_object(self, instance):
        """The text as typed: for forms and fixtures."""
        markup = super().value_from_object(instance)
        return None if markup is None else markup.raw
