"""Logos for the portal's pages: small, and nothing in them that could run, load or link."""

import base64
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from wifi_manager.domain.errors import BadInput

LARGEST_BYTES = 8 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"  # PNG third edition, section 5.2
_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset((
    "svg", "g", "defs", "symbol", "use", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline",
    "polygon", "text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask",
))  # fmt: skip
_HREF = re.compile(r"(\{http://www\.w3\.org/1999/xlink\})?href")
_INNER = re.compile(r"\s*#[\w.-]+\s*")
_REFERENCE = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression|javascript:|data:", re.IGNORECASE)


def as_address(content: bytes) -> str:
    """The logo as a `data:` address, which a page holds in itself. Raises BadInput for what could do harm."""
    if len(content) > LARGEST_BYTES:
        raise BadInput(f"logo: it has {len(content)} bytes; at most {LARGEST_BYTES} fit into the page. Simplify it.")
    if content.startswith(_PNG):
        kind = "png"
    else:
        _check_svg(content)
        kind = "svg+xml"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def check_address(address: str) -> None:
    """Raise BadInput unless the address is one that `as_address` could have made."""
    for kind in ("png", "svg+xml"):
        beginning = f"data:image/{kind};base64,"
        if address.startswith(beginning):
            try:
                content = base64.b64decode(address.removeprefix(beginning), validate=True)
            except ValueError as broken:
                raise BadInput("logo: the data address is damaged. Take the file anew.") from broken
            if as_address(content) == address:
                return
    raise BadInput("logo: name a PNG or an SVG file.")


def _check_svg(content: bytes) -> None:
    if b"<!" in content.replace(b"<!--", b""):  # a document type could name entities, files and addresses
        raise BadInput("logo: the SVG has a document type or a CDATA section. Save it as plain SVG.")
    try:
        root = ET.fromstring(content)  # noqa: S314 - without a document type there are no entities to expand
    except (ET.ParseError, ValueError, LookupError) as broken:
        raise BadInput(f"logo: this is neither PNG nor SVG ({broken}).") from broken
    wrong = "another root than svg" if root.tag != f"{_SVG}svg" else next(_wrong_parts(root), None)
    if wrong is not None:
        raise BadInput(f"logo: the SVG must not have {wrong}. Save it as plain SVG without scripts and links.")


def _wrong_parts(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        name = str(element.tag).removeprefix(_SVG)
        if name not in _ELEMENTS:
            yield f"the element {name[:40]!r}"
        for key, value in element.attrib.items():
            is_outer_link = _HREF.fullmatch(key) and not _INNER.fullmatch(value)
            if key.lower().startswith("on") or is_outer_link or _REFERENCE.search(value):
                yield f"the attribute {key[:40]!r} with this value"
