"""API v1, which answers as Tastypie does (behaviour/api.md B)."""
