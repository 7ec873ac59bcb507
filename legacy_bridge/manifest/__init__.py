"""What the legacy project tells about itself: the JSON that `legacy_bridge/exporter/` writes there.

`model` is its form, `reading` checks a file, `obeying` makes of it the settings that the native
side works by. Django is not imported.
"""
