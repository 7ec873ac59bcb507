"""Who sponsors, what they bought and the contract about it."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import FileExtensionValidator
from django.db import models

from legacy_site.apps.cms.models import ContentManageable, MarkupField
from legacy_site.apps.sponsors.models.assets import GenericAsset
from legacy_site.apps.sponsors.models.catalogue import (
    SponsorshipBenefit,
    SponsorshipPackage,
    SponsorshipProgram,
)
from legacy_site.apps.sponsors.models.shapes import YEAR_RANGE, Ordered


class Sponsor(ContentManageable):
    name = models.CharField(max_length=100)
    description = models.TextField()
    landing_page_url = models.URLField(null=True, blank=True)
    twitter_handle = models.CharField(max_length=32, null=True, blank=True)
    linked_in_page_url = models.URLField(null=True, blank=True)
    web_logo = models.ImageField(upload_to="sponsor_web_logos")
    white_logo = models.ImageField(upload_to="sponsor_white_logos", null=True, blank=True)
    print_logo = models.FileField(
        upload_to="sponsor_print_logos",
        null=True,
        blank=True,
        validators=[FileExtensionValidator(["eps", "epsf", "epsi", "svg", "png"])],
    )
    primary_phone = models.CharField(max_length=32)
    mailing_address_line_1 = models.CharField(max_length=128, default="")
    mailing_address_line_2 = models.CharField(max_length=128, blank=True, default="")
    city = models.CharField(max_length=64, default="")
    state = models.CharField(max_length=64, blank=True, default="")
    postal_code = models.CharField(max_length=64, default="")
    country = models.CharField(max_length=2, default="", help_text="ISO code, such as NL.")
    country_of_incorporation = models.CharField(max_length=2, null=True, blank=True)
    state_of_incorporation = models.CharField(max_length=64, null=True, blank=True, default="")
    assets = GenericRelation(GenericAsset)

    class Meta:
        verbose_name = "sponsor"
        verbose_name_plural = "sponsors"

    def __str__(self) -> str:
        return self.name


class SponsorContact(models.Model):
    sponsor = models.ForeignKey(Sponsor, models.CASCADE, related_name="contacts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)
    primary = models.BooleanField(default=False)
    administrative = models.BooleanField(default=False)
    accounting = models.BooleanField(default=False)
    manager = models.BooleanField(default=False)
    name = models.CharField(max_length=100)
    email = models.EmailField(max_length=256)
    phone = models.CharField(max_length=32)

    def __str__(self) -> str:
        return f"{self.name} of {self.sponsor}"


class Sponsorship(models.Model):
    class Status(models.TextChoices):
        APPLIED = "applied", "Applied"
        REJECTED = "rejected", "Rejected"
        APPROVED = "approved", "Approved"
        FINALIZED = "finalized", "Finalized"

    # Spelt as in the column.
    submited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )
    sponsor = models.ForeignKey(Sponsor, models.SET_NULL, null=True)
    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.APPLIED, db_index=True
    )
    locked = models.BooleanField(default=False)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    applied_on = models.DateField(auto_now_add=True)
    approved_on = models.DateField(null=True, blank=True)
    rejected_on = models.DateField(null=True, blank=True)
    finalized_on = models.DateField(null=True, blank=True)
    year = models.PositiveIntegerField(null=True, blank=True, db_index=True, validators=YEAR_RANGE)
    for_modified_package = models.BooleanField(default=False)
    level_name_old = models.CharField("Level name", max_length=64, blank=True, default="")
    package = models.ForeignKey(SponsorshipPackage, models.SET_NULL, null=True)
    sponsorship_fee = models.PositiveIntegerField(null=True, blank=True)
    overlapped_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True)
    renewal = models.BooleanField(null=True, blank=True)
    assets = GenericRelation(GenericAsset)

    class Meta:
        permissions = (("sponsor_publisher", "Can access sponsor placement API"),)

    def __str__(self) -> str:
        text = f"{self.level_name} - {self.year} - ({self.get_status_display()})"
        text += f" for sponsor {self.sponsor.name if self.sponsor else None}"
        if self.start_date and self.end_date:
            text += f" [{self.start_date:%m/%d/%Y} - {self.end_date:%m/%d/%Y}]"
        return text

    @property
    def level_name(self) -> str:
        return self.package.name if self.package else self.level_name_old


class SponsorBenefit(Ordered):
    """A benefit as it was when the sponsorship was applied for."""

    sponsorship = models.ForeignKey(Sponsorship, models.CASCADE, related_name="benefits")
    sponsorship_benefit = models.ForeignKey(
        SponsorshipBenefit, models.SET_NULL, null=True, blank=True
    )
    program_name = models.CharField(max_length=1024)
    name = models.CharField(max_length=1024)
    description = models.TextField(null=True, blank=True)
    program = models.ForeignKey(SponsorshipProgram, models.SET_NULL, null=True)
    benefit_internal_value = models.PositiveIntegerField(null=True, blank=True)
    added_by_user = models.BooleanField(default=False, blank=True)
    standalone = models.BooleanField(default=False, blank=True)

    def __str__(self) -> str:
        return f"{self.program_name} > {self.name}"


class Contract(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        OUTDATED = "outdated", "Outdated"
        AWAITING_SIGNATURE = "awaiting signature", "Awaiting Signature"
        EXECUTED = "executed", "Executed"
        NULLIFIED = "nullified", "Nullified"

    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.DRAFT, db_index=True
    )
    revision = models.PositiveIntegerField(default=0)
    document = models.FileField(upload_to="sponsors/contracts/", blank=True)
    document_docx = models.FileField(upload_to="sponsors/contracts/docx/", blank=True)
    signed_document = models.FileField(upload_to="sponsors/contracts/signed/", blank=True)
    sponsorship = models.OneToOneField(
        Sponsorship, models.SET_NULL, related_name="contract", null=True
    )
    sponsor_info = models.TextField()
    sponsor_contact = models.TextField()
    benefits_list = MarkupField(markup_type="markdown")
    legal_clauses = MarkupField(markup_type="markdown", blank=True, default="")
    created_on = models.DateField(auto_now_add=True)
    last_update = models.DateField(auto_now=True)
    sent_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Contract: {self.sponsorship}"


class SponsorEmailNotificationTemplate(models.Model):
    internal_name = models.CharField(max_length=128)
    subject = models.CharField(max_length=128)
    content = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "Sponsor Email Notification Template"
        verbose_name_plural = "Sponsor Email Notification Templates"

    def __str__(self) -> str:
        return f"Email template: {self.internal_name}"
