"""The library that every template has without loading it."""

from legacy_bridge.templates.library import Library

builtins = Library("builtins")
