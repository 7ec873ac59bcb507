"""One year of sponsoring: a catalogue, one finalized sponsorship and one application."""

from datetime import date
from uuid import UUID

from django.contrib.contenttypes.models import ContentType

from legacy_site.apps.cms.seeding import SEEDED_AT, put
from legacy_site.apps.sponsors import models
from legacy_site.apps.users.models import User

YEAR = 2026


def seed() -> None:
    put(models.SponsorshipCurrentYear, {}, year=YEAR)
    foundation, pycon = _programs()
    packages = _packages()
    logo = _benefit("Logo on the sponsors page", foundation, packages, internal_value=2000)
    tickets = _benefit("Tickets for the conference", pycon, packages[:1], capacity=10)
    clause = put(
        models.LegalClause,
        {"internal_name": "Use of logos"},
        clause="The sponsor lets the foundation show its logo.",
    )
    logo.legal_clauses.set([clause])
    logo.conflicts.set([tickets])
    _configurations(logo, tickets, packages[0])
    _sponsorships(packages, logo, tickets)
    put(
        models.SponsorEmailNotificationTemplate,
        {"internal_name": "welcome"},
        subject="Welcome, {{ sponsor_name }}",
        content="Dear sponsor,\n\nyour sponsorship began on {{ sponsorship_start_date }}.",
    )
    models.SponsorEmailNotificationTemplate.objects.update(
        created_at=SEEDED_AT, updated_at=SEEDED_AT
    )


def _programs() -> list[models.SponsorshipProgram]:
    names = ("Foundation", "PyCon")
    return [put(models.SponsorshipProgram, {"name": name}, order=n) for n, name in enumerate(names)]


def _packages() -> list[models.SponsorshipPackage]:
    prices = {"Visionary": 150000, "Supporting": 5000}
    return [
        put(
            models.SponsorshipPackage,
            {"slug": name.lower(), "year": YEAR},
            name=name,
            sponsorship_amount=price,
            advertise=True,
            order=number,
        )
        for number, (name, price) in enumerate(prices.items())
    ]


def _benefit(name: str, program, packages, **values) -> models.SponsorshipBenefit:
    benefit = put(
        models.SponsorshipBenefit,
        {"name": name, "year": YEAR},
        program=program,
        description=f"{name}, for a year.",
        **values,
    )
    benefit.packages.set(packages)
    return benefit


_LOGO = {"publisher": "psf", "logo_place": "sponsors", "link_to_sponsors_page": True}
_TEXT = {"related_to": "sponsor", "label": "Words for the page", "max_length": 300}
_IMAGE = {
    "related_to": "sponsor",
    "label": "A wide logo",
    "min_width": 300,
    "max_width": 1200,
    "min_height": 100,
    "max_height": 400,
    "due_date": date(YEAR, 6, 30),
}
_RESPONSE = {"related_to": "sponsorship", "label": "Will you send somebody?"}
_PROVIDED_TEXT = {
    "related_to": "sponsorship",
    "label": "Code for tickets",
    "shared": True,
    "shared_text": "SPONSOR-2026",
}
_PROVIDED_FILE = {"related_to": "sponsorship", "label": "Floor plan", "shared": True}


def _configurations(logo, tickets, package) -> None:
    put(models.LogoPlacementConfiguration, {"benefit": logo}, **_LOGO)
    put(models.EmailTargetableConfiguration, {"benefit": logo})
    put(models.TieredBenefitConfiguration, {"benefit": tickets, "package": package}, quantity=5)
    for model, benefit, name, values in (
        (models.RequiredTextAssetConfiguration, logo, "page_text", _TEXT),
        (models.RequiredImgAssetConfiguration, logo, "wide_logo", _IMAGE),
        (models.RequiredResponseAssetConfiguration, tickets, "attends", _RESPONSE),
        (models.ProvidedTextAssetConfiguration, tickets, "ticket_code", _PROVIDED_TEXT),
        (models.ProvidedFileAssetConfiguration, tickets, "floor_plan", _PROVIDED_FILE),
    ):
        put(model, {"internal_name": name}, benefit=benefit, **values)


def _sponsorships(packages, logo, tickets) -> None:
    member = User.objects.get(username="u1_1")
    lantern = _sponsor("Lantern Maps", member)
    finalized = put(
        models.Sponsorship,
        {"sponsor": lantern, "year": YEAR},
        submited_by=member,
        status=models.Sponsorship.Status.FINALIZED,
        package=packages[0],
        level_name_old=packages[0].name,
        sponsorship_fee=packages[0].sponsorship_amount,
        start_date=date(YEAR, 1, 1),
        end_date=date(2035, 12, 31),
        approved_on=date(2025, 12, 1),
        finalized_on=date(2025, 12, 20),
        locked=True,
    )
    applied = put(
        models.Sponsorship,
        {"sponsor": _sponsor("Tidal Dairy", member), "year": YEAR},
        submited_by=member,
        package=packages[1],
        sponsorship_fee=packages[1].sponsorship_amount,
    )
    models.Sponsorship.objects.update(applied_on=date(2025, 11, 15))
    _sponsor_benefits(finalized, applied, logo, tickets, packages[0])
    _contract(finalized)
    _assets(lantern, finalized)


def _sponsor(name: str, member: User) -> models.Sponsor:
    slug = name.lower().replace(" ", "-")
    sponsor = put(
        models.Sponsor,
        {"name": name},
        description=f"{name} sponsors what it uses.",
        landing_page_url=f"https://{slug}.example.org/",
        web_logo=f"sponsor_web_logos/{slug}.png",
        primary_phone="+31 30 000 0000",
        mailing_address_line_1="Main Street 1",
        city="Utrecht",
        postal_code="3511 AA",
        country="NL",
    )
    put(
        models.SponsorContact,
        {"sponsor": sponsor, "email": member.email},
        user=member,
        primary=True,
        manager=True,
        name="Ulla Member",
        phone="+31 30 000 0001",
    )
    return sponsor


def _sponsor_benefits(finalized, applied, logo, tickets, package) -> None:
    shown = _copied(finalized, logo, 0)
    given = _copied(finalized, tickets, 1)
    _copied(applied, logo, 2)
    put(models.LogoPlacement, {"sponsor_benefit": shown}, **_LOGO)
    put(models.EmailTargetable, {"sponsor_benefit": shown})
    put(models.TieredBenefit, {"sponsor_benefit": given}, package=package, quantity=5)
    for model, benefit, name, values in (
        (models.RequiredTextAsset, shown, "page_text", _TEXT),
        (models.RequiredImgAsset, shown, "wide_logo", _IMAGE),
        (models.RequiredResponseAsset, given, "attends", _RESPONSE),
        (models.ProvidedTextAsset, given, "ticket_code", _PROVIDED_TEXT),
        (models.ProvidedFileAsset, given, "floor_plan", _PROVIDED_FILE),
    ):
        put(model, {"sponsor_benefit": benefit, "internal_name": name}, **values)


def _copied(sponsorship, benefit, order: int) -> models.SponsorBenefit:
    return put(
        models.SponsorBenefit,
        {"sponsorship": sponsorship, "sponsorship_benefit": benefit},
        program=benefit.program,
        program_name=benefit.program.name,
        name=benefit.name,
        description=benefit.description,
        benefit_internal_value=benefit.internal_value,
        order=order,
    )


def _contract(sponsorship: models.Sponsorship) -> None:
    put(
        models.Contract,
        {"sponsorship": sponsorship},
        status=models.Contract.Status.EXECUTED,
        revision=1,
        sponsor_info="Lantern Maps, Main Street 1, Utrecht",
        sponsor_contact="Ulla Member, u1_1@example.org",
        benefits_list="* Logo on the sponsors page\n* Tickets for the conference",
        legal_clauses="1. The sponsor lets the foundation show its logo.",
    )
    day = date(2025, 12, 20)
    models.Contract.objects.update(created_on=day, last_update=day)


def _assets(sponsor: models.Sponsor, sponsorship: models.Sponsorship) -> None:
    for number, (model, owner, name, values) in enumerate(
        (
            (models.TextAsset, sponsor, "page_text", {"text": "Maps for the night."}),
            (models.ImgAsset, sponsor, "wide_logo", {"image": ""}),
            (models.ResponseAsset, sponsorship, "attends", {"response": "YES"}),
            (models.FileAsset, sponsorship, "floor_plan", {"file": ""}),
        ),
        start=1,
    ):
        owner_type = ContentType.objects.get_for_model(owner)
        key = {"content_type": owner_type, "object_id": owner.pk, "internal_name": name}
        put(model, key, uuid=UUID(int=number), **values)
