"""Rows of the project's own data set: the same whenever and however often they are made."""

from datetime import UTC, datetime

from django.db.models import Model

SEEDED_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def put(model: type[Model], key: dict, /, **values) -> Model:
    """The row of `model` with `key`, made or brought back to `values`.

    Of content, `created` and `updated` are fixed too (saving alone would write the time).
    """
    row = model.objects.filter(**key).first() or model(**key)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    stamps = {name: values.get(name, SEEDED_AT) for name in ("created", "updated")}
    names = {field.name for field in model._meta.concrete_fields}
    if stamps.keys() <= names:
        model.objects.filter(pk=row.pk).update(**stamps)
        row.refresh_from_db(fields=list(stamps))
    return row
