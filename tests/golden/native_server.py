"""The native side alone on a real socket, with limits that the tests choose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy.ext.asyncio import AsyncEngine

from ported_domains.registry import DOMAINS
from ported_domains.shared.api.inquiry import TRUSTED_PEER_KEY
from ported_domains.shared.api.sources import THROTTLES_KEY
from ported_domains.shared.api.throttle import Rate, Throttles
from ported_domains.shared.site import native_app
from proxy.databases import open_engine
