from django.contrib import admin

from legacy_site.apps.blogs.models import BlogEntry, Feed, FeedAggregate, RelatedBlog
from legacy_site.apps.cms.admin import ContentManageableAdmin


@admin.register(BlogEntry)
class BlogEntryAdmin(admin.ModelAdmin):
    list_display = ("title", "pub_date")
    date_hierarchy = "pub_date"


@admin.register(FeedAggregate)
class FeedAggregateAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012


@admin.register(RelatedBlog)
class RelatedBlogAdmin(ContentManageableAdmin):
    list_display = ("name", "blog_name", "last_entry_published")


admin.site.register(Feed)
