"""Run in the Django project of `django_settings`: makes its tables, and some rows in each."""

import datetime
import uuid
from decimal import Decimal
from typing import Any

import django
from django.core.management import call_command
from django.db import connection

django.setup()
with connection.cursor() as cursor:
    cursor.execute("CREATE EXTENSION vector")
call_command("migrate", run_syncdb=True, verbosity=0)

from django.contrib.auth.models import Group, User  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db.backends.postgresql.psycopg_any import NumericRange  # noqa: E402

from tests.legacy_bridge.manifest.odd_site.shop import models as shop  # noqa: E402
from tests.proxy.scaffold.everything import models  # noqa: E402

DAY = datetime.date(2024, 2, 29)
NOON = datetime.datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=datetime.UTC)

people = [User.objects.create(username=name) for name in ("ada", "bob")]
kind = ContentType.objects.get_for_model(User)


def record(number: int, **more: Any) -> Any:
    return models.Record.objects.create(positive_small=number, name=f"Näme {number}", **more)


full = record(
    1, slug="a", big=9, maybe=True, unlimited="", date=DAY, time=datetime.time(1, 2, 3),
    bytes=b"\x00\xff", json={"a": [1, None, "ü"]}, list=[], address="2001:db8::1",
    numbers=[3, 1, 2], words=[["a", "b"], ["c", "'"]], ages=NumericRange(1, 5),
    amounts=NumericRange(None, 7), weights=NumericRange(Decimal("1.5"), None),
    days=(DAY, DAY + datetime.timedelta(3)), period=(NOON, None), vector="[1,2.5,3]", point="(1,2)",
    positive_big=2**60, price=Decimal("12.345"),
)  # fmt: skip
plain = record(2, slug="b", big=10, period=None)

models.metadata.objects.create(
    metadata="m", registry="r", classes=1, camel=2, spaced=3, percent=4, accent=5, rendered="<p>",
    long=6, about=people[0],
)  # fmt: skip
models.Index.objects.create(token="secret", first=1, second=full)
small = models.SmallKey.objects.create()
models.NumberedByHand.objects.create(number=-7, small=small)
of_user = [models.OfUser.objects.create(user=user) for user in people]
of_user[0].groups.add(Group.objects.create(name="all"))
of_user[0].friends.add(of_user[1])
models.Favourite.objects.create(of_user=of_user[0], record=full, stars=5)
hen = models.Hen.objects.create()
egg = models.Egg.objects.create(hen=hen)
chick = models.Chick.objects.create(hen=hen, name="chick")
models.Cockerel.objects.create(name="crow", hen_itself=hen, crows=True)
models.Hen.objects.filter(pk=hen.pk).update(egg=egg, best_chick=chick)
models.Nothing.objects.create()

maker = shop.Maker.objects.create(id=uuid.UUID(int=1), name="m")
toys = [
    shop.Toy.objects.create(
        name=name, maker=maker, owner=people[0], key="k", number=number, age=number
    )
    for number, name in enumerate(("ball", "kite"))
]
toys[0].tags.add(shop.Tag.objects.create(slug="red"))
shop.Similarity.objects.create(one=toys[0], other=toys[1])
shop.Remark.objects.create(type=kind, row=1)
