import re

from django.core.validators import RegexValidator
from django.db import models

from legacy_site.apps.cms.models import ContentManageable, MarkupField
from legacy_site.markup import PAGE_RENDERERS

PATH_PATTERN = re.compile(r"/?[a-z0-9.-]+(/[a-z0-9.-]+)*/?\Z")
TEMPLATES = ("pages/default.html", "pages/raw.html", "psf/default.html", "psf/full-width.html")


class PageQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def draft(self):
        return self.filter(is_published=False)


class Page(ContentManageable):
    """A page at `path`, which is stored without slashes at its ends.

    Only forms check the path. The text is trusted: no sanitiser sees it.
    """

    title = models.CharField(max_length=500)
    keywords = models.CharField(max_length=1000, blank=True, help_text="HTTP meta-keywords")
    description = models.TextField(blank=True, help_text="HTTP meta-description")
    path = models.CharField(
        max_length=500,
        unique=True,
        validators=[
            RegexValidator(
                PATH_PATTERN,
                "Use lower-case letters, digits, '-' and '.', with single slashes between.",
            )
        ],
    )
    content = MarkupField(renderers=PAGE_RENDERERS, sanitised=False)
    is_published = models.BooleanField(default=True, db_index=True)
    content_type = models.CharField(max_length=150, default="text/html")
    template_name = models.CharField(
        max_length=100,
        blank=True,
        help_text="Example: 'pages/about.html'. If this isn't provided, the system will use "
        "'pages/default.html'.",  # the API shows this text
    )

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ("title", "path")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/{self.path}/"


def image_path(instance: "Image", filename: str) -> str:
    return f"{instance.page.path}/{filename}"


class Image(models.Model):
    page = models.ForeignKey(Page, models.CASCADE)
    image = models.ImageField(upload_to=image_path, max_length=400)

    def __str__(self) -> str:
        return self.image.url


class DocumentFile(models.Model):
    page = models.ForeignKey(Page, models.CASCADE)
    document = models.FileField(upload_to="files/", max_length=500)

    def __str__(self) -> str:
        return self.document.url
