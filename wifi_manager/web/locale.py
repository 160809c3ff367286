"""Which of a city's languages a browser asks for."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

_LONGEST_HEADER = 1000  # characters; a browser's own is below 100
_MOST_HEADERS = 1024  # remembered: a crowd's phones have a few tens
_ANY = "*"

# What a range is called here when it has an older name, or names a region where a script is meant. The longest
# beginning counts. Browsers say "zh-TW" for Traditional and "zh" or "zh-CN" for Simplified Chinese (CLDR, likely
# subtags); older phones say Tagalog for Filipino; the others are preferred values of the IANA subtag registry.
_CANONICAL = {
    "tl": "fil",
    "in": "id",
    "iw": "he",
    "zh": "zh-hans",
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
    "zh-hant": "zh-hant",
    "cmn": "zh-hans",
    "cmn-hant": "zh-hant",
    "yue": "zh-hant",
    "yue-hans": "zh-hans",
}


def negotiate(accept_language: str, languages: Sequence[str]) -> str:
    """The best of `languages` for an Accept-Language header (RFC 9110 section 12.5.4); the first one if none fits.

    Ranges are looked up as in RFC 4647 section 3.4: "ko-KR" finds "ko", "zh-Hant-TW" finds "zh-Hant" and then "zh".
    """
    return _negotiated(accept_language[:_LONGEST_HEADER], tuple(languages))


@lru_cache(_MOST_HEADERS)
def _negotiated(header: str, languages: tuple[str, ...]) -> str:
    ranges = list(_ranges(header))
    refused = {shorter for tag, quality in ranges if quality == 0 for shorter in (tag, _canonical(tag))}
    offered = {each.lower(): each for each in languages if each.lower() not in refused}
    for tag, _quality in sorted((each for each in ranges if each[1] > 0), key=lambda each: -each[1]):
        if (found := _find(tag, offered)) is not None:
            return found
    return languages[0]


def _find(tag: str, offered: Mapping[str, str]) -> str | None:
    if tag == _ANY:
        return next(iter(offered.values()), None)
    candidates = (tag, *_shorter(_canonical(tag)), *_shorter(tag))
    return next((offered[each] for each in candidates if each in offered), None)


def _ranges(header: str) -> Iterable[tuple[str, float]]:
    """Each range of the header in small letters, with its quality; what cannot be read is left out."""
    for part in header.split(","):
        tag, _, parameters = part.strip().lower().partition(";")
        quality = _quality(parameters)
        if tag and quality is not None:
            yield tag.strip().replace("_", "-"), quality


def _quality(parameters: str) -> float | None:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return None
    return quality if name.strip() == "q" and 0 <= quality <= 1 else None


def _canonical(tag: str) -> str:
    return next((_CANONICAL[shorter] for shorter in _shorter(tag) if shorter in _CANONICAL), tag)


def _shorter(tag: str) -> Iterable[str]:
    """The tag, then ever shorter ones; a single letter goes together with what it introduces."""
    parts = tag.split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()
