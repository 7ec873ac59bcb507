from django.conf import settings
from django.db import models
from django.utils.text import slugify

from legacy_site.apps.cms.models import MarkupField


class ElectionKind(models.Model):
    class NominationForm(models.TextChoices):
        BOARD = "board", "PSF Board"
        PACKAGING_COUNCIL = "packaging_council", "Packaging Council"

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=120, unique=True, null=True, blank=True)
    accent_color = models.CharField(max_length=25, default="#0073b7")
    nomination_form = models.CharField(
        max_length=32, choices=NominationForm.choices, default=NominationForm.BOARD
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs):
        self.slug = slugify(self.name)
        return super().save(**kwargs)


class Election(models.Model):
    kind = models.ForeignKey(
        ElectionKind, models.SET_NULL, related_name="elections", null=True, blank=True
    )
    name = models.CharField(max_length=100)
    date = models.DateField()
    nominations_open_at = models.DateTimeField(null=True, blank=True)
    nominations_close_at = models.DateTimeField(null=True, blank=True)
    description = MarkupField(markup_type="markdown", null=True)
    hide_previous_service = models.BooleanField(default=False)
    slug = models.SlugField(max_length=255, null=True, blank=True)

    class Meta:
        ordering = ("-date",)

    def __str__(self) -> str:
        return f"{self.name} - {self.date}"

    def save(self, **kwargs):
        self.slug = slugify(self.name)
        return super().save(**kwargs)


class Nominee(models.Model):
    election = models.ForeignKey(Election, models.CASCADE, related_name="nominees")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        # Spelt as the templates of the real site spell it.
        related_name="nominations_recieved",
        null=True,
        blank=True,
    )
    accepted = models.BooleanField(default=False)
    approved = models.BooleanField(default=False)
    slug = models.SlugField(max_length=255, null=True, blank=True)

    class Meta:
        unique_together = (("user", "election"),)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.user.first_name} {self.user.last_name}"

    def save(self, **kwargs):
        self.slug = slugify(self.name)
        return super().save(**kwargs)


class Nomination(models.Model):
    election = models.ForeignKey(Election, models.CASCADE)
    nominator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="nominations_made"
    )
    nominee = models.ForeignKey(
        Nominee, models.CASCADE, related_name="nominations", null=True, blank=True
    )
    name = models.CharField(max_length=1024, null=True)
    email = models.CharField(max_length=1024, null=True)
    previous_board_service = models.CharField(max_length=1024, null=True)
    employer = models.CharField(max_length=1024, null=True)
    other_affiliations = models.CharField(max_length=2048, null=True, blank=True)
    nomination_statement = MarkupField(markup_type="markdown", null=True)
    accepted = models.BooleanField(default=False)
    approved = models.BooleanField(default=False)
    coc_acknowledged = models.BooleanField("Code of Conduct acknowledged", default=False)
    mission_alignment = models.BooleanField(default=False)
    eligibility_confirmed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"
