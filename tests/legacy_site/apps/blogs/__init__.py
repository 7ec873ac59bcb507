"""Entries of other people's blogs."""
