from django.contrib import admin

from legacy_site.apps.cms.admin import ContentManageableAdmin, ContentManageableInline
from legacy_site.apps.community.models import Link, Photo, Post, Video


class LinkInline(ContentManageableInline, admin.StackedInline):
    model = Link
    extra = 0


class PhotoInline(ContentManageableInline, admin.StackedInline):
    model = Photo
    extra = 0


class VideoInline(ContentManageableInline, admin.StackedInline):
    model = Video
    extra = 0


@admin.register(Post)
class PostAdmin(ContentManageableAdmin):
    date_hierarchy = "created"
    list_display = ("__str__", "status", "media_type")
    list_filter = ("status", "media_type")
    inlines = (LinkInline, PhotoInline, VideoInline)


@admin.register(Link, Photo, Video)
class PostMediaAdmin(ContentManageableAdmin):
    date_hierarchy = "created"
