"""What the tags of the site's libraries show, from the domains that have it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from ported_domains.banners import content as banners
from ported_domains.blogs import content as blogs
from ported_domains.boxes import content as boxes
from ported_domains.downloads import content as downloads
from ported_domains.downloads.cycle import Cycle
from ported_domains.downloads.cycle_source import ReleaseCycle
from ported_domains.events import content as events
from ported_domains.registry import DOMAINS
from ported_domains.shared.lasting import holds_for
from ported_domains.shared.rendering import Rendering
from ported_domains.shared.waiting import waited
from ported_domains.sponsors import content as sponsors
from ported_domains.successstories import content as stories

CYCLE_KEY = "release_cycle"
"""In the app's state: the `ReleaseCycle`, where there is one."""
_TABLES = {
    name: frozenset(mapping.native for mapping in domain.mapping)
    for name, domain in DOMAINS.items()
}


class SiteContent:
    """`Content` of one page. What a page shows of a domain goes with that domain's rows."""

    def __init__(self, asked: Rendering) -> None:
        self._asked = asked

    def _of(self, *domains: str) -> Session:
        """For their rows, and for no others: what is kept goes with them."""
        return self._asked.reading(frozenset().union(*(_TABLES[name] for name in domains)))

    def box(self, label: str) -> str | None:
        return boxes.box(self._of("boxes"), label)

    def active_banner(self, psf_pages_only: bool) -> Any:
        return banners.active_banner(self._of("banners"), psf_pages_only)

    def blog_entries(self, feed: str | None, limit: int) -> Sequence[Any]:
        return blogs.blog_entries(self._of("blogs"), feed, limit)

    def upcoming_events(self, limit: int, only_featured: bool) -> Sequence[Any]:
        return events.upcoming_events(self._of("events"), limit, only_featured)

    def featured_story(self) -> Any:
        return stories.featured_story(self._of("successstories", "companies"))

    def latest_stories(self, limit: int) -> Sequence[Any]:
        return stories.latest_stories(self._of("successstories", "companies"), limit)

    def stories_of(self, category: str, limit: int) -> Sequence[Any]:
        return stories.stories_of(self._of("successstories", "companies"), category, limit)

    def story_categories(self) -> Sequence[Any]:
        return stories.story_categories(self._of("successstories", "companies"))

    def active_releases(self) -> Mapping[str, Any]:
        return downloads.active_releases(self._of("downloads", "pages"), self._cycle())

    def end_of_life(self, release: Any) -> Mapping[str, Any]:
        return downloads.end_of_life(self._of("downloads", "pages"), release, self._cycle())

    def sponsorship(self, sponsorship: Any, display_fee: bool) -> Mapping[str, Any]:
        return sponsors.sponsorship(self._of("sponsors"), sponsorship, display_fee)

    def sponsors(self, logo_place: str, publisher: str) -> Mapping[str, Any]:
        return sponsors.sponsors(self._of("sponsors"), logo_place, publisher)

    def benefit_quantity(self, benefit: Any, package: Any) -> Any:
        return sponsors.benefit_quantity(self._of("sponsors"), benefit, package)

    def benefit_name(self, benefit: Any, package: Any) -> Any:
        return sponsors.benefit_name(self._of("sponsors"), benefit, package)

    def _cycle(self) -> Cycle | None:
        """None without a source, or where nothing was heard. No row tells when it changes."""
        source: ReleaseCycle | None = self._asked.state.get(CYCLE_KEY)
        if source is None:
            return None
        cycle, good_for = waited(source.heard())
        holds_for(good_for)
        return cycle
