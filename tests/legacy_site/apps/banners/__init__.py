"""Announcements above a page."""
