"""What a benefit of the catalogue entails: a base row, and a row of one of eight kinds."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Keyed, Record
from ported_domains.shared.columns import refers_to
from ported_domains.sponsors.models.catalogue import SponsorshipBenefit
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


class BenefitFeatureConfiguration(Keyed, Polymorphic, Record):
    __tablename__ = "benefit_feature_configurations"

    benefit_id: Mapped[int] = mapped_column(refers_to(SponsorshipBenefit.id), index=True)


class _OneKind(BenefitFeatureConfiguration):
    __abstract__ = True

    benefitfeatureconfiguration_ptr_id: Mapped[int] = mapped_column(
        refers_to(BenefitFeatureConfiguration.id), primary_key=True
    )


class _OneAsset(_OneKind):
    """Its internal name finds the asset, so each kind gives a name once; copies share it."""

    __abstract__ = True

    internal_name: Mapped[str] = mapped_column(String(128), unique=True)


class LogoPlacementConfiguration(_OneKind, LogoPlacementShape):
    __tablename__ = "logo_placement_configurations"


class TieredBenefitConfiguration(_OneKind, TieredBenefitShape):
    __tablename__ = "tiered_benefit_configurations"


class EmailTargetableConfiguration(_OneKind):
    __tablename__ = "email_targetable_configurations"


class RequiredImgAssetConfiguration(_OneAsset, RequiredImgAssetShape):
    __tablename__ = "required_img_asset_configurations"


class RequiredTextAssetConfiguration(_OneAsset, RequiredTextAssetShape):
    __tablename__ = "required_text_asset_configurations"


class RequiredResponseAssetConfiguration(_OneAsset, RequiredAssetShape):
    __tablename__ = "required_response_asset_configurations"


class ProvidedTextAssetConfiguration(_OneAsset, ProvidedTextAssetShape):
    __tablename__ = "provided_text_asset_configurations"


class ProvidedFileAssetConfiguration(_OneAsset, ProvidedFileAssetShape):
    __tablename__ = "provided_file_asset_configurations"
