"""What the Prometheus text format asks of those who write it themselves."""

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def escaped(value: str) -> str:
    """A label's value as the text format wants it."""
    return value.translate(_ESCAPES)
