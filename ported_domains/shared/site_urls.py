"""`{% url %}`: by the legacy project's patterns where its manifest is known, then by the native URL
table, then by what is known of pages that the native side has not."""

from collections.abc import Mapping, Sequence
from typing import Any

from legacy_bridge.templates.site import NoReverseMatchError
from legacy_bridge.templates.site import Urls as TemplateUrls
from ported_domains.shared import resolver


class SiteUrls:
    """The namespace of the page that asks is the context's `current_app`."""

    def __init__(
        self,
        urls: resolver.Urls,
        elsewhere: Mapping[str, str],
        project: TemplateUrls | None = None,
    ) -> None:
        """`elsewhere` has the paths of names without arguments."""
        self._urls = urls
        self._elsewhere = elsewhere
        self._project = project

    def reverse(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], context: Any
    ) -> str:
        if self._project is not None:
            try:
                return self._project.reverse(name, args, kwargs, context)
            except NoReverseMatchError:
                pass
        try:
            return self._urls.reverse(name, context.get("current_app") or "", *args, **kwargs)
        except resolver.NoReverseMatchError as error:
            if name in self._elsewhere and not args and not kwargs:
                return self._elsewhere[name]
            raise NoReverseMatchError(str(error)) from None
