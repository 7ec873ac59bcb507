"""Loads that show a promise holding while traffic runs."""
