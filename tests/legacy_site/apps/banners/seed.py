from legacy_site.apps.banners.models import Banner
from legacy_site.apps.cms.seeding import put


def seed() -> None:
    put(
        Banner,
        {"title": "Take part"},
        message="The yearly survey of developers is open until March.",
        link="https://survey.example.org/2026/",
        active=True,
        psf_pages_only=False,
    )
    put(
        Banner,
        {"title": "Vote"},
        message="Members vote for the board this week.",
        link="/nominations/elections/",
        active=True,
    )
    put(Banner, {"title": "Thank you"}, message="The fund drive is over.", link="/psf/donations/")
