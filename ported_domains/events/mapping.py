"""How the rows of events travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, NAMED, markup

MAPPING = (
    TableMapping(
        legacy="events_calendar",
        native="calendars",
        columns=(
            *AUTHORED,
            *same("name", "slug", "description", "url", "rss", "embed", "twitter"),
        ),
    ),
    TableMapping(
        legacy="events_eventcategory",
        native="event_categories",
        columns=(*same("id", "calendar_id"), *NAMED),
    ),
    TableMapping(
        legacy="events_eventlocation",
        native="event_locations",
        columns=same("id", "calendar_id", "name", "address", "url"),
    ),
    TableMapping(
        legacy="events_event",
        native="events",
        columns=(
            *AUTHORED,
            *same("uid", "title", "calendar_id", "venue_id", "featured"),
            *markup("description"),
        ),
    ),
    TableMapping(
        legacy="events_event_categories",
        native="event_category_associations",
        columns=same("id", "event_id", "eventcategory_id"),
    ),
    TableMapping(
        legacy="events_occurringrule",
        native="occurring_rules",
        columns=same("id", "event_id", "dt_start", "dt_end", "all_day"),
    ),
    TableMapping(
        legacy="events_recurringrule",
        native="recurring_rules",
        columns=(
            *same("id", "event_id", "begin", "finish", "duration", "duration_internal"),
            *same("interval", "frequency", "all_day"),
        ),
    ),
    TableMapping(
        legacy="events_alarm",
        native="event_alarms",
        columns=(*AUTHORED, *same("event_id", "trigger")),
    ),
)
