"""How the rows of nominations travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import markup

MAPPING = (
    TableMapping(
        legacy="nominations_electionkind",
        native="election_kinds",
        columns=same("id", "name", "slug", "accent_color", "nomination_form"),
    ),
    TableMapping(
        legacy="nominations_election",
        native="elections",
        columns=(
            *same("id", "name", "slug", "date", "kind_id", "hide_previous_service"),
            *same("nominations_open_at", "nominations_close_at"),
            *markup("description"),
        ),
    ),
    TableMapping(
        legacy="nominations_nominee",
        native="nominees",
        columns=same("id", "election_id", "user_id", "accepted", "approved", "slug"),
    ),
    TableMapping(
        legacy="nominations_nomination",
        native="nominations",
        columns=(
            *same("id", "election_id", "nominator_id", "nominee_id", "name", "email"),
            *same("previous_board_service", "employer", "other_affiliations"),
            *markup("nomination_statement"),
            *same("accepted", "approved", "coc_acknowledged", "mission_alignment"),
            *same("eligibility_confirmed"),
        ),
    ),
)
