"""Feature flags, switches and samples as templates ask for them (behaviour/site.md §9)."""

import random
from collections.abc import Mapping
from typing import Any

from legacy_bridge.django.authentication.user import ANONYMOUS
from legacy_bridge.django.flags import Flags, FlagVisitor
from ported_domains.chrome import reading
from ported_domains.shared.rendering import rendering
from ported_domains.shared.waiting import waited


class SiteFlags:
    """`legacy_bridge.templates.site.Flags` of the page that is being rendered. The defaults are
    WAFFLE_SWITCH_DEFAULT and WAFFLE_SAMPLE_DEFAULT: for what does not exist."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        """`told` is what the project's manifest says of waffle."""
        self._switch_default = bool(told.get("SWITCH_DEFAULT"))
        self._sample_default = bool(told.get("SAMPLE_DEFAULT"))

    def is_flag_active(self, name: str, context: Any) -> bool:
        asked = rendering()
        flag = reading.flag(asked.reading(reading.FLAG_TABLES), name)
        if asked.visitor is None:
            return Flags(FlagVisitor(ANONYMOUS)).is_on(flag)
        if flag is not None and flag.everyone is None:
            waited(asked.visitor.load())
        return asked.visitor.has(flag)

    def is_switch_active(self, name: str, context: Any) -> bool:
        active = reading.switch(rendering().reading(reading.FLAG_TABLES), name)
        return self._switch_default if active is None else active

    def is_sample_active(self, name: str, context: Any) -> bool:
        asked = rendering()
        asked.visit.good_for = 0  # the next page is drawn anew
        percent = reading.sample_percent(asked.reading(reading.FLAG_TABLES), name)
        if percent is None:
            return self._sample_default
        return random.uniform(0, 100) <= percent  # noqa: S311 - draws a sample, guards nothing
