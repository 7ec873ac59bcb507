"""How the rows of working groups travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, NAMED, markup

MAPPING = (
    TableMapping(
        legacy="work_groups_workgroup",
        native="work_groups",
        columns=(
            *AUTHORED,
            *NAMED,
            *same("active", "approved", "short_description", "url"),
            *markup("purpose", "active_time", "core_values", "rules", "communication", "support"),
        ),
    ),
    TableMapping(
        legacy="work_groups_workgroup_organizers",
        native="work_group_organizers",
        columns=same("id", "workgroup_id", "user_id"),
    ),
    TableMapping(
        legacy="work_groups_workgroup_members",
        native="work_group_members",
        columns=same("id", "workgroup_id", "user_id"),
    ),
)
