from django.db import models

from legacy_site.apps.blogs.excerpt import visible_text
from legacy_site.apps.cms.models import ContentManageable


class Feed(models.Model):
    name = models.CharField(max_length=200)
    website_url = models.URLField()
    feed_url = models.URLField()
    last_import = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class BlogEntry(models.Model):
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    pub_date = models.DateTimeField()
    url = models.URLField("URL")
    feed = models.ForeignKey(Feed, models.CASCADE)

    class Meta:
        verbose_name = "Blog Entry"
        verbose_name_plural = "Blog Entries"
        get_latest_by = "pub_date"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.url

    @property
    def excerpt(self) -> str:
        return visible_text(self.summary)


class FeedAggregate(models.Model):
    """Feeds that are shown together in one place."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    description = models.TextField(help_text="Where it appears on the site.")
    feeds = models.ManyToManyField(Feed)

    def __str__(self) -> str:
        return self.name


class RelatedBlog(ContentManageable):
    name = models.CharField(max_length=100, help_text="For editors only.")
    feed_url = models.URLField("Feed URL")
    blog_url = models.URLField("Blog URL")
    blog_name = models.CharField(max_length=200)
    last_entry_published = models.DateTimeField(db_index=True)
    last_entry_title = models.CharField(max_length=500)

    class Meta:
        verbose_name = "Related Blog"
        verbose_name_plural = "Related Blogs"

    def __str__(self) -> str:
        return self.name
