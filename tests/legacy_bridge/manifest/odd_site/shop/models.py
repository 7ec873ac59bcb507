"""Every kind of column and relation."""

# mypy: disable-error-code="misc"
# Django is not typed, so its models are classes of nothing known.

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.functional import lazystr


def default_name() -> str:
    return "made"


class Kind(models.IntegerChoices):
    BOOK = 1, "A book"
    TOY = 2, "A toy"


class Named(models.Model):
    """Abstract, so without a table."""

    name = models.CharField(max_length=50, default=default_name)

    class Meta:
        abstract = True


class Maker(Named):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)


class Item(Named):
    kind = models.IntegerField(choices=Kind.choices, default=Kind.BOOK)
    group = models.CharField(max_length=9, blank=True, choices=[("G", [("g", "in a group")])])
    price = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    maker = models.ForeignKey(Maker, models.PROTECT, related_name="made", db_column="made_by")
    owner = models.ForeignKey(User, models.SET(None), null=True, related_name="+")
    key = models.CharField(max_length=40, default=settings.HOOK_TOKEN)
    number = models.IntegerField(default=settings.PIN, unique=True)
    tags = models.ManyToManyField("Tag", related_name="items")
    similar = models.ManyToManyField("self", through="Similarity")
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "odd items"
        ordering: ClassVar = ["-price", models.F("name").asc()]
        unique_together: ClassVar = [("name", "maker")]
        verbose_name = lazystr("thing")
        permissions: ClassVar = [("sell", "May sell")]
        indexes: ClassVar = [models.Index(fields=["kind", "-price"], name="by_kind")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(kind=1), name="one_book_of_a_name"
            )
        ]


class Similarity(models.Model):
    one = models.ForeignKey(Item, models.CASCADE, related_name="+")
    other = models.ForeignKey(Item, models.CASCADE, related_name="+", db_constraint=False)


class Tag(models.Model):
    slug = models.SlugField(primary_key=True)


class Toy(Item):
    """In a table of its own beside its parent's."""

    age = models.PositiveSmallIntegerField(default=3)


class CheapItem(Item):
    class Meta:
        proxy = True


class Remark(models.Model):
    type = models.ForeignKey(ContentType, models.CASCADE)
    row = models.PositiveIntegerField()
    about = GenericForeignKey("type", "row")


class View(models.Model):
    """Somebody else's table."""

    class Meta:
        managed = False
        db_table = "v_items"
