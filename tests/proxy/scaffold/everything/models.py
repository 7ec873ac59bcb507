"""Every kind of key, column, reference, constraint and name that the generator has to know."""

# mypy: disable-error-code="misc"
# Django is not typed, so its models are classes of nothing known.

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    BigIntegerRangeField,
    DateRangeField,
    DateTimeRangeField,
    DecimalRangeField,
    IntegerRangeField,
    RangeOperators,
)
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models.functions import Coalesce, Lower, Now, Upper

LONG = "a_column_whose_name_is_as_long_as_postgresql_lets_the_name_be_x"


class Vector(models.Field):
    """A type that nobody here knows."""

    def db_type(self, connection: Any) -> str:
        return "vector(3)"


class Point(models.Field):
    """One of PostgreSQL's own that SQLAlchemy has no name for."""

    def db_type(self, connection: Any) -> str:
        return "point"


class Record(models.Model):
    """Its name is that of the base class of all models; its columns have every type."""

    small = models.SmallIntegerField(default=-1)
    big = models.BigIntegerField(default=2**40)
    positive = models.PositiveIntegerField(default=5)
    positive_big = models.PositiveBigIntegerField(null=True)
    positive_small = models.PositiveSmallIntegerField(unique=True)
    yes = models.BooleanField(default=True, db_index=True)
    maybe = models.BooleanField(null=True)
    ratio = models.FloatField(default=0.5)
    price = models.DecimalField(max_digits=9, decimal_places=3, default=Decimal("1.250"))
    name = models.CharField(max_length=40, default='it\'s "quoted"', unique=True)
    unlimited = models.CharField(null=True)
    sorted = models.CharField(max_length=20, db_collation="C", default="")
    slug = models.SlugField()
    text = models.TextField(db_collation="POSIX", default="")
    date = models.DateField(null=True)
    datetime = models.DateTimeField(auto_now_add=True)
    saved = models.DateTimeField(auto_now=True)
    time = models.TimeField(null=True)
    timedelta = models.DurationField(default=timedelta(hours=1))
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    bytes = models.BinaryField(default=b"")
    json = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    numbers = ArrayField(models.IntegerField(), default=list)
    words = ArrayField(ArrayField(models.CharField(max_length=7)), null=True)
    ages = IntegerRangeField(null=True)
    amounts = BigIntegerRangeField(null=True)
    weights = DecimalRangeField(null=True)
    days = DateRangeField(null=True)
    period = DateTimeRangeField(null=True)
    vector = Vector(null=True)
    point = Point(null=True)
    at = models.DateTimeField(db_default=Now())
    count = models.IntegerField(db_default=7)
    word = models.CharField(max_length=20, db_default="a:b 100% \\ it's")
    loud = models.GeneratedField(
        expression=Upper("name"), output_field=models.CharField(max_length=40), db_persist=True
    )
    file = models.FileField(upload_to="x")
    list = models.JSONField(default=dict, null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(Lower("name").desc(), "small", name="lower_names"),
            models.Index(fields=["slug"], name="like", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["small", "-big"], name="two_ways"),
            models.Index(fields=["big"], include=["small"], name="covering"),
            models.Index(fields=["date"], name="dates"),
            models.Index(fields=["date"], name="dates_again"),
            GinIndex(fields=["numbers"], name="numbers_gin"),
            BrinIndex(fields=["saved"], name="saved_brin"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(slug__startswith="x:y%") & models.Q(ratio__lte=9), name="check"
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(maybe=True), name="one_maybe"
            ),
            models.UniqueConstraint(Lower("slug"), Coalesce("maybe", False), name="lower_slug"),
            models.UniqueConstraint(
                fields=["date", "time"], name="late", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["big", "count"], name="twice"),
            models.UniqueConstraint(
                fields=["positive_big", "address"], name="nulls", nulls_distinct=False
            ),
            ExclusionConstraint(
                name="no_overlap", expressions=[("period", RangeOperators.OVERLAPS)]
            ),
        ]
        unique_together: ClassVar = [("big", "count")]


class metadata(models.Model):  # noqa: N801  # as careless as projects are
    """Names that mean something in Python, or to SQLAlchemy."""

    metadata = models.CharField(max_length=3)
    registry = models.CharField(max_length=3, db_column="registry")
    classes = models.IntegerField(db_column="class")
    camel = models.IntegerField(db_column="camelCase")
    spaced = models.IntegerField(db_column="two words")
    percent = models.IntegerField(db_column="per-cent (x)")
    accent = models.IntegerField(db_column="größe", db_index=True)
    rendered = models.TextField(db_column="_text_rendered")
    long = models.IntegerField(db_column=LONG, unique=True)
    mapped_column = models.IntegerField(default=1)
    refers_to = models.ForeignKey("self", models.CASCADE, null=True, db_column="refers_to")
    text = models.TextField(default="", db_index=True)
    l = models.IntegerField(default=0)  # noqa: E741
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey()

    class Meta:
        db_table = "Meta.Data größe"


class Index(models.Model):
    """A long name, and a key of text that nobody may see."""

    token = models.CharField(max_length=30, primary_key=True)
    first = models.IntegerField()
    second = models.ForeignKey(Record, models.CASCADE, to_field="uuid", db_column=LONG)

    class Meta:
        db_table = "a_table_whose_name_is_as_long_as_postgresql_lets_it_be_xxxxxxxx"
        unique_together: ClassVar = [("first", "second")]


class SmallKey(models.Model):
    id = models.SmallAutoField(primary_key=True)


class NumberedByHand(models.Model):
    number = models.IntegerField(primary_key=True)
    small = models.ForeignKey(SmallKey, models.SET_NULL, null=True)


class OfUser(models.Model):
    """Its key is a row of another app."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True)
    favourites = models.ManyToManyField(Record, through="Favourite")
    groups = models.ManyToManyField("auth.Group")
    friends = models.ManyToManyField("self")


class Favourite(models.Model):
    """A table in between whose key is two columns, in an order that is not theirs."""

    pk = models.CompositePrimaryKey("record_id", "of_user_id")
    of_user = models.ForeignKey(OfUser, models.CASCADE)
    record = models.ForeignKey(Record, models.CASCADE)
    stars = models.SmallIntegerField(default=0)


class Hen(models.Model):
    """Refers to what refers back."""

    egg = models.ForeignKey("Egg", models.CASCADE, null=True, related_name="+")
    best_chick = models.ForeignKey("Chick", models.CASCADE, null=True, related_name="+")


class Egg(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hen = models.ForeignKey(Hen, models.CASCADE, null=True)


class Chick(Egg):
    """In a table of its own beside its parent's."""

    name = models.CharField(max_length=9)


class Cockerel(Chick):
    """Of two parents; the key is that of the first."""

    hen_itself = models.OneToOneField(Hen, models.CASCADE, parent_link=False, null=True)
    crows = models.BooleanField(default=False)


class Nothing(models.Model):
    """A key and nothing else."""
