"""The site's two public APIs, of which each domain states its resources.

`v1` answers as Tastypie does, `v2` as Django REST framework (behaviour/api.md). Both read only:
in every phase of this version unsafe methods go to the legacy side before they get here.
"""
