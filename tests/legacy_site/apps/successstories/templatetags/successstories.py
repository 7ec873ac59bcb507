"""`{% load successstories %}`"""

from django import template

from legacy_site.apps.successstories.models import Story, StoryCategory

register = template.Library()


@register.simple_tag
def get_story_categories():
    return StoryCategory.objects.all()


@register.simple_tag
def get_stories_by_category(category_slug: str, limit: int = 5):
    return Story.objects.published().filter(category__slug=category_slug)[:limit]


@register.simple_tag
def get_stories_latest(limit: int = 5):
    return Story.objects.published()[:limit]
