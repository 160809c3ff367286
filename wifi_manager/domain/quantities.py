"""Volumes: kept as whole bytes, said so that a person can read them."""

_STEPS = ("B", "kB", "MB", "GB", "TB", "PB")
_THOUSAND = 1000  # SI, as network equipment counts


def say_bytes(count: int) -> str:
    """`1_500_000` bytes → `1.5 MB`."""
    value, step = float(count), 0
    while value >= _THOUSAND and step < len(_STEPS) - 1:
        value, step = value / _THOUSAND, step + 1
    return f"{value:.1f}".removesuffix(".0") + f" {_STEPS[step]}"
