"""What a sponsor's own benefit entails: copies of the configurations."""

from django.db import models

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
from legacy_site.apps.sponsors.models.sponsorships import SponsorBenefit


class BenefitFeature(Polymorphic):
    sponsor_benefit = models.ForeignKey(SponsorBenefit, models.CASCADE)

    class Meta:
        verbose_name = "Benefit Feature"
        verbose_name_plural = "Benefit Features"


class LogoPlacement(LogoPlacementShape, BenefitFeature):
    class Meta:
        verbose_name = "Logo Placement"


class TieredBenefit(TieredBenefitShape, BenefitFeature):
    class Meta:
        verbose_name = "Tiered Benefit"


class EmailTargetable(BenefitFeature):
    class Meta:
        verbose_name = "Email Targetable Benefit"


class RequiredImgAsset(RequiredImgAssetShape, BenefitFeature):
    class Meta:
        verbose_name = "Require Image"


class RequiredTextAsset(RequiredTextAssetShape, BenefitFeature):
    class Meta:
        verbose_name = "Require Text"


class RequiredResponseAsset(RequiredAssetShape, BenefitFeature):
    class Meta:
        verbose_name = "Require Response"


# Pages compare the next two names.
class ProvidedTextAsset(ProvidedTextAssetShape, BenefitFeature):
    class Meta:
        verbose_name = "Provided Text"


class ProvidedFileAsset(ProvidedFileAssetShape, BenefitFeature):
    class Meta:
        verbose_name = "Provided File"
