"""Jinja2 source to Python that keeps Django's semantics."""
