"""Elections: who nominated whom."""
