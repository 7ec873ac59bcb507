"""One run of `strangler parity`: from the command line to the tally."""

import random
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from proxy.abilities import abilities, abilities_under, legacy_pages, manifest_of
from proxy.cli.parity.asking import Asking, Manner, Placed, Scope
from proxy.cli.parity.crawling import crawl
from proxy.cli.parity.progress import watching
from proxy.cli.parity.questions import QuestionError, Questions, read_questions, read_recorded
from proxy.cli.parity.sides import (
    FORCE,
    Remote,
    Side,
    ThroughProxy,
    client,
    native_application,
)
from proxy.parity.config import ParityConfig
from proxy.parity.tally import Parity
from proxy.routing.config import RoutingConfig
from proxy.routing.parse import load
from proxy.routing.table import RoutingTable
from proxy.settings import Settings

CRAWLED = 100
"""Questions, where none are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says; see its help."""

    urls: Path | None
    recorded: Path | None
    crawl: int | None
    domain: str | None
    sample: int | None
    legacy: str | None
    native: str | None
    header: tuple[str, ...]
    host: str | None
    unsafe: bool
    repeat_control: float
    concurrency: int
    timeout: float
    ignore: tuple[str, ...]
    without: tuple[str, ...]
    skew: float


async def run(options: Options, settings: Settings) -> tuple[Parity, Counter[str]]:
    """What was found, and, by reason, how many questions were not asked.

    Raises `QuestionError`, `SideError`, `RoutingError` or `SettingsError` where it cannot begin.
    """
    manifest = manifest_of(settings)
    able = abilities_under(settings, manifest)
    config = load(settings.routing, able)
    left_out: Counter[str] = Counter()
    domains = _domains(options, settings, config, left_out)
    table = RoutingTable.build(config, legacy_pages(manifest, able))
    scope = Scope(table, domains, options.unsafe)
    host = _host(options, settings)
    async with AsyncExitStack() as stack:
        legacy, native = await _sides(options, settings, host, stack)
        questions = await _questions(options, scope, legacy)
        left_out.update(questions.left_out)
        placed = _sampled(list(scope.placed(questions.asks, left_out)), options.sample)
        if not placed:
            reasons = "".join(f"\n  {why}: {count}" for why, count in left_out.items())
            raise QuestionError(f"there is nothing to ask{reasons}")
        with watching(len(placed)) as progress:
            asking = Asking(legacy, native, _manner(options, host, domains), progress)
            return await asking.run(placed), left_out


def _domains(
    options: Options, settings: Settings, config: RoutingConfig, left_out: Counter[str]
) -> frozenset[str]:
    """Those to ask about. In this process only what is ported and has its settings can answer."""
    if options.domain is not None and options.domain not in config.domains:
        known = ", ".join(config.domains) or "none"
        raise QuestionError(
            f"--domain {options.domain}: {settings.routing} has no such domain, only {known}"
        )
    chosen = [options.domain] if options.domain else list(config.domains)
    if options.native is not None:
        return frozenset(chosen)
    known_abilities = abilities(settings)
    lacking = {name: known_abilities[name].lacking for name in chosen}
    able = frozenset(name for name, lack in lacking.items() if lack is None)
    if options.domain is not None and not able:
        raise QuestionError(f"--domain {options.domain}: {lacking[options.domain]}")
    if not able:
        raise QuestionError(
            f"{settings.routing}: none of its domains can be answered natively here"
            + "".join(f"\n  {name}: {lack}" for name, lack in lacking.items())
        )
    return able


def _host(options: Options, settings: Settings) -> str:
    if options.host is not None:
        return options.host
    named = [name for name in settings.allowed_hosts if not name.startswith((".", "*"))]
    return named[0] if named else urlsplit(_legacy_url(options, settings)).netloc


def _legacy_url(options: Options, settings: Settings) -> str:
    return options.legacy or settings.require("legacy_url", "it says where the legacy site answers")


async def _sides(
    options: Options, settings: Settings, host: str, stack: AsyncExitStack
) -> tuple[Side, Side]:
    headers = {"Host": host, **_headers(options)}
    url = _legacy_url(options, settings)
    legacy = await stack.enter_async_context(client(url, headers, options.timeout))
    if options.native is not None:
        forced = client(options.native, headers | FORCE, options.timeout)
        through = Remote("proxy", await stack.enter_async_context(forced))
        return Remote("legacy site", legacy), ThroughProxy(through)
    app = await stack.enter_async_context(native_application(settings))
    inside = client(f"http://{host}", headers, options.timeout, app)
    native = Remote("native side", await stack.enter_async_context(inside))
    return Remote("legacy site", legacy), native


def _headers(options: Options) -> dict[str, str]:
    pairs = [line.partition(":") for line in options.header]
    for line, (name, colon, _) in zip(options.header, pairs, strict=True):
        if not colon or not name.strip().isascii() or " " in name.strip():
            raise QuestionError(f"--header {line.split()[0]!r}: write 'NAME: VALUE'")
    return {name.strip(): value.strip() for name, _, value in pairs}


async def _questions(options: Options, scope: Scope, legacy: Side) -> Questions:
    """From all sources that are named; each question once."""
    sources = []
    if options.urls is not None:
        sources.append(read_questions(options.urls))
    if options.recorded is not None:
        sources.append(read_recorded(options.recorded))
    number = options.crawl or (None if sources else CRAWLED)
    if number is not None:
        starts = ["/", *_starts(scope)]
        sources.append(await crawl(legacy, starts, scope.wants, number))
    merged = Questions([], Counter())
    for source in sources:
        merged.asks += source.asks
        merged.left_out += source.left_out
    merged.asks = list(dict.fromkeys(merged.asks))
    return merged


def _starts(scope: Scope) -> list[str]:
    """What the domains' own rules name."""
    rules = (rule for rule in scope.table.rules if rule.domain in scope.domains)
    return [rule.literal.decode() + ("" if rule.exact else "/") for rule in rules]


def _sampled(placed: list[Placed], number: int | None) -> list[Placed]:
    """The same ones each time, so that two runs can be compared."""
    if number is None or number >= len(placed):
        return placed
    chosen = sorted(random.Random(0).sample(range(len(placed)), number))  # noqa: S311 - no secret
    return [placed[at] for at in chosen]


def _manner(options: Options, host: str, domains: frozenset[str]) -> Manner:
    everywhere: list[str] = []
    ignored: dict[str, list[str]] = {domain: [] for domain in domains}
    for one in options.ignore:
        domain, _, path = one.partition("=")
        if path and domain in ignored:
            ignored[domain].append(path)
        else:
            everywhere.append(one)
    configs = {
        domain: ParityConfig(
            ignored=(*everywhere, *paths), without=frozenset(options.without), skew=options.skew
        )
        for domain, paths in ignored.items()
    }
    return Manner(
        host=host,
        concurrency=options.concurrency,
        repeat=options.repeat_control,
        configs=configs,
    )
