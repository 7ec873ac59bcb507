"""The two HTTP APIs as Tastypie (v1) and Django REST framework (v2) answer (behaviour/api.md).

Both write what a domain's `Store` can write, through `shared.writing`: while the legacy side owns
the domain, a write is refused before anything is done.
"""
