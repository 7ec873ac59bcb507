"""The libraries of the content apps; what they show comes from `Content`."""

import random
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from legacy_bridge.templates.filters.library import stringfilter
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.rendering.including import included
from legacy_bridge.templates.safe import EMPTY, SafeString, escape
from ported_domains.templatetags.content import content

banners = Library("banners")
blogs = Library("blogs")
boxes = Library("boxes")
cms = Library("cms")
community = Library("community")
companies = Library("companies")
events = Library("events")
nominations = Library("nominations")
successstories = Library("successstories")
users_tags = Library("users_tags")


@boxes.simple_tag
def box(label: str) -> str:
    """Nothing for a label that no box has."""
    return SafeString(content().box(str(label)) or "")


@banners.simple_tag(takes_context=True)
def render_active_banner(context: Context) -> str:
    return _banner(context, psf_pages_only=False)


@banners.simple_tag(takes_context=True)
def render_active_psf_banner(context: Context) -> str:
    return _banner(context, psf_pages_only=True)


def _banner(context: Context, psf_pages_only: bool) -> str:
    found = content().active_banner(psf_pages_only)
    if found is None:
        return EMPTY
    names = {name: getattr(found, name) for name in ("message", "title", "link")}
    return included(context, "banners/banner.html", names)


@blogs.simple_tag
def get_latest_blog_entries(limit: int = 5) -> Any:
    return content().blog_entries(None, limit)


@blogs.simple_tag
def feed_list(slug: str, limit: int = 10) -> Any:
    return content().blog_entries(str(slug), limit)


@events.simple_tag
def get_events_upcoming(limit: int = 5, only_featured: bool = False) -> Any:
    return content().upcoming_events(limit, only_featured)


@successstories.simple_tag
def get_featured_story() -> Any:
    return content().featured_story()


@successstories.simple_tag
def get_stories_latest(limit: int = 5) -> Any:
    return content().latest_stories(limit)


@successstories.simple_tag
def get_stories_by_category(category_slug: str, limit: int = 5) -> Any:
    return content().stories_of(str(category_slug), limit)


@successstories.simple_tag
def get_story_categories() -> Any:
    return content().story_categories()


@cms.inclusion_tag("cms/iso_time_tag.html")
def iso_time_tag(date: date | datetime) -> Mapping[str, str]:
    return {
        "timestamp": date.isoformat(),
        "month": f"{date.month:02d}",
        "day": f"{date.day:02d}",
        "year": f"{date.year:04d}",
    }


@community.simple_tag(takes_context=True)
def render_template_for(
    context: Context,
    obj: Any,
    template: str | None = None,
    template_directory: str | None = None,
) -> str:
    """`obj` by the template of its media type, or the default one."""
    names = [template] if template else []
    for directory in (template_directory, "community/types"):
        if directory:
            names += [f"{directory}/{obj.get_media_type_display()}.html"]
            names += [f"{directory}/default.html"]
    return included(context, names, {"object": obj})


@companies.filter("render_email")
@stringfilter
def render_email(value: str) -> Any:
    """The parts of an address with its dots and its at-sign in spans."""
    if not value:
        return None
    mailbox, domain = value.split("@")
    return SafeString(f"{_dotted(mailbox)}<span>@</span>{_dotted(domain)}")


def _dotted(text: str) -> str:
    return "<span>.</span>".join(escape(part) for part in text.split("."))


@nominations.filter("shuffle")
def shuffle(values: Any) -> list[Any]:
    """A copy in random order."""
    shuffled = list(values)
    random.shuffle(shuffled)
    return shuffled


@users_tags.filter("user_location")
def user_location(user: Any) -> str:
    """`Lawrence, KS US`, of the user's membership."""
    membership = getattr(user, "membership", None)
    if membership is None:
        return ""
    place = ", ".join(part for part in (membership.city, membership.region) if part)
    if not membership.country or not place:
        return f"{place}{membership.country or ''}"
    return f"{place}{' ' if membership.region else ', '}{membership.country}"
