"""A city's accent colour, made readable: text in it and on it has at least 4.5:1 in both themes (WCAG 1.4.3)."""

import re
from dataclasses import dataclass

from wifi_manager.domain.errors import BadInput

ENOUGH = 4.5
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 50
_LINEAR_BELOW, _GAMMA = 0.04045, 2.4  # of sRGB (WCAG 2.2, "relative luminance")
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_LIGHT_GROUND, _DARK_GROUND = "#eaeef2", "#202c37"  # the grounds that are hardest to read on: `--sunken`
_ON_LIGHT, _ON_DARK = "#ffffff", "#0b1216"
_SOFT_LIGHT, _SOFT_DARK, _STRONG = 0.86, 0.72, 0.22

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The accent's shades for one theme, as `#rrggbb`: itself, under a pointer, behind text, and text on it."""

    accent: str
    strong: str
    soft: str
    on_accent: str


@dataclass(frozen=True, slots=True)
class Accent:
    """The shades of both themes, and what had to be changed of the colour that was asked for."""

    light: Palette
    dark: Palette
    remarks: tuple[str, ...]


def accent(wanted: str) -> Accent:
    """The shades of `#rrggbb`, darkened or lightened as far as readers need. Raises BadInput for anything else."""
    if not _HEX.fullmatch(wanted):
        raise BadInput(f"accent {wanted!r}: write a colour as #rrggbb, such as #046b73.")
    light = _readable(wanted, _LIGHT_GROUND, _BLACK)
    dark = _readable(wanted, _DARK_GROUND, _WHITE)
    shown = (("light", light), ("dark", dark))
    remarks = tuple(
        f"accent {wanted} is shown as {shade} in the {theme} theme, so that everybody can read it (WCAG 1.4.3)."
        for theme, shade in shown
        if shade != wanted.lower()
    )
    return Accent(
        Palette(light, _mix(light, _BLACK, _STRONG), _mix(light, _WHITE, _SOFT_LIGHT), _ON_LIGHT),
        Palette(dark, _mix(dark, _WHITE, _STRONG), _mix(dark, _rgb("#17212a"), _SOFT_DARK), _ON_DARK),
        remarks,
    )


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (lighter + 0.05) / (darker + 0.05)


def _readable(wanted: str, ground: str, towards: Rgb) -> str:
    """The nearest shade towards black or white that can be read on this ground; black and white can."""
    shades = (_mix(wanted, towards, step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if contrast(shade, ground) >= ENOUGH)


def _mix(colour: str, other: Rgb, share: float) -> str:
    mixed = (round(mine + (yours - mine) * share) for mine, yours in zip(_rgb(colour), other, strict=True))
    return "#" + "".join(f"{each:02x}" for each in mixed)


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(each / 255) for each in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= _LINEAR_BELOW else ((share + 0.055) / 1.055) ** _GAMMA
