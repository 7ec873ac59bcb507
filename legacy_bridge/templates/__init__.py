"""Django's template language on Jinja2.

`convert/` turns Django source into Jinja2 source, `compiling/` turns that into Python with Django's
semantics, `rendering/` is what it calls. `tags/` and `filters/` are those that Django has without
`{% load %}`, `libraries/` the others.
"""
