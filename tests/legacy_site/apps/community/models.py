from django.db import models
from django.urls import reverse

from legacy_site.apps.cms.models import ContentManageable, MarkupField


class Post(ContentManageable):
    class MediaType(models.IntegerChoices):
        TEXT = 1, "text"
        PHOTO = 2, "photo"
        VIDEO = 3, "video"
        LINK = 4, "link"

    class Status(models.IntegerChoices):
        PRIVATE = 1, "private"
        PUBLIC = 2, "public"

    title = models.CharField(max_length=200, null=True, blank=True)
    content = MarkupField(markup_type="html")
    abstract = models.TextField(null=True, blank=True)
    media_type = models.IntegerField(choices=MediaType.choices, default=MediaType.TEXT)
    source_url = models.URLField("URL", max_length=1000, blank=True)
    meta = models.JSONField(default=dict, blank=True)
    status = models.IntegerField(choices=Status.choices, default=Status.PRIVATE, db_index=True)

    class Meta:
        ordering = ("-created",)
        get_latest_by = "created"

    def __str__(self) -> str:
        return f"Post {self.get_media_type_display()} ({self.pk})"

    def get_absolute_url(self) -> str:
        return reverse("community:post_detail", args=[self.pk])


class _PostMedia(ContentManageable):
    """What a post carries besides its text."""

    class Meta:
        abstract = True
        ordering = ("-created",)
        get_latest_by = "created"

    def __str__(self) -> str:
        return f"{self._meta.verbose_name.title()} of {self.post}"


class Link(_PostMedia):
    post = models.ForeignKey(
        Post, models.CASCADE, related_name="related_link", null=True, editable=False
    )
    url = models.URLField("URL", max_length=1000, blank=True)


class Photo(_PostMedia):
    post = models.ForeignKey(
        Post, models.CASCADE, related_name="related_photo", null=True, editable=False
    )
    image = models.ImageField(upload_to="community/photos/", blank=True)
    image_url = models.URLField("Image URL", max_length=1000, blank=True)
    caption = models.TextField(blank=True)
    click_through_url = models.URLField(blank=True)


class Video(_PostMedia):
    post = models.ForeignKey(
        Post, models.CASCADE, related_name="related_video", null=True, editable=False
    )
    video_embed = models.TextField(blank=True)
    video_data = models.FileField(upload_to="community/videos/", blank=True)
    caption = models.TextField(blank=True)
    click_through_url = models.URLField(blank=True)
