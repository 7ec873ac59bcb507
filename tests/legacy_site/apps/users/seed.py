"""Accounts of the data set; the README of the project tells their passwords."""

from datetime import UTC, date, datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from rest_framework.authtoken.models import Token
from tastypie.models import ApiKey

from legacy_site.apps.cms.seeding import SEEDED_AT, put
from legacy_site.apps.users.models import Membership, User, UserGroup

# Hashes made once of admin-1, pw-1-1 and staff-1: hashing takes a second for each.
_PASSWORDS = {
    "admin1": "pbkdf2_sha256$1000000$SeedOfAdmin1$EY4+VLiAQ1x2mXiwJUU6FPW9rQ5shVNZEAVolkZWTiQ=",
    "u1_1": "pbkdf2_sha256$1000000$SeedOfU11$9ICjcgn8ZWfCw2iz+mrrU3Ok/3DbB7cx13cth+tX9Ak=",
    "staff1": "pbkdf2_sha256$1000000$SeedOfStaff1$dSu1DO/m4wA45OhS+gXjUyYnjobMutYbrYzzXAucbI8=",
}
_API_KEYS = {
    "admin1": "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
    "u1_1": "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2",
    "staff1": "c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
}
_TOKENS = {
    "admin1": "1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a",
    "u1_1": "2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b",
    "staff1": "3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c",
}
_STAFF_APPS = ("boxes", "downloads", "pages")


def seed() -> None:
    admin = _user(
        "admin1",
        "Ada",
        "Administrator",
        is_staff=True,
        is_superuser=True,
        bio="Keeps the site running. **Ask me** about releases.",
    )
    member = _user("u1_1", "Ulla", "Member", bio="Writes small programs & short stories.")
    staff = _user("staff1", "Stan", "Staff", is_staff=True, public_profile=False)
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label__in=_STAFF_APPS))
    _group(admin)
    _membership(member)
    _user_groups()


def _user(username: str, first_name: str, last_name: str, **values) -> User:
    email = f"{username}@example.org"
    values = {"is_staff": False, "is_superuser": False, "public_profile": True, **values}
    user = put(
        User,
        {"username": username},
        first_name=first_name,
        last_name=last_name,
        email=email,
        password=_PASSWORDS[username],
        date_joined=SEEDED_AT,
        **values,
    )
    put(EmailAddress, {"user": user, "email": email}, verified=True, primary=True)
    put(ApiKey, {"user": user}, key=_API_KEYS[username], created=SEEDED_AT)
    # The key is the primary key: the row that the signal made has another one.
    Token.objects.exclude(key=_TOKENS[username]).filter(user=user).delete()
    put(Token, {"key": _TOKENS[username]}, user=user)
    Token.objects.filter(user=user).update(created=SEEDED_AT)
    return user


def _group(user: User) -> None:
    group = put(Group, {"name": "Job Board Admin"})
    group.permissions.set(Permission.objects.filter(codename="can_moderate_jobs"))
    user.groups.set([group])


def _membership(user: User) -> None:
    put(
        Membership,
        {"creator": user},
        membership_type=Membership.Type.CONTRIBUTING,
        legal_name="Ulla Member",
        preferred_name="Ulla",
        email_address=user.email,
        city="Utrecht",
        region="UT",
        country="Netherlands",
        postal_code="3511 AA",
        psf_code_of_conduct=True,
        votes=True,
        last_vote_affirmation=datetime(2025, 11, 3, 18, 0, tzinfo=UTC),
    )


def _user_groups() -> None:
    put(
        UserGroup,
        {"name": "Utrecht Python Evenings"},
        location="Utrecht, Netherlands",
        url="https://utrecht.example.org/",
        url_type=UserGroup.UrlType.MEETUP,
        start_date=date(2014, 3, 12),
        approved=True,
        trusted=True,
    )
    put(
        UserGroup,
        {"name": "Py on the Prairie"},
        location="Saskatoon, Canada",
        url="https://lists.example.org/prairie",
        url_type=UserGroup.UrlType.DISTRIBUTION_LIST,
    )
