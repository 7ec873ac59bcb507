"""The start of a ported domain, written from what the legacy project's manifest says of an app.

    1. naming    what the app's tables, their columns and classes are called natively
    2. columns   each field as a column: type, key, reference, default
    3. rules     constraints and indexes
    4. *_text    the plan of all that as models.py, mapping.py, __init__.py and a migration

`reading` goes through 1 to 3, `files` through 4. All is pure: who calls it writes the files. What
the manifest does not say, or SQLAlchemy cannot, stands as a remark where a person will read it.
"""
