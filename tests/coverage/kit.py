"""Small made-up cities for maps."""

from dataclasses import replace

from wifi_manager.coverage.grid import around
from wifi_manager.coverage.kernels import Kernels
from wifi_manager.coverage.painting import SignalMap
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import Transmitter
from wifi_manager.domain.propagation import Environment
from wifi_manager.domain.sites import Position
from wifi_manager.services.coverage_assumptions import shipped_assumptions

ASSUMED = shipped_assumptions()
SOUTH, WEST = 37.56, 126.97
CORNERS = [Position(SOUTH, WEST), Position(SOUTH + 0.009, WEST + 0.0113)]  # 1 km by 1 km


def a_transmitter(number, north=0.0, east=0.0, **given):
    """At some metres north and east of the city's corner."""
    usual = Transmitter(
        f"AP-{number}",
        Position(SOUTH + north / 111_000, WEST + east / 88_300),
        Band.GHZ_2_4,
        Environment.STREET,
        6.0,
        20.0,
    )
    return replace(usual, **given)


KERNELS = Kernels(ASSUMED)  # each is computed once for all tests of a process


def a_map(transmitters):
    grid = around(CORNERS, ASSUMED.cell, 0.0, 740.0)  # metres: no model reaches farther
    return SignalMap(grid, transmitters, KERNELS)
