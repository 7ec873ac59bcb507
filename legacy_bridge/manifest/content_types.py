"""The models' natural keys, from the legacy project's manifest."""

from collections.abc import Mapping

from legacy_bridge.django.content_types import Key, ModelKeys
from legacy_bridge.manifest.model import Manifest


def model_keys(manifest: Manifest) -> Mapping[str, ModelKeys]:
    """By the models' labels (app.Name) in small letters."""
    return {
        model.label.lower(): ModelKeys(
            own=_key(model.label), concrete=_key(model.proxy_of or model.label)
        )
        for model in manifest.models
    }


def _key(label: str) -> Key:
    app_label, _, name = label.partition(".")
    return Key(app_label, name.lower())
