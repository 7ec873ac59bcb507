"""What a benefit of one sponsorship entails: a base row, and a row of one of eight kinds."""

from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Keyed, Record
from ported_domains.shared.columns import refers_to
from ported_domains.sponsors.models.columns import Polymorphic
from ported_domains.sponsors.models.shapes import (
    LogoPlacementShape,
    ProvidedFileAssetShape,
    ProvidedTextAssetShape,
    RequiredAssetShape,
    RequiredImgAssetShape,
    RequiredTextAssetShape,
    TieredBenefitShape,
)
from ported_domains.sponsors.models.sponsorships import SponsorBenefit


class BenefitFeature(Keyed, Polymorphic, Record):
    __tablename__ = "benefit_features"

    sponsor_benefit_id: Mapped[int] = mapped_column(refers_to(SponsorBenefit.id), index=True)


class _OneKind(BenefitFeature):
    __abstract__ = True

    benefitfeature_ptr_id: Mapped[int] = mapped_column(
        refers_to(BenefitFeature.id), primary_key=True
    )


class LogoPlacement(_OneKind, LogoPlacementShape):
    __tablename__ = "logo_placements"


class TieredBenefit(_OneKind, TieredBenefitShape):
    __tablename__ = "tiered_benefits"


class EmailTargetable(_OneKind):
    __tablename__ = "email_targetables"


class RequiredImgAsset(_OneKind, RequiredImgAssetShape):
    __tablename__ = "required_img_assets"


class RequiredTextAsset(_OneKind, RequiredTextAssetShape):
    __tablename__ = "required_text_assets"


class RequiredResponseAsset(_OneKind, RequiredAssetShape):
    __tablename__ = "required_response_assets"


class ProvidedTextAsset(_OneKind, ProvidedTextAssetShape):
    __tablename__ = "provided_text_assets"


class ProvidedFileAsset(_OneKind, ProvidedFileAssetShape):
    __tablename__ = "provided_file_assets"
