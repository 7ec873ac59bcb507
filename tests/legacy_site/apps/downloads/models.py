import re

import django
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from legacy_site.apps.cms.models import ContentManageable, MarkupField, NameSlugModel
from legacy_site.apps.downloads.selections import PYMANAGER, PYTHON_2, PYTHON_3, ReleaseQuerySet
from legacy_site.apps.pages.models import Page

URL_FIELDS = (
    "url",
    "gpg_signature_file",
    "sigstore_signature_file",
    "sigstore_cert_file",
    "sigstore_bundle_file",
    "sbom_spdx2_file",
)
_NAMED_VERSION = re.compile(r"Python\s([\d.]+)")


def _only_own_urls() -> Q:
    own = Q()
    for name in URL_FIELDS:
        own &= (
            Q(**{name: ""})
            | Q(**{f"{name}__startswith": "https://www.python.org/"})
            | Q(**{f"{name}__startswith": "http://www.python.org/"})
        )
    return own


CONDITION = "check" if django.VERSION < (5, 1) else "condition"
"""What a constraint's condition is called."""


class OS(ContentManageable, NameSlugModel):
    class Meta:
        verbose_name = "Operating System"
        verbose_name_plural = "Operating Systems"
        ordering = ("name",)

    def get_absolute_url(self) -> str:
        return reverse("download:download_os_list", kwargs={"slug": self.slug})


class Release(ContentManageable, NameSlugModel):
    """A version of Python, or of the install manager."""

    VERSIONS = (
        (PYTHON_3, "Python 3.x.x"),
        (PYTHON_2, "Python 2.x.x"),
        (1, "Python 1.x.x"),
        (PYMANAGER, "Python install manager"),
    )
    version = models.IntegerField(default=PYTHON_3, choices=VERSIONS)
    is_latest = models.BooleanField(
        "latest",
        default=False,
        db_index=True,
        help_text="The newest of its version; takes the mark away from the others.",
    )
    is_published = models.BooleanField(
        "published", default=False, db_index=True, help_text="Shown in lists, feeds and the API."
    )
    pre_release = models.BooleanField(
        default=False, db_index=True, help_text="Alpha, beta or release candidate."
    )
    show_on_download_page = models.BooleanField(
        default=True, db_index=True, help_text="Listed on /downloads/."
    )
    release_date = models.DateTimeField(default=timezone.now)
    release_page = models.ForeignKey(
        Page, models.CASCADE, related_name="release", null=True, blank=True
    )
    release_notes_url = models.URLField("Release Notes URL", blank=True)
    content = MarkupField(markup_type="markdown", default="")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        get_latest_by = "release_date"

    def get_absolute_url(self) -> str:
        """Its page in the CMS when it has one and no text of its own."""
        if not self.content and self.release_page:
            return self.release_page.get_absolute_url()
        return reverse("download:download_release_detail", kwargs={"release_slug": self.slug})

    def get_version(self) -> str:
        """`Python 3.15.0b1` gives "3.15.0"; a name of another shape gives ""."""
        match = _NAMED_VERSION.match(self.name)
        return match[1] if match else ""

    def _is_at_least(self, *wanted: int) -> bool:
        numbers = [int(part) for part in self.get_version().split(".") if part]
        return bool(numbers) and tuple(numbers) >= wanted

    @property
    def is_version_at_least_3_5(self) -> bool:
        return self._is_at_least(3, 5)

    @property
    def is_version_at_least_3_9(self) -> bool:
        return self._is_at_least(3, 9)

    @property
    def is_version_at_least_3_14(self) -> bool:
        return self._is_at_least(3, 14)

    def download_file_for_os(self, os_slug: str) -> "ReleaseFile | None":
        """The file that the download button of an operating system offers."""
        return self.files.filter(os__slug=os_slug, download_button=True).first()

    def files_for_os(self, os_slug: str):
        return self.files.filter(os__slug=os_slug).order_by("-name")


class ReleaseFile(ContentManageable, NameSlugModel):
    """A file of a release for one operating system, with its checksums and signatures."""

    os = models.ForeignKey(OS, models.CASCADE, related_name="releases")
    release = models.ForeignKey(Release, models.CASCADE, related_name="files")
    description = models.TextField(blank=True)
    is_source = models.BooleanField("Is Source Distribution", default=False)
    url = models.URLField("URL", unique=True, help_text="Download URL")
    gpg_signature_file = models.URLField("GPG SIG URL", blank=True, help_text="GPG Signature URL")
    sigstore_signature_file = models.URLField(
        "Sigstore Signature URL",
        blank=True,
        help_text="Sigstore Signature URL",
    )
    sigstore_cert_file = models.URLField(
        "Sigstore Cert URL", blank=True, help_text="Sigstore Cert URL"
    )
    sigstore_bundle_file = models.URLField(
        "Sigstore Bundle URL", blank=True, help_text="Sigstore Bundle URL"
    )
    sbom_spdx2_file = models.URLField("SPDX-2 SBOM URL", blank=True, help_text="SPDX-2 SBOM URL")
    md5_sum = models.CharField("MD5 Sum", max_length=200, blank=True)
    sha256_sum = models.CharField("SHA256 Sum", max_length=200, blank=True)
    filesize = models.IntegerField(default=0)
    download_button = models.BooleanField(
        default=False, help_text="Use for the supernav download button for this OS"
    )

    class Meta:
        verbose_name = "Release File"
        verbose_name_plural = "Release Files"
        ordering = ("-release__is_published", "release__name", "os__name", "name")
        constraints = (
            models.UniqueConstraint(
                fields=["os", "release"],
                condition=Q(download_button=True),
                name="only_one_download_per_os_per_release",
                violation_error_message="Only one Release File per OS can have "
                '"Download button" enabled',
            ),
            models.CheckConstraint(
                **{CONDITION: _only_own_urls()},
                name="only_python_dot_org_urls",
                violation_error_message="All file URLs must begin with 'https://www.python.org/'",
            ),
        )
