"""What the transport changes about SSH packets: real connections are in test_safe_push and the stories."""

import pytest

from provisioning import transport


@pytest.mark.parametrize(
    ("received", "same"), [(b"0123456789abcdef", True), (b"0123456789abcdeX", False), (b"", False)]
)
def test_the_faster_comparison_of_packets_still_tells_a_forged_one(received, same):
    assert transport.paramiko.util.constant_time_bytes_eq(b"0123456789abcdef", received) is same
