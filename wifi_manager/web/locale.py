"""Which of a city's languages a browser asks for."""

from collections.abc import Iterable, Sequence

_LONGEST_HEADER = 1000  # characters; a browser's own is below 100
_ALIASES = {"tl": "fil"}  # older phones say Tagalog for Filipino; RFC 5646 section 2.2.1 prefers the shorter code


def negotiate(accept_language: str, languages: Sequence[str]) -> str:
    """The best of `languages` for an Accept-Language header (RFC 9110 section 12.5.4); the first one if none fits.

    Ranges are looked up as in RFC 4647 section 3.4: "ko-KR" finds "ko", "zh-Hant-TW" finds "zh-Hant" and then "zh".
    """
    offered = {language.lower(): language for language in languages}
    refused = {tag for tag, quality in _ranges(accept_language) if quality == 0}
    wanted = sorted((each for each in _ranges(accept_language) if each[1] > 0), key=lambda each: -each[1])
    for tag, _quality in wanted:
        for shorter in _lookup(tag):
            if shorter in offered and shorter not in refused:
                return offered[shorter]
    return languages[0]


def _ranges(header: str) -> Iterable[tuple[str, float]]:
    """Each range of the header in small letters, with its quality; what cannot be read is left out."""
    for part in header[:_LONGEST_HEADER].split(","):
        tag, _, parameters = part.strip().lower().partition(";")
        quality = _quality(parameters)
        if tag and quality is not None:
            yield tag.strip(), quality


def _quality(parameters: str) -> float | None:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return None
    return quality if name.strip() == "q" and 0 <= quality <= 1 else None


def _lookup(tag: str) -> Iterable[str]:
    """The tag, then ever shorter ones; a single letter goes together with what it introduces."""
    parts = tag.split("-")
    while parts:
        shorter = "-".join(parts)
        yield shorter
        yield _ALIASES.get(shorter, shorter)
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()
