"""Puts our engine in the place of Django's: its `Template` compiles and renders by ours.

Django still finds the source of templates, owns the settings, the catalogues and the URLs. Parsing,
tags, filters, look-ups, escaping and printing are ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import tzinfo
from typing import Any

import jinja2
from django.conf import settings
from django.core.cache import InvalidCacheBackendError, caches
from django.template import base
from django.template.exceptions import TemplateDoesNotExist, TemplateSyntaxError
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone, translation

from legacy_bridge.templates import faults
from legacy_bridge.templates.convert.converter import convert
from legacy_bridge.templates.environment import (
    SiteTemplate,
    TemplateEnvironment,
)
from legacy_bridge.templates.libraries import DJANGO
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.rendering.locale import Locale, Switches
from legacy_bridge.templates.site import NoReverseMatchError, Site
from tests.legacy_bridge.templates.conformance.declarations import NODES, OURS, converted

used: list[str] = []
"""One entry for each compilation and each rendering by our engine."""


class DjangoLocale(Locale):
    """Catalogues, formats and time zone as Django's settings have them now."""

    @property
    def zone(self) -> tzinfo:
        zone: tzinfo = timezone.get_default_timezone()
        return zone

    @property
    def writes_integers_plainly(self) -> bool:
        return not settings.USE_THOUSAND_SEPARATOR

    @property
    def present_language(self) -> str:
        return str(translation.get_language())

    def current_zone(self, switches: Switches) -> tzinfo:
        zone: tzinfo = timezone.get_current_timezone()
        return zone

    def to_local_time(self, value: Any, switches: Switches) -> Any:
        object.__setattr__(self, "use_tz", settings.USE_TZ)
        return super().to_local_time(value, switches)

    def now(self, switches: Switches) -> Any:
        object.__setattr__(self, "use_tz", settings.USE_TZ)
        return super().now(switches)

    def format(self, name: str, language: str | None, use_l10n: bool | None = None) -> Any:
        return formats.get_format(name, use_l10n=use_l10n)

    def format_number(self, *args: Any, **kwargs: Any) -> str:
        object.__setattr__(self, "use_thousand_separator", settings.USE_THOUSAND_SEPARATOR)
        return super().format_number(*args, **kwargs)

    def info(self, code: str) -> dict[str, Any]:
        return dict(translation.get_language_info(code))

    def speaking(self, language: str | None) -> AbstractContextManager[Any]:
        override: AbstractContextManager[Any] = translation.override(language)
        return override

    def being_in(self, zone: Any) -> AbstractContextManager[Any]:
        override: AbstractContextManager[Any] = timezone.override(zone)
        return override

    def translate(self, text: str, language: str | None, context: str | None = None) -> str:
        found = translation.pgettext(context, text) if context else translation.gettext(text)
        return str(found) if not hasattr(found, "__html__") else found

    def translate_plural(
        self, one: str, many: str, count: Any, language: str | None, context: str | None = None
    ) -> str:
        if context:
            return str(translation.npgettext(context, one, many, count))
        return str(translation.ngettext(one, many, count))


class _NoMatch(NoReverseMatchError, NoReverseMatch):  # type: ignore[misc]  # noqa: N818
    """Both of them."""


class DjangoUrls:
    def reverse(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], context: Context
    ) -> str:
        request = context.request
        match = getattr(request, "resolver_match", None)
        current = getattr(request, "current_app", match.namespace if match is not None else None)
        try:
            return str(reverse(name, args=args, kwargs=kwargs, current_app=current))
        except NoReverseMatch as error:
            raise _NoMatch(*error.args) from None


class _Fragments:
    def __init__(self, using: str | None) -> None:
        try:
            self._cache = caches[using or "template_fragments"]
        except InvalidCacheBackendError:
            if using:
                raise TemplateSyntaxError(
                    f"Invalid cache name specified for cache tag: {using!r}"
                ) from None
            self._cache = caches["default"]

    def get(self, key: str) -> str | None:
        found: str | None = self._cache.get(key)
        return found

    def set(self, key: str, value: str, seconds: float | None) -> None:
        self._cache.set(key, value, seconds)


def site() -> Site:
    """What Django's settings say."""
    return Site(
        urls=DjangoUrls(),
        static_url=settings.STATIC_URL or "",
        media_url=settings.MEDIA_URL,
        fragments=_Fragments,
    )


class EngineEnvironment(TemplateEnvironment):
    """Our environment for one Django `Engine`, which still finds the sources."""

    def __init__(self, django_engine: Any) -> None:
        self.engine = django_engine
        super().__init__(
            libraries=_libraries(django_engine),
            builtins=_builtins(django_engine),
            locale=DjangoLocale(languages=tuple(settings.LANGUAGES)),
            escapes=django_engine.autoescape,
            string_if_invalid=django_engine.string_if_invalid,
        )

    @property
    def debug(self) -> bool:
        return bool(settings.DEBUG)

    @debug.setter
    def debug(self, value: bool) -> None:
        """Django's setting decides."""

    @property
    def site(self) -> Site:
        return site()

    @site.setter
    def site(self, value: Site) -> None:
        """Django's settings decide."""

    def template(self, name: str) -> SiteTemplate:
        return self.ours(self.engine.get_template(name))

    def first_template(self, names: Sequence[str]) -> SiteTemplate:
        return self.ours(self.engine.select_template(list(names)))

    def parent(self, name: str, history: list[Any]) -> SiteTemplate:
        found, origin = self.engine.find_template(name, skip=history)
        history.append(origin)
        return self.ours(found)

    def as_template(self, value: object) -> SiteTemplate | None:
        if isinstance(value, base.Template):
            return self.ours(value)
        inner = getattr(value, "template", None)
        return self.ours(inner) if isinstance(inner, base.Template) else None

    def ours(self, template: Any) -> SiteTemplate:
        found: SiteTemplate = template.nodelist.compiled
        return found


def _libraries(django_engine: Any) -> Iterator[Library]:
    ours = {library.name: library for library in DJANGO}
    for name, path in django_engine.libraries.items():
        if path in OURS:
            yield ours[path.rpartition(".")[2]]
        else:
            yield converted(name, django_engine.template_libraries[name])


def _builtins(django_engine: Any) -> Iterator[Library]:
    ours = {library.name: library for library in DJANGO}
    for path, library in zip(django_engine.builtins, django_engine.template_builtins, strict=True):
        name = path.rpartition(".")[2]
        if path in OURS:
            if name in ours:
                yield ours[name]
        else:
            yield converted(path.replace(".", "_"), library)


class EngineTemplate(SiteTemplate):
    """Told apart by Django's origin."""

    django: Any

    @property
    def identity(self) -> Any:
        return self.django.origin


class Compiled(base.NodeList):  # type: ignore[misc]
    """What Django has as the nodes of a template."""

    def __init__(self, template: Any) -> None:
        super().__init__()
        self._environment = environment_of(template.engine)
        name = template.name
        file = str(template.origin) if template.origin else name or "<string>"
        with _as_django():
            source = convert(str(template.source), file, self._environment.known, name)
            self._environment.site_functions.update(NODES)
            code = self._environment.compile(source, name, file)
        globals_ = self._environment.make_globals(None)
        compiled: Any = EngineTemplate.from_code(self._environment, code, globals_)
        compiled.django = template
        self.compiled = compiled

    def render(self, context: Any) -> Any:
        used.append("render")
        names = dict(context.flatten())
        ours = Context(
            self._environment,
            names,
            request=getattr(context, "request", None),
            autoescape=context.autoescape,
            use_l10n=context.use_l10n,
            use_tz=context.use_tz,
        )
        with _as_django():
            text = self.compiled.render_context(ours)
        for name in ours.scopes[0].keys() & ours.vars.keys():
            context[name] = ours.vars[name]
        return text


def environment_of(django_engine: Any) -> EngineEnvironment:
    found: EngineEnvironment | None = django_engine.__dict__.get("_ours")
    if found is None:
        found = django_engine.__dict__["_ours"] = EngineEnvironment(django_engine)
    return found


@contextmanager
def _as_django() -> Iterator[None]:
    """Our errors as Django's of the same meaning."""
    try:
        yield
    except faults.TemplateFaultsError as error:
        raise TemplateSyntaxError(error.faults[0].problem) from error
    except jinja2.TemplateNotFound as error:
        raise TemplateDoesNotExist(str(error)) from error
    except (jinja2.TemplateSyntaxError, faults.RenderingError) as error:
        raise TemplateSyntaxError(getattr(error, "message", None) or str(error)) from error
    except faults.VariableDoesNotExistError as error:
        raise base.VariableDoesNotExist(str(error)) from error


def install() -> None:
    """Replace the engine, for good."""

    def compile_nodelist(template: Any) -> Compiled:
        used.append("compile")
        return Compiled(template)

    base.Template.compile_nodelist = compile_nodelist
