"""Random templates and contexts, rendered by Django and by us."""
