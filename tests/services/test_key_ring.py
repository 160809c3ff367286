"""A gateway's key is read once for a crowd, and again soon enough for a gateway that was enrolled anew."""

import pytest

from wifi_manager.domain.errors import Forbidden
from wifi_manager.services.key_ring import FRESH_SECONDS, KeyRing


def test_a_crowd_at_one_gateway_costs_one_look_in_ten_seconds():
    ring, asked = KeyRing(), []

    def read(gateway):
        asked.append(gateway)
        return f"{gateway} {len(asked)}".encode()

    times = (0.0, FRESH_SECONDS - 0.1, FRESH_SECONDS, FRESH_SECONDS + 1)
    assert [ring.of("gw-1", now, read) for now in times] == [b"gw-1 1", b"gw-1 1", b"gw-1 2", b"gw-1 2"]
    assert ring.of("gw-2", 0.0, read) == b"gw-2 3"


def test_an_unknown_gateway_is_refused_each_time_and_not_remembered():
    ring = KeyRing()

    def read(_gateway):
        raise Forbidden("unknown")

    for _ in range(2):
        with pytest.raises(Forbidden):
            ring.of("gw-9", 0.0, read)
    assert ring.of("gw-9", 0.0, lambda _gateway: b"enrolled") == b"enrolled"
