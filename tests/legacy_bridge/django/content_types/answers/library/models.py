"""A table, a child with a table of its own, and proxies of both, one of them in another app."""

# Django comes without types.
# mypy: disable-error-code="misc"

from django.contrib.auth.models import Group
from django.db import models


class Book(models.Model):
    title = models.TextField()


class LentBook(Book):
    """With a second table."""


class OldBook(Book):
    class Meta:
        proxy = True


class VeryOldBook(OldBook):
    class Meta:
        proxy = True
        default_permissions = ("view",)


class Shelf(Group):
    class Meta:
        proxy = True
