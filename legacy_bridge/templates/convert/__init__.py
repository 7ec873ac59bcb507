"""Django template source to Jinja2 source: pure, no files, nothing is run."""
