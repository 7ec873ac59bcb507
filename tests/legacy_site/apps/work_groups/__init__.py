"""Working groups and their charters."""
