"""How the rows of site chrome travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same

MAPPING = (
    TableMapping(
        legacy="sitetree_tree",
        native="menus",
        columns=same("id", "title", "alias"),
    ),
    TableMapping(
        legacy="sitetree_treeitem",
        native="menu_items",
        columns=(
            *same("id", "tree_id", "parent_id", "title", "hint", "url", "urlaspattern"),
            *same("hidden", "alias", "description", "inmenu", "inbreadcrumbs", "insitetree"),
            *same("access_loggedin", "access_guest", "access_restricted", "access_perm_type"),
            *same("sort_order"),
        ),
    ),
    TableMapping(
        legacy="sitetree_treeitem_access_permissions",
        native="menu_item_permissions",
        columns=same("id", "treeitem_id", "permission_id"),
    ),
    TableMapping(
        legacy="waffle_flag",
        native="feature_flags",
        columns=(
            *same("id", "name", "everyone", "percent", "testing", "superusers", "staff"),
            *same("authenticated", "languages", "rollout", "note", "created", "modified"),
        ),
    ),
    TableMapping(
        legacy="waffle_flag_groups",
        native="feature_flag_groups",
        columns=same("id", "flag_id", "group_id"),
    ),
    TableMapping(
        legacy="waffle_flag_users",
        native="feature_flag_users",
        columns=same("id", "flag_id", "user_id"),
    ),
    TableMapping(
        legacy="waffle_switch",
        native="feature_switches",
        columns=same("id", "name", "active", "note", "created", "modified"),
    ),
    TableMapping(
        legacy="waffle_sample",
        native="feature_samples",
        columns=same("id", "name", "percent", "note", "created", "modified"),
    ),
)
