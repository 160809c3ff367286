"""What the first page weighs, and how many requests a browser needs for all of it."""

import gzip
import re

import httpx

from benchmarks.portal_citizens import Portal, a_ticket
from benchmarks.portal_city import NAME

_FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=(?!["']?data:)"""
    r"""|<link\b[^>]*\bhref=(?!["']?data:)|url\((?!["']?data:)|@import"""
)


def weigh(portal: Portal) -> dict[str, int]:
    """Bytes of the page as the portal sends it and as a proxy with gzip would, and requests that it takes in all."""
    ticket = a_ticket(portal.ticket_key, bytes(2), 0)
    answer = httpx.get(f"http://{NAME}:{portal.port}/", params={"s": ticket}, trust_env=False)
    answer.raise_for_status()
    compressed = len(gzip.compress(answer.content, 6))
    return {"bytes": len(answer.content), "compressed_bytes": compressed, "requests": 1 + fetches(answer.text)}


def fetches(page: str) -> int:
    """How many things a browser fetches to show the page."""
    return len(_FETCHED.findall(page))
