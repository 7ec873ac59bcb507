"""What a Django project tells about itself: an app for its INSTALLED_APPS, with one command.

    manage.py strangler_manifest --output manifest.json

It runs inside the legacy project, which may be old: nothing but Django 4.2 or later and the
standard library of Python 3.8 or later is used, and nothing else of ours is imported. What is
written is read by `legacy_bridge/manifest/`.
"""
