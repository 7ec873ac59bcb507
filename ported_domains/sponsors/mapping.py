"""How the rows of sponsors travel between the two databases (tables.md); parents first.

Content types have the same keys on both sides, since users carries them over; so do sponsors and
sponsorships. What refers to one of these by number is therefore carried as it is.
"""

from legacy_bridge.replication.mapping import Column, TableMapping, same
from ported_domains.shared.columns import markup

_LOGO_PLACEMENT = same("publisher", "logo_place", "link_to_sponsors_page", "describe_as_sponsor")
_TIERED_BENEFIT = same("package_id", "quantity", "display_label")
_ASSET = same("related_to", "internal_name", "label", "help_text")
_REQUIRED = (*_ASSET, *same("due_date"))
_REQUIRED_IMG = (*_REQUIRED, *same("min_width", "max_width", "min_height", "max_height"))
_REQUIRED_TEXT = (*_REQUIRED, *same("max_length"))
_PROVIDED_TEXT = (*_ASSET, *same("shared", "shared_text"))
_PROVIDED_FILE = (*_ASSET, *same("shared", "shared_file"))


def _table(legacy: str, native: str, *columns: Column) -> TableMapping:
    return TableMapping(legacy=legacy, native=native, columns=(*same("id"), *columns))


def _part(base: str, legacy: str, native: str, *columns: Column) -> TableMapping:
    """Its rows complete those of a base table, and have their keys."""
    key = f"{base}_ptr_id"
    return TableMapping(legacy=legacy, native=native, columns=(*same(key), *columns), key=(key,))


def _configuration(legacy: str, native: str, *columns: Column) -> TableMapping:
    return _part("benefitfeatureconfiguration", legacy, native, *columns)


def _feature(legacy: str, native: str, *columns: Column) -> TableMapping:
    return _part("benefitfeature", legacy, native, *columns)


def _asset(legacy: str, native: str, *columns: Column) -> TableMapping:
    return _part("genericasset", legacy, native, *columns)


_CATALOGUE = (
    _table(
        "sponsors_sponsorshipprogram",
        "sponsorship_programs",
        *same("order", "name", "description"),
    ),
    _table(
        "sponsors_sponsorshippackage",
        "sponsorship_packages",
        *same("order", "name", "slug", "year", "sponsorship_amount"),
        *same("advertise", "logo_dimension", "allow_a_la_carte"),
    ),
    _table(
        "sponsors_legalclause",
        "legal_clauses",
        *same("order", "internal_name", "clause", "notes"),
    ),
    _table(
        "sponsors_sponsorshipbenefit",
        "sponsorship_benefits",
        *same("order", "name", "description", "year", "program_id"),
        *same("package_only", "new", "unavailable", "standalone"),
        *same("internal_description", "internal_value", "capacity", "soft_capacity"),
    ),
    _table(
        "sponsors_sponsorshipbenefit_packages",
        "sponsorship_benefit_packages",
        *same("sponsorshipbenefit_id", "sponsorshippackage_id"),
    ),
    _table(
        "sponsors_sponsorshipbenefit_legal_clauses",
        "sponsorship_benefit_legal_clauses",
        *same("sponsorshipbenefit_id", "legalclause_id"),
    ),
    _table(
        "sponsors_sponsorshipbenefit_conflicts",
        "sponsorship_benefit_conflicts",
        *same("from_sponsorshipbenefit_id", "to_sponsorshipbenefit_id"),
    ),
    _table("sponsors_sponsorshipcurrentyear", "sponsorship_current_years", *same("year")),
)

_CONFIGURATIONS = (
    _table(
        "sponsors_benefitfeatureconfiguration",
        "benefit_feature_configurations",
        *same("benefit_id", "polymorphic_ctype_id"),
    ),
    _configuration(
        "sponsors_logoplacementconfiguration",
        "logo_placement_configurations",
        *_LOGO_PLACEMENT,
    ),
    _configuration(
        "sponsors_tieredbenefitconfiguration",
        "tiered_benefit_configurations",
        *_TIERED_BENEFIT,
    ),
    _configuration("sponsors_emailtargetableconfiguration", "email_targetable_configurations"),
    _configuration(
        "sponsors_requiredimgassetconfiguration",
        "required_img_asset_configurations",
        *_REQUIRED_IMG,
    ),
    _configuration(
        "sponsors_requiredtextassetconfiguration",
        "required_text_asset_configurations",
        *_REQUIRED_TEXT,
    ),
    _configuration(
        "sponsors_requiredresponseassetconfiguration",
        "required_response_asset_configurations",
        *_REQUIRED,
    ),
    _configuration(
        "sponsors_providedtextassetconfiguration",
        "provided_text_asset_configurations",
        *_PROVIDED_TEXT,
    ),
    _configuration(
        "sponsors_providedfileassetconfiguration",
        "provided_file_asset_configurations",
        *_PROVIDED_FILE,
    ),
)

_SPONSORSHIPS = (
    _table(
        "sponsors_sponsor",
        "sponsors",
        *same("created", "updated", "creator_id", "last_modified_by_id"),
        *same("name", "description", "primary_phone"),
        *same("landing_page_url", "twitter_handle", "linked_in_page_url"),
        *same("web_logo", "white_logo", "print_logo"),
        *same("mailing_address_line_1", "mailing_address_line_2"),
        *same("city", "state", "postal_code", "country"),
        *same("country_of_incorporation", "state_of_incorporation"),
    ),
    _table(
        "sponsors_sponsorcontact",
        "sponsor_contacts",
        *same("sponsor_id", "user_id", "name", "email", "phone"),
        *same("primary", "administrative", "accounting", "manager"),
    ),
    _table(
        "sponsors_sponsorship",
        "sponsorships",
        *same("submited_by_id", "sponsor_id", "status", "locked", "year", "start_date", "end_date"),
        *same("applied_on", "approved_on", "rejected_on", "finalized_on"),
        *same("package_id", "for_modified_package", "level_name_old", "sponsorship_fee"),
        *same("overlapped_by_id", "renewal"),
    ),
    _table(
        "sponsors_sponsorbenefit",
        "sponsor_benefits",
        *same("order", "sponsorship_id", "sponsorship_benefit_id", "program_id", "program_name"),
        *same("name", "description", "benefit_internal_value", "added_by_user", "standalone"),
    ),
    _table(
        "sponsors_contract",
        "contracts",
        *same("sponsorship_id", "status", "revision", "sponsor_info", "sponsor_contact"),
        *same("document", "document_docx", "signed_document"),
        *markup("benefits_list", "legal_clauses"),
        *same("created_on", "last_update", "sent_on"),
    ),
    _table(
        "sponsors_sponsoremailnotificationtemplate",
        "sponsor_email_notification_templates",
        *same("internal_name", "subject", "content", "created_at", "updated_at"),
    ),
)

_FEATURES = (
    _table(
        "sponsors_benefitfeature",
        "benefit_features",
        *same("sponsor_benefit_id", "polymorphic_ctype_id"),
    ),
    _feature("sponsors_logoplacement", "logo_placements", *_LOGO_PLACEMENT),
    _feature("sponsors_tieredbenefit", "tiered_benefits", *_TIERED_BENEFIT),
    _feature("sponsors_emailtargetable", "email_targetables"),
    _feature("sponsors_requiredimgasset", "required_img_assets", *_REQUIRED_IMG),
    _feature("sponsors_requiredtextasset", "required_text_assets", *_REQUIRED_TEXT),
    _feature("sponsors_requiredresponseasset", "required_response_assets", *_REQUIRED),
    _feature("sponsors_providedtextasset", "provided_text_assets", *_PROVIDED_TEXT),
    _feature("sponsors_providedfileasset", "provided_file_assets", *_PROVIDED_FILE),
)

_ASSETS = (
    _table(
        "sponsors_genericasset",
        "generic_assets",
        *same("uuid", "content_type_id", "object_id", "internal_name", "polymorphic_ctype_id"),
    ),
    _asset("sponsors_imgasset", "img_assets", *same("image")),
    _asset("sponsors_textasset", "text_assets", *same("text")),
    _asset("sponsors_fileasset", "file_assets", *same("file")),
    _asset("sponsors_responseasset", "response_assets", *same("response")),
)

MAPPING = (*_CATALOGUE, *_CONFIGURATIONS, *_SPONSORSHIPS, *_FEATURES, *_ASSETS)
