from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.gateway.netfilter.conntrack import Connection
from wifi_manager.gateway.passing.farewell import checksum, segments

PORTS = st.integers(1, 65535)


@given(st.ip_addresses(v=4), PORTS, st.ip_addresses(v=4), PORTS, st.integers(0, 2**32 - 1))
def test_both_segments_have_right_checksums_and_lie_half_the_sequence_space_apart(
    phone, port, server, other, sequence
):
    first, second = segments(Connection(7, (phone, port), (server, other)), sequence)

    for packet in (first, second):
        header, tcp = packet[:20], packet[20:]
        assert checksum(header) == 0
        assert checksum(server.packed + phone.packed + bytes([0, 6, 0, len(tcp)]) + tcp) == 0
        assert tcp[:4] == other.to_bytes(2, "big") + port.to_bytes(2, "big")
    numbers = [int.from_bytes(packet[24:28], "big") for packet in (first, second)]
    assert (numbers[0] - numbers[1]) % 2**32 == 2**31


@given(st.ip_addresses(v=6), PORTS, st.ip_addresses(v=6), PORTS, st.integers(0, 2**32 - 1))
def test_the_same_over_ipv6(phone, port, server, other, sequence):
    first, second = segments(Connection(7, (phone, port), (server, other)), sequence)

    for packet in (first, second):
        header, tcp = packet[:40], packet[40:]
        assert header[:8] == bytes([0x60, 0, 0, 0, 0, len(tcp), 6, 64])
        assert header[8:] == server.packed + phone.packed
        assert checksum(header[8:] + bytes([0, 0, 0, len(tcp), 0, 0, 0, 6]) + tcp) == 0
    numbers = [int.from_bytes(packet[44:48], "big") for packet in (first, second)]
    assert (numbers[0] - numbers[1]) % 2**32 == 2**31


def test_the_checksum_is_that_of_the_example_in_rfc_1071():
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == ~0xDDF2 & 0xFFFF
