"""Pass: what a gateway may give by itself to a newcomer while control is away."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PassPolicy:
    """A short, capped way online that the city chose to be open: never a visit, never longer than this.

    Rates are bits per second, volumes are bytes in both directions together.
    """

    pass_seconds: int
    pass_down_bps: int
    pass_up_bps: int
    pass_volume_bytes: int
    passes_an_hour: int  # to one device
