"""The same, but pages in the default language have none in their URL."""

from django.conf.urls.i18n import i18n_patterns

from tests.legacy_bridge.django.language.answers.urls_all import OUTSIDE, PAGES

urlpatterns = [*OUTSIDE, *i18n_patterns(*PAGES, prefix_default_language=False)]
