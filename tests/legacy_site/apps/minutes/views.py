"""The archive of minutes. Staff see drafts, too."""

from datetime import date

from django.contrib.syndication.views import Feed
from django.http import Http404
from django.urls import reverse_lazy
from django.views.generic import DetailView, ListView

from legacy_site.apps.minutes.models import Minutes

FEED_LENGTH = 20


class _Visible:
    """What this visitor may see."""

    model = Minutes

    def get_queryset(self):
        minutes = Minutes.objects.all()
        return minutes if self.request.user.is_staff else minutes.filter(is_published=True)


class MinutesList(_Visible, ListView):
    template_name = "minutes/minutes_list.html"
    context_object_name = "minutes_list"
    ordering = ("-date", "-pk")

    def get_queryset(self):
        return super().get_queryset().order_by(*self.ordering)


class MinutesDetail(_Visible, DetailView):
    template_name = "minutes/minutes_detail.html"
    context_object_name = "minutes"

    def get_object(self, queryset=None):
        try:
            day = date(*(int(self.kwargs[part]) for part in ("year", "month", "day")))
            return self.get_queryset().get(date=day)
        except (ValueError, Minutes.DoesNotExist):
            raise Http404("there was no meeting on that day") from None

    def get_context_data(self, **kwargs):
        year = Minutes.objects.filter(date__year=self.object.date.year).order_by("date", "pk")
        return super().get_context_data(same_year_minutes=year, **kwargs)


class MinutesFeed(Feed):
    """The newest that are published."""

    title = "PSF Board Meeting Minutes Feed"
    description = "PSF Board Meeting Minutes"
    link = reverse_lazy("minutes_list")

    def items(self):
        return Minutes.objects.filter(is_published=True).order_by("-date", "-pk")[:FEED_LENGTH]

    def item_title(self, minutes: Minutes) -> str:
        return f"PSF Meeting Minutes for {minutes.date}"

    def item_description(self, minutes: Minutes) -> str:
        return minutes.content.rendered

    def item_pubdate(self, minutes: Minutes):
        return minutes.midnight
