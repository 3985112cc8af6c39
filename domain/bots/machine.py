"""Opens and clicks of machines, by what a single event says: mail scanners, gateways and crawlers.

User agents are told apart by crawlerdetect. Proxies that load the pictures of a mail when a person opens it are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from crawlerdetect import CrawlerDetect  # type: ignore[import-untyped]

from domain.events.event import AUTOMATED, Json

__all__ = ["JUDGED_TYPES", "machine_reason"]

JUDGED_TYPES = frozenset({"email.opened", "email_open", "email.clicked", "email_click", "link.clicked"})
"""Types of events that machines cause too."""
_PROXIES = ("googleimageproxy", "yahoomailproxy")
_SCANNERS = (
    "barracuda",
    "proofpoint",
    "mimecast",
    "safelinks",
    "messagelabs",
    "trendmicro",
    "fireeye",
    "sophos",
)
"""Mail gateways that name themselves, and that the library does not know."""
_MAX_CHARACTERS = 500


def machine_reason(type_: str, properties: Mapping[str, Json]) -> str:
    """Why the event is a machine's, empty if nothing says so. Properties: machineOpen, bot, honeypot, method, userAgent."""
    if type_ not in JUDGED_TYPES or AUTOMATED in properties:
        return ""
    if properties.get("machineOpen") is True:
        return "the provider says that a machine opened it"
    bot = properties.get("bot")
    if bot is True or (isinstance(bot, str) and bot):
        return f"the provider names a bot{'' if bot is True else f', {bot[:50]}'}"
    if properties.get("honeypot") is True:
        return "it followed a link that people do not see"
    method = properties.get("method")
    if isinstance(method, str) and method.upper() == "HEAD":
        return "it asked for the head of the page only"
    agent = properties.get("userAgent")
    return _agent_reason(agent[:_MAX_CHARACTERS]) if isinstance(agent, str) else ""


@lru_cache(maxsize=4096)
def _agent_reason(agent: str) -> str:
    name = agent.lower()
    if any(proxy in name for proxy in _PROXIES):
        return ""
    scanner = next((one for one in _SCANNERS if one in name), None)
    if scanner is not None:
        return f"its user agent is a mail scanner, {scanner}"
    return "its user agent is a program's" if _detector().isCrawler(agent) else ""


@cache
def _detector() -> CrawlerDetect:
    """Made when it is first needed: its patterns take time and memory."""
    return CrawlerDetect()
