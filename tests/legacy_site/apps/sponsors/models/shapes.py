"""Abstract models of the sponsors app."""

from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Max

YEAR_RANGE = (MinValueValidator(2022), MaxValueValidator(2050))


class Ordered(models.Model):
    """Rows in an order that people choose; a new row comes last."""

    order = models.PositiveIntegerField(editable=False, db_index=True)

    class Meta:
        abstract = True
        ordering = ("order",)

    def save(self, **kwargs):
        if self.order is None:
            last = type(self).objects.aggregate(last=Max("order"))["last"]
            self.order = 0 if last is None else last + 1
        return super().save(**kwargs)


class Polymorphic(models.Model):
    """The base of a family of tables; each row names the class whose table completes it."""

    polymorphic_ctype = models.ForeignKey(
        ContentType,
        models.CASCADE,
        related_name="polymorphic_%(app_label)s.%(class)s_set+",
        null=True,
        editable=False,
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.polymorphic_ctype.name} {self.pk}"

    def save(self, **kwargs):
        if self.polymorphic_ctype_id is None:
            self.polymorphic_ctype = ContentType.objects.get_for_model(self)
        return super().save(**kwargs)


class Publisher(models.TextChoices):
    FOUNDATION = "psf", "Foundation"
    PYCON = "pycon", "Pycon"
    PYPI = "pypi", "Pypi"
    CORE_DEV = "core", "Core Dev"


class LogoPlace(models.TextChoices):
    SIDEBAR = "sidebar", "Sidebar"
    SPONSORS_PAGE = "sponsors", "Sponsors Page"
    JOBS = "jobs", "Jobs"
    BLOG = "blogpost", "Blog"
    FOOTER = "footer", "Footer"
    DOCS = "docs", "Docs"
    DOWNLOAD_PAGE = "download", "Download Page"
    DEV_GUIDE = "devguide", "Dev Guide"


class LogoPlacementShape(models.Model):
    publisher = models.CharField(max_length=30, choices=Publisher.choices)
    logo_place = models.CharField(max_length=30, choices=LogoPlace.choices)
    link_to_sponsors_page = models.BooleanField(default=False)
    describe_as_sponsor = models.BooleanField(default=False)

    class Meta:
        abstract = True


class TieredBenefitShape(models.Model):
    package = models.ForeignKey("sponsors.SponsorshipPackage", models.CASCADE)
    quantity = models.PositiveIntegerField()
    display_label = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        abstract = True


class AssetShape(models.Model):
    """What a sponsor gives or gets: the text around it. Its value is a `GenericAsset`."""

    class RelatedTo(models.TextChoices):
        SPONSOR = "sponsor", "Sponsor"
        SPONSORSHIP = "sponsorship", "Sponsorship"

    related_to = models.CharField(max_length=30, choices=RelatedTo.choices)
    internal_name = models.CharField(max_length=128, db_index=True)
    label = models.CharField(max_length=256)
    help_text = models.CharField(max_length=256, blank=True, default="")

    class Meta:
        abstract = True


class RequiredAssetShape(AssetShape):
    due_date = models.DateField(null=True, blank=True)

    class Meta(AssetShape.Meta):
        abstract = True


class RequiredImgAssetShape(RequiredAssetShape):
    min_width = models.PositiveIntegerField()
    max_width = models.PositiveIntegerField()
    min_height = models.PositiveIntegerField()
    max_height = models.PositiveIntegerField()

    class Meta(RequiredAssetShape.Meta):
        abstract = True


class RequiredTextAssetShape(RequiredAssetShape):
    max_length = models.IntegerField(null=True, blank=True)

    class Meta(RequiredAssetShape.Meta):
        abstract = True


class ProvidedTextAssetShape(AssetShape):
    shared = models.BooleanField(default=False)
    shared_text = models.TextField(null=True, blank=True)

    class Meta(AssetShape.Meta):
        abstract = True


class ProvidedFileAssetShape(AssetShape):
    shared = models.BooleanField(default=False)
    shared_file = models.FileField(null=True, blank=True)

    class Meta(AssetShape.Meta):
        abstract = True
