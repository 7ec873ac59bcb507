"""What a compiled template calls while it renders."""
