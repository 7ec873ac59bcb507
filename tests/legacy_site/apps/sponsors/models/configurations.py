"""What a benefit entails: one table for what all have, one for each kind."""

from django.db import models

from legacy_site.apps.sponsors.models.catalogue import SponsorshipBenefit
from legacy_site.apps.sponsors.models.shapes import (
    LogoPlacementShape,
    Polymorphic,
    ProvidedFileAssetShape,
    ProvidedTextAssetShape,
    RequiredAssetShape,
    RequiredImgAssetShape,
    RequiredTextAssetShape,
    TieredBenefitShape,
)


class BenefitFeatureConfiguration(Polymorphic):
    benefit = models.ForeignKey(SponsorshipBenefit, models.CASCADE)

    class Meta:
        verbose_name = "Benefit Feature Configuration"
        verbose_name_plural = "Benefit Feature Configurations"


def _one_asset_a_name(constraint: str) -> tuple[models.UniqueConstraint]:
    return (models.UniqueConstraint(fields=["internal_name"], name=constraint),)


class LogoPlacementConfiguration(LogoPlacementShape, BenefitFeatureConfiguration):
    class Meta:
        verbose_name = "Logo Placement Configuration"


class TieredBenefitConfiguration(TieredBenefitShape, BenefitFeatureConfiguration):
    class Meta:
        verbose_name = "Tiered Benefit Configuration"


class EmailTargetableConfiguration(BenefitFeatureConfiguration):
    class Meta:
        verbose_name = "Email Targetable Configuration"


class RequiredImgAssetConfiguration(RequiredImgAssetShape, BenefitFeatureConfiguration):
    class Meta:
        verbose_name = "Require Image Configuration"
        constraints = _one_asset_a_name("uniq_img_asset_cfg")


class RequiredTextAssetConfiguration(RequiredTextAssetShape, BenefitFeatureConfiguration):
    class Meta:
        verbose_name = "Require Text Configuration"
        constraints = _one_asset_a_name("uniq_text_asset_cfg")


class RequiredResponseAssetConfiguration(RequiredAssetShape, BenefitFeatureConfiguration):
    class Meta:
        verbose_name = "Require Response Configuration"
        constraints = _one_asset_a_name("uniq_response_asset_cfg")


class ProvidedTextAssetConfiguration(ProvidedTextAssetShape, BenefitFeatureConfiguration):
    class Meta:
        verbose_name = "Provided Text Configuration"
        constraints = _one_asset_a_name("uniq_provided_text_asset_cfg")


class ProvidedFileAssetConfiguration(ProvidedFileAssetShape, BenefitFeatureConfiguration):
    class Meta:
        verbose_name = "Provided File Configuration"
        constraints = _one_asset_a_name("uniq_provided_file_asset_cfg")
