"""Names in the database that the real site's history left behind: tables and columns were
renamed, their constraints and sequences were not. Dumps and error messages go by these names.
"""

from django.db import transaction
from psycopg import sql

CONSTRAINTS = {
    "django_site": {"django_site_domain_key": "django_site_domain_a2e37b91_uniq"},
    "sponsors_contract": {
        "sponsors_contract_pkey": "sponsors_statementofwork_pkey",
        "sponsors_contract_revision_check": "sponsors_statementofwork_revision_check",
        "sponsors_contract_sponsorship_id_key": "sponsors_statementofwork_sponsorship_id_key",
        "sponsors_contract_sponsorship_id_c3a710e6_fk_sponsors_": (
            "sponsors_statementof_sponsorship_id_34fa3a1f_fk_sponsors_"
        ),
    },
    "sponsors_sponsorship": {
        "sponsors_sponsorship_year_check": "sponsors_sponsorship_application_year_check",
    },
    "sponsors_sponsorshipbenefit": {
        "sponsors_sponsorshipbenefit_internal_value_check": (
            "sponsors_sponsorshipbenefit_value_check"
        ),
    },
    "sponsors_sponsorshippackage": {
        "sponsors_sponsorshippackage_pkey": "sponsors_sponsorshiplevel_pkey",
        "sponsors_sponsorshippackage_order_check": "sponsors_sponsorshiplevel_order_check",
        "sponsors_sponsorshippackage_sponsorship_amount_check": (
            "sponsors_sponsorshiplevel_sponsorship_amount_check"
        ),
    },
    "sponsors_tieredbenefit": {
        "sponsors_tieredbenefit_pkey": "sponsors_tieredquantity_pkey",
        "sponsors_tieredbenefit_quantity_check": "sponsors_tieredquantity_quantity_check",
        "sponsors_tieredbenef_benefitfeature_ptr_i_0f6db396_fk_sponsors_": (
            "sponsors_tieredquant_benefitfeature_ptr_i_8027154e_fk_sponsors_"
        ),
        "sponsors_tieredbenef_package_id_07e6988b_fk_sponsors_": (
            "sponsors_tieredquant_package_id_70fd284c_fk_sponsors_"
        ),
    },
    "sponsors_tieredbenefitconfiguration": {
        "sponsors_tieredbenefitconfiguration_pkey": "sponsors_tieredquantityconfiguration_pkey",
        "sponsors_tieredbenefitconfiguration_quantity_check": (
            "sponsors_tieredquantityconfiguration_quantity_check"
        ),
        "sponsors_tieredbenef_benefitfeatureconfig_8de24387_fk_sponsors_": (
            "sponsors_tieredquant_benefitfeatureconfig_a45fd1f2_fk_sponsors_"
        ),
        "sponsors_tieredbenef_package_id_4a06e1a2_fk_sponsors_": (
            "sponsors_tieredquant_package_id_46e3b386_fk_sponsors_"
        ),
    },
    "users_membership": {
        "users_membership_creator_id_key": "users_membership_creator_id_c84a4580_uniq",
    },
}
SEQUENCES = {
    "sponsors_contract_id_seq": "sponsors_statementofwork_id_seq",
    "sponsors_sponsorshippackage_id_seq": "sponsors_sponsorshiplevel_id_seq",
}


def restore_names(connection) -> None:
    """Renames what still has the name that Django gave it."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class")
        existing = {name for (name,) in cursor.fetchall()}
        for statement in _renames(existing):
            cursor.execute(statement)


def _renames(existing: set[str]) -> list[sql.Composed]:
    constraint = sql.SQL("ALTER TABLE {} RENAME CONSTRAINT {} TO {}")
    sequence = sql.SQL("ALTER SEQUENCE {} RENAME TO {}")
    return [
        constraint.format(*map(sql.Identifier, (table, given, historic)))
        for table, names in CONSTRAINTS.items()
        for given, historic in names.items()
        if given in existing
    ] + [
        sequence.format(*map(sql.Identifier, (given, historic)))
        for given, historic in SEQUENCES.items()
        if given in existing
    ]
