"""Both HTTP APIs: what their resources share, and where they are registered."""
