from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_duration

from legacy_site.apps.cms.models import ContentManageable, MarkupField, NameSlugModel

_UNITS = {"min": "minutes", "minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}


def duration(text: str) -> timedelta:
    """`15 min`, `2 hours`, `1 day 6 hours` or Django's own form of a duration."""
    words = text.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    try:
        return timedelta(**{_UNITS[unit.rstrip("s")]: float(number) for number, unit in pairs})
    except (KeyError, ValueError):
        return parse_duration(text) or _refuse(text)


def _refuse(text: str):
    raise ValidationError(f"“{text}” is not a duration such as “15 min” or “1 day 6 hours”.")


class Calendar(ContentManageable):
    url = models.URLField("URL iCal", null=True, blank=True)
    rss = models.URLField("RSS Feed", null=True, blank=True)
    embed = models.URLField("URL embed", null=True, blank=True)
    twitter = models.URLField("Twitter feed", null=True, blank=True)
    name = models.CharField(max_length=100)
    slug = models.SlugField(unique=True)
    description = models.CharField(max_length=255, null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class EventCategory(NameSlugModel):
    calendar = models.ForeignKey(
        Calendar, models.CASCADE, related_name="categories", null=True, blank=True
    )

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "event categories"


class EventLocation(models.Model):
    calendar = models.ForeignKey(
        Calendar, models.CASCADE, related_name="locations", null=True, blank=True
    )
    name = models.CharField(max_length=255)
    address = models.CharField(max_length=255, null=True, blank=True)
    url = models.URLField("URL", null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Event(ContentManageable):
    uid = models.CharField(max_length=200, null=True, blank=True)
    title = models.CharField(max_length=200)
    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="events")
    description = MarkupField()
    venue = models.ForeignKey(
        EventLocation, models.CASCADE, related_name="events", null=True, blank=True
    )
    categories = models.ManyToManyField(EventCategory, related_name="events", blank=True)
    featured = models.BooleanField(default=False, db_index=True)

    class Meta:
        ordering = ("-occurring_rule__dt_start",)

    def __str__(self) -> str:
        return self.title


class OccurringRule(models.Model):
    """An event that takes place once."""

    event = models.OneToOneField(Event, models.CASCADE, related_name="occurring_rule")
    dt_start = models.DateTimeField(default=timezone.now)
    dt_end = models.DateTimeField(default=timezone.now)
    all_day = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.event.title} on {self.dt_start:%Y-%m-%d}"


class RecurringRule(models.Model):
    """An event that takes place again and again between `begin` and `finish`."""

    class Frequency(models.IntegerChoices):
        YEARLY = 0
        MONTHLY = 1
        WEEKLY = 2
        DAILY = 3

    event = models.ForeignKey(Event, models.CASCADE, related_name="recurring_rules")
    begin = models.DateTimeField(default=timezone.now)
    finish = models.DateTimeField(default=timezone.now)
    duration_internal = models.DurationField(default=timedelta(minutes=15), editable=False)
    duration = models.CharField(max_length=50, default="15 min", validators=[duration])
    interval = models.PositiveSmallIntegerField(default=1)
    # Any number is taken: the rows of the real site hold them.
    frequency = models.PositiveSmallIntegerField(default=Frequency.WEEKLY)
    all_day = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.event.title} from {self.begin:%Y-%m-%d} until {self.finish:%Y-%m-%d}"

    def save(self, **kwargs):
        self.duration_internal = duration(self.duration)
        return super().save(**kwargs)


class Alarm(ContentManageable):
    event = models.ForeignKey(Event, models.CASCADE)
    trigger = models.PositiveSmallIntegerField("hours before the event", default=24)

    def __str__(self) -> str:
        return f"Alarm for {self.event.title}"
