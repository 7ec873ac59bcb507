"""How the rows of community travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, markup

MAPPING = (
    TableMapping(
        legacy="community_post",
        native="posts",
        columns=(
            *AUTHORED,
            *markup("content"),
            *same("title", "abstract", "media_type", "source_url", "meta", "status"),
        ),
    ),
    TableMapping(
        legacy="community_link",
        native="links",
        columns=(*AUTHORED, *same("post_id", "url")),
    ),
    TableMapping(
        legacy="community_photo",
        native="photos",
        columns=(
            *AUTHORED,
            *same("post_id", "image", "image_url", "caption", "click_through_url"),
        ),
    ),
    TableMapping(
        legacy="community_video",
        native="videos",
        columns=(
            *AUTHORED,
            *same("post_id", "video_embed", "video_data", "caption", "click_through_url"),
        ),
    ),
)
