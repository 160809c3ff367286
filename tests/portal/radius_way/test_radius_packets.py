"""What goes over the wire, octet by octet: RFC 2865, RFC 2869 section 5.14, RFC 3579 section 3.2, CVE-2024-3596."""

import pytest
from pyrad.packet import PacketError

from portal.identity.radius_wire.packets import accepted, access_request, verified
from tests.fakes.radius_server import (
    ACCEPT,
    CHALLENGE,
    MESSAGE_AUTHENTICATOR,
    REJECT,
    SECRET,
    attribute,
    attributes_of,
    message_authenticator,
    password_in,
    signed,
    unsigned,
)
from wifi_manager.services.radius import Accepted, NameRefused, credentials

PROXY_STATE = attribute(33, b"x" * 40)


@pytest.fixture
def asked():
    return access_request(credentials("mina@university.example", "correct horse"), SECRET, "city-wifi")


@pytest.fixture
def sent(asked):
    return asked.RequestPacket()


def test_s6_a_request_begins_with_a_right_message_authenticator(sent):
    (kind, value), *_ = attributes_of(sent)
    assert (kind, value) == (MESSAGE_AUTHENTICATOR, message_authenticator(sent, sent[4:20]))


def test_a_request_says_who_and_how_and_nothing_of_the_device(sent):
    found = dict(attributes_of(sent))
    assert (found.pop(1), found.pop(32)) == (b"mina@university.example", b"city-wifi")
    assert (found.pop(6), found.pop(61)) == (b"\0\0\0\1", b"\0\0\0\x13")
    assert set(found) == {2, MESSAGE_AUTHENTICATOR}, "no Calling-Station-Id, no Proxy-State"
    assert password_in(sent) == b"correct horse"
    assert b"correct" not in sent


def test_each_request_has_an_authenticator_of_its_own_and_is_sent_again_as_it_was(asked, sent):
    other = access_request(credentials("mina@university.example", "correct horse"), SECRET, "city-wifi")
    assert other.RequestPacket()[4:20] != sent[4:20]
    assert asked.RequestPacket() == sent


def altered(packet, at):
    return packet[:at] + bytes([packet[at] ^ 1]) + packet[at + 1 :]


FORGED = {
    "unsigned": lambda sent: unsigned(ACCEPT, sent),
    "unsigned, with a Proxy-State": lambda sent: unsigned(ACCEPT, sent, PROXY_STATE),
    "signed, with a Proxy-State": lambda sent: signed(ACCEPT, sent, PROXY_STATE),
    "signed with another secret": lambda sent: signed(ACCEPT, sent, secret=b"another"),
    "a Message-Authenticator of zeros": lambda sent: unsigned(
        ACCEPT, sent, attribute(MESSAGE_AUTHENTICATOR, bytes(16))
    ),
    "a short Message-Authenticator": lambda sent: unsigned(ACCEPT, sent, attribute(MESSAGE_AUTHENTICATOR, b"")),
    "a reject made an accept": lambda sent: bytes([ACCEPT]) + signed(REJECT, sent)[1:],
    "another authenticator": lambda sent: altered(signed(ACCEPT, sent), 4),
    "another identifier": lambda sent: altered(signed(ACCEPT, sent), 1),
    "the answer to another request": lambda sent: signed(ACCEPT, altered(sent, 5)),
    "our own request": lambda sent: sent,
    "a signed kind that is no answer": lambda sent: signed(5, sent),
    "cut off": lambda sent: signed(ACCEPT, sent)[:-1],
    "nothing": lambda _sent: b"",
    "an attribute without length": lambda sent: unsigned(ACCEPT, sent, b"\x01\x00"),
}


@pytest.mark.parametrize("how", FORGED)
def test_s6_an_answer_without_a_right_message_authenticator_is_none(asked, sent, how):
    assert verified(asked, FORGED[how](sent)) is None


def test_s6_a_signed_answer_is_one_wherever_its_signature_stands(asked, sent):
    assert verified(asked, signed(ACCEPT, sent, attribute(18, b"Welcome"))) is not None
    assert verified(asked, signed(ACCEPT, sent) + b"padding") is not None, "RFC 2865 section 3"


def read(asked, code, *more):
    answer = verified(asked, signed(code, asked.RequestPacket(), *more))
    return accepted(answer)


def test_an_accept_says_classes_and_the_shortest_time(asked):
    said = (attribute(11, b"staff"), attribute(25, b"\xff"), attribute(27, (60).to_bytes(4, "big")))
    found = read(asked, ACCEPT, *said, attribute(27, (90).to_bytes(4, "big")))
    assert (found.classes, found.lasts.total_seconds()) == (("staff", "\ufffd"), 60)


@pytest.mark.parametrize("value", [bytes(4), b"\1", b""])
def test_a_time_of_none_or_that_is_no_number_is_no_time(asked, value):
    assert read(asked, ACCEPT, attribute(27, value)) == Accepted()


@pytest.mark.parametrize("code", [REJECT, CHALLENGE])
def test_a_reject_and_a_question_that_no_page_can_ask_refuse(asked, code):
    with pytest.raises(NameRefused):
        read(asked, code)


def test_pyrad_itself_refuses_a_value_that_is_too_long(asked):
    asked[1] = [b"n" * 254]
    with pytest.raises((ValueError, PacketError)):
        asked.RequestPacket()


@pytest.mark.parametrize(
    ("name", "password"),
    [("", "x"), (" ", "x"), ("mina", ""), ("mi\nna", "x"), ("é" * 127, "x"), ("mina", "é" * 65), ("mina", "a\0")],
)
def test_what_does_not_fit_into_a_request_is_refused_before_it_is_sent(name, password):
    with pytest.raises(NameRefused):
        credentials(name, password)


def test_the_realm_stands_behind_a_name_that_has_none_and_all_spellings_are_one_holder():
    names = [credentials(name, "x", "university.example") for name in (" Mina", "mina@University.example", "ｍina")]
    assert [each.name for each in names[:2]] == ["Mina@university.example", "mina@University.example"]
    assert {each.who for each in names} == {b"mina@university.example"}
    assert {each.realm for each in names} == {"university.example"}
    assert "ina" not in repr(names)
