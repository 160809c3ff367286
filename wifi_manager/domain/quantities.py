"""Rates, volumes and durations: kept as whole numbers of the base unit, said so that a person can read them."""

from datetime import timedelta

_BYTE_STEPS = ("B", "kB", "MB", "GB", "TB", "PB")
_RATE_STEPS = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s")
_THOUSAND = 1000  # SI, as network equipment counts


def say_bytes(count: int) -> str:
    """`1_500_000` bytes → `1.5 MB`."""
    return _say(count, _BYTE_STEPS)


def say_rate(bits_per_second: int) -> str:
    """`10_000_000` bits per second → `10 Mbit/s`."""
    return _say(bits_per_second, _RATE_STEPS)


def whole_seconds(span: timedelta) -> int:
    """Seconds of a span, rounded down, never below 0: what a countdown and RFC 8908 `seconds-remaining` show."""
    return max(0, int(span.total_seconds()))


def _say(amount: int, steps: tuple[str, ...]) -> str:
    value, step = float(amount), 0
    while value >= _THOUSAND and step < len(steps) - 1:
        value, step = value / _THOUSAND, step + 1
    return f"{value:.1f}".removesuffix(".0") + f" {steps[step]}"
