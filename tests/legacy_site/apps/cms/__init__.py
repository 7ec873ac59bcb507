"""Shared building blocks: abstract models, the markup field, the admin of content."""
