"""What a feature of a benefit holds, in the catalogue and, copied, in a sponsorship alike."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.shared.columns import refers_to
from ported_domains.sponsors.models.catalogue import SponsorshipPackage
from ported_domains.sponsors.models.columns import not_negative


class LogoPlacementShape:
    publisher: Mapped[str] = mapped_column(String(30))
    logo_place: Mapped[str] = mapped_column(String(30))
    link_to_sponsors_page: Mapped[bool]
    describe_as_sponsor: Mapped[bool]


class TieredBenefitShape:
    package_id: Mapped[int] = mapped_column(refers_to(SponsorshipPackage.id), index=True)
    quantity: Mapped[int] = not_negative("quantity")
    display_label: Mapped[str] = mapped_column(String(32))


class AssetShape:
    """What is handed over, in words. Its value is the asset of the same internal name."""

    related_to: Mapped[str] = mapped_column(String(30))
    internal_name: Mapped[str] = mapped_column(String(128), index=True)
    label: Mapped[str] = mapped_column(String(256))
    help_text: Mapped[str] = mapped_column(String(256))


class RequiredAssetShape(AssetShape):
    due_date: Mapped[date | None]


class RequiredImgAssetShape(RequiredAssetShape):
    min_width: Mapped[int] = not_negative("min_width")
    max_width: Mapped[int] = not_negative("max_width")
    min_height: Mapped[int] = not_negative("min_height")
    max_height: Mapped[int] = not_negative("max_height")


class RequiredTextAssetShape(RequiredAssetShape):
    max_length: Mapped[int | None]


class ProvidedTextAssetShape(AssetShape):
    shared: Mapped[bool]
    shared_text: Mapped[str | None]


class ProvidedFileAssetShape(AssetShape):
    shared: Mapped[bool]
    shared_file: Mapped[str | None] = mapped_column(String(100))
