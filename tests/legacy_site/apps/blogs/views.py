"""The newest entry at length, and the titles of those before it."""

from django.views.generic import TemplateView

from legacy_site.apps.blogs.models import BlogEntry

SHOWN = 6


class BlogHome(TemplateView):
    template_name = "blogs/index.html"

    def get_context_data(self, **kwargs):
        entries = list(BlogEntry.objects.order_by("-pub_date", "-pk")[:SHOWN])
        latest = entries[0] if entries else None
        return super().get_context_data(latest_entry=latest, entries=entries[1:], **kwargs)
