"""Stories of companies that use the language."""
