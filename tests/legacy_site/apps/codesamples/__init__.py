"""Short programs on the home page."""
