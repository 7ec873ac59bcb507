#!/usr/bin/env python
"""Django's command line for the bundled legacy site; works from any folder."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legacy_site.settings")
    execute_from_command_line(sys.argv)
