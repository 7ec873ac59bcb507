"""The values that sponsors hand in: a picture, a text, a file, a yes or a no."""

import uuid
from pathlib import PurePath

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from legacy_site.apps.sponsors.models.shapes import Polymorphic


def upload_path(asset: "GenericAsset", file_name: str) -> str:
    """A name that cannot be guessed, with all suffixes of the original."""
    return f"sponsors-app-assets/{asset.uuid}{''.join(PurePath(file_name).suffixes)}"


class GenericAsset(Polymorphic):
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    content_object = GenericForeignKey("content_type", "object_id")
    internal_name = models.CharField(max_length=128, db_index=True)

    class Meta:
        verbose_name = "Asset"
        verbose_name_plural = "Assets"
        unique_together = (("content_type", "object_id", "internal_name"),)

    def __str__(self) -> str:
        return self.internal_name


class ImgAsset(GenericAsset):
    image = models.ImageField(upload_to=upload_path, null=True, blank=True)

    class Meta:
        verbose_name = "Image Asset"


class TextAsset(GenericAsset):
    text = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = "Text Asset"


class FileAsset(GenericAsset):
    file = models.FileField(upload_to=upload_path, null=True, blank=True)

    class Meta:
        verbose_name = "File Asset"


class ResponseAsset(GenericAsset):
    class Response(models.TextChoices):
        YES = "YES", "Yes"
        NO = "NO", "No"

    response = models.CharField(max_length=32, choices=Response.choices, null=True, blank=True)

    class Meta:
        verbose_name = "Response Asset"
