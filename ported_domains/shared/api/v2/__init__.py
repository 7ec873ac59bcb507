"""API v2, which answers as Django REST framework does (behaviour/api.md C)."""
