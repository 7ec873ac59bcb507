"""Sponsorships: packages, benefits, assets, contracts."""
