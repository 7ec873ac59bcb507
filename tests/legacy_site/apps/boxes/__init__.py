"""Boxes: small pieces of HTML that editors change and templates and scripts show by label."""
