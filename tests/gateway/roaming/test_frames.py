"""What ARP and DHCP of real phones say, made by scapy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

from wifi_manager.gateway.roaming.frames import read

MAC = "02:00:5e:10:00:01"
OTHER = "02:00:5e:10:00:02"
EVERYBODY = "ff:ff:ff:ff:ff:ff"


def arp(source=MAC, **fields):
    return bytes(Ether(src=source, dst=EVERYBODY) / ARP(**{"hwsrc": MAC, "psrc": "10.0.0.7", **fields}))


def dhcp(*options, source=MAC, chaddr=MAC, **fields):
    way = Ether(src=source, dst=EVERYBODY) / IP(src="0.0.0.0", dst="255.255.255.255") / UDP(sport=68, dport=67)
    return bytes(
        way / BOOTP(chaddr=bytes.fromhex(chaddr.replace(":", "")), **fields) / DHCP(options=[*options, "end"])
    )


COMING = {
    "an ARP request": (arp(), "10.0.0.7"),
    "an ARP reply": (arp(op=2), "10.0.0.7"),
    "an ARP probe, for an address that it may take": (arp(psrc="0.0.0.0", pdst="10.0.0.9"), "10.0.0.9"),
    "a device that has no address yet": (dhcp(("message-type", "discover")), "0.0.0.0"),
    "a device that comes back": (dhcp(("message-type", "request"), ("requested_addr", "10.0.0.8")), "10.0.0.8"),
    "a lease that is renewed": (dhcp(("message-type", "request"), ciaddr="10.0.0.8"), "10.0.0.8"),
    "options that are filled up": (dhcp("pad", "pad", ("message-type", "request")), "0.0.0.0"),
}
SILENT = {
    "a good-bye": dhcp(("message-type", "release"), ciaddr="10.0.0.8"),
    "a refusal": dhcp(("message-type", "decline")),
    "ARP for somebody else": arp(source=OTHER),
    "DHCP for somebody else": dhcp(("message-type", "request"), chaddr=OTHER),
    "ARP of a group": arp(source=EVERYBODY, hwsrc=EVERYBODY),
    "DHCP without a kind": dhcp(),
    "nothing": b"",
}


@pytest.mark.parametrize("said", COMING)
def test_a_device_that_comes_is_known_with_its_address(said):
    frame, address = COMING[said]
    sign = read(frame)
    assert (sign.device.full(), str(sign.address)) == (MAC, address)


@pytest.mark.parametrize("said", SILENT)
def test_what_says_nothing_of_its_sender_is_passed_over(said):
    assert read(SILENT[said]) is None


@given(st.sampled_from([frame for frame, _ in COMING.values()]), st.integers(0, 400), st.binary(max_size=8))
def test_a_frame_that_is_cut_or_damaged_is_passed_over_or_read_and_never_an_error(frame, at, noise):
    read(frame[:at] + noise)
    read(frame[:at] + noise + frame[at + len(noise) :])
