"""Accounts, memberships of the foundation, user groups."""
