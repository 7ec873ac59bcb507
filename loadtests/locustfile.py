"""For Locust: `locust -f loadtests/locustfile.py --host URL`, with or without its page.

Named classes alone run with `locust -f loadtests/locustfile.py Browser ApiClient …`.
"""

import sys
from pathlib import Path

from locust import events

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # Locust has this folder only

from loadtests.journeys import recording
from loadtests.journeys.api_client import ApiClient
from loadtests.journeys.browser import Browser
from loadtests.journeys.editor import Editor
from loadtests.journeys.member import Member
from loadtests.journeys.newcomer import Newcomer

__all__ = ["ApiClient", "Browser", "Editor", "Member", "Newcomer"]

recording.listen(events)
