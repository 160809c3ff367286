"""Geohash: a short text for a place on the map, which Grafana's geomap reads (https://en.wikipedia.org/wiki/Geohash)."""

from wifi_manager.domain.sites import Position

_LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"
_BITS = 5  # a letter


def geohash(position: Position, length: int) -> str:
    """The cell of so many letters that the position is in: six letters are about 1.2 km by 0.6 km."""
    across, up = bits_of(length)
    bits = across + up
    east, north = _steps(position.longitude, 180, across), _steps(position.latitude, 90, up)
    number = 0
    for bit in range(bits):
        source, place = (east, across - 1 - bit // 2) if bit % 2 == 0 else (north, up - 1 - bit // 2)
        number = number << 1 | source >> place & 1
    return "".join(_LETTERS[number >> shift & 31] for shift in range(bits - _BITS, -1, -_BITS))


def bits_of(length: int) -> tuple[int, int]:
    """Into how many parts, as powers of two, so many letters cut the world: across (it has the first bit) and up."""
    bits = length * _BITS
    return -(-bits // 2), bits // 2


def _steps(degrees: float, half: int, bits: int) -> int:
    """In which of 2^bits equal parts of the whole range the degrees are."""
    parts = 1 << bits
    return min(int((degrees + half) / (2 * half) * parts), parts - 1)
