from legacy_site.apps.cms.seeding import put
from legacy_site.apps.companies.models import Company


def seed() -> None:
    put(
        Company,
        {"name": "Lantern Maps"},
        about="Maps of places without street lights.\n\n* founded in 2011\n* eleven people",
        contact="Lena Lamp",
        email="hello@lantern.example.org",
        url="https://lantern.example.org/",
    )
    put(
        Company,
        {"name": "Tidal Dairy"},
        about="Cheese, timed by the sea.",
        about_markup_type="plain",
        email="office@tidal.example.org",
        url="https://tidal.example.org/",
    )
    put(Company, {"name": "Ümlaut & Söhne"}, about="")
