"""What can be bought, year by year."""

from django.db import models
from django.db.models import Value

from legacy_site.apps.sponsors.models.shapes import YEAR_RANGE, Ordered


class SponsorshipProgram(Ordered):
    name = models.CharField(max_length=64)
    description = models.TextField(null=True, blank=True)

    class Meta(Ordered.Meta):
        verbose_name = "Sponsorship Program"
        verbose_name_plural = "Sponsorship Programs"

    def __str__(self) -> str:
        return self.name


class SponsorshipPackage(Ordered):
    name = models.CharField(max_length=64)
    sponsorship_amount = models.PositiveIntegerField(help_text="List price in US dollars.")
    advertise = models.BooleanField(default=False)
    logo_dimension = models.PositiveIntegerField(default=175)
    slug = models.SlugField()
    year = models.PositiveIntegerField(null=True, blank=True, db_index=True, validators=YEAR_RANGE)
    allow_a_la_carte = models.BooleanField(default=True)

    class Meta(Ordered.Meta):
        ordering = ("-year", "order")

    def __str__(self) -> str:
        return f"{self.name} ({self.year})"


class LegalClause(Ordered):
    internal_name = models.CharField(max_length=1024)
    clause = models.TextField()
    notes = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.internal_name


class SponsorshipBenefit(Ordered):
    name = models.CharField(max_length=1024)
    description = models.TextField(null=True, blank=True)
    program = models.ForeignKey(SponsorshipProgram, models.CASCADE)
    packages = models.ManyToManyField(SponsorshipPackage, related_name="benefits", blank=True)
    package_only = models.BooleanField(default=False)
    new = models.BooleanField(default=False)
    unavailable = models.BooleanField(default=False)
    standalone = models.BooleanField(default=False)
    legal_clauses = models.ManyToManyField(LegalClause, related_name="benefits", blank=True)
    internal_description = models.TextField(null=True, blank=True)
    internal_value = models.PositiveIntegerField(null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    soft_capacity = models.BooleanField(default=False)
    conflicts = models.ManyToManyField("self", symmetrical=True, blank=True)
    year = models.PositiveIntegerField(null=True, blank=True, db_index=True, validators=YEAR_RANGE)

    def __str__(self) -> str:
        return f"{self.program} > {self.name} ({self.year})"


class SponsorshipCurrentYear(models.Model):
    year = models.PositiveIntegerField(validators=YEAR_RANGE)

    class Meta:
        verbose_name = "Active Year"
        verbose_name_plural = "Active Year"
        constraints = (
            # The table holds one row.
            models.UniqueConstraint(Value(True), name="sponsorship_current_year_singleton_idx"),
        )

    def __str__(self) -> str:
        return f"Active year: {self.year}"
