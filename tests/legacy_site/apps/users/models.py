from datetime import timedelta

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from legacy_site.apps.cms.models import MarkupField

username_validators = [
    RegexValidator(
        r"\A[a-zA-Z0-9@.+_-]+\Z",
        "Use only unaccented letters, digits and the characters @ . + - _",
    )
]


class SiteUserManager(UserManager):
    def searchable(self):
        return self.filter(
            is_active=True,
            public_profile=True,
            search_visibility=User.SearchVisibility.PUBLIC,
        )

    def get_by_natural_key(self, username):
        """Names are unique as written, but people may sign in with any casing."""
        try:
            return self.get(username=username)
        except self.model.DoesNotExist:
            return self.get(username__iexact=username)


class User(AbstractUser):
    class SearchVisibility(models.IntegerChoices):
        PUBLIC = 1, "Search engines may list my profile page (recommended)"
        PRIVATE = 0, "Search engines may not list my profile page"

    class EmailPrivacy(models.IntegerChoices):
        PUBLIC = 0, "Everybody can see my e-mail address"
        PRIVATE = 1, "Users who are signed in can see my e-mail address"
        NEVER = 2, "Nobody can see my e-mail address"

    bio = MarkupField(blank=True, markup_type="markdown", escaped=True)
    search_visibility = models.IntegerField(
        choices=SearchVisibility.choices, default=SearchVisibility.PUBLIC
    )
    email_privacy = models.IntegerField(
        "E-mail privacy", choices=EmailPrivacy.choices, default=EmailPrivacy.NEVER
    )
    public_profile = models.BooleanField("Make my profile public", default=True)

    objects = SiteUserManager()

    class Meta(AbstractUser.Meta):
        # The names of the real site's permissions and content type.
        verbose_name, verbose_name_plural = "user", "users"

    def get_absolute_url(self) -> str:
        return reverse("users:user_detail", args=[self.username])

    @property
    def has_membership(self) -> bool:
        return hasattr(self, "membership")


class Membership(models.Model):
    class Type(models.IntegerChoices):
        BASIC = 0, "Basic Member"
        SUPPORTING = 1, "Supporting Member"
        SPONSOR = 2, "Sponsor Member"
        CONTRIBUTING = 4, "Contributing Member"
        FELLOW = 5, "Fellow"

    membership_type = models.IntegerField(choices=Type.choices, default=Type.BASIC)
    legal_name = models.CharField(max_length=100)
    preferred_name = models.CharField(max_length=100)
    email_address = models.EmailField(max_length=100)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField("State, Province or Region", max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    psf_code_of_conduct = models.BooleanField(
        "I agree to the PSF Code of Conduct", null=True, blank=True
    )
    psf_announcements = models.BooleanField(
        "I would like to receive announcements", null=True, blank=True
    )
    votes = models.BooleanField("I would like to vote", default=False)
    last_vote_affirmation = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, blank=True)
    updated = models.DateTimeField(default=timezone.now, blank=True)
    creator = models.OneToOneField(
        User, models.CASCADE, related_name="membership", null=True, blank=True
    )

    def __str__(self) -> str:
        if self.creator:
            return f"Membership for user: {self.creator.username}"
        return f"Membership '{self.legal_name}'"

    def save(self, **kwargs):
        self.updated = timezone.now()
        if self.votes and self.last_vote_affirmation is None:
            self.last_vote_affirmation = timezone.now()
        return super().save(**kwargs)

    @property
    def higher_level_member(self) -> bool:
        return self.membership_type != self.Type.BASIC

    @property
    def needs_vote_affirmation(self) -> bool:
        if not (self.votes and self.last_vote_affirmation):
            return False
        return self.last_vote_affirmation < timezone.now() - timedelta(days=366)


class UserGroup(models.Model):
    class UrlType(models.TextChoices):
        MEETUP = "meetup", "Meetup"
        DISTRIBUTION_LIST = "distribution list", "Distribution List"
        OTHER = "other", "Other"

    name = models.CharField(max_length=255)
    location = models.CharField(max_length=255)
    url = models.URLField("URL")
    url_type = models.CharField(max_length=20, choices=UrlType.choices)
    start_date = models.DateField(null=True, blank=True)
    approved = models.BooleanField(default=False)
    trusted = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name
