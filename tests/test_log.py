import io
import json
import logging
import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager import log
from wifi_manager.log import MASK, mask

NOTATIONS = {
    "colons": lambda digits: ":".join(re.findall("..", digits)),
    "hyphens": lambda digits: "-".join(re.findall("..", digits)),
    "dots": lambda digits: ".".join(re.findall("..", digits)),
    "spaces": lambda digits: " ".join(re.findall("..", digits)),
    "underscores": lambda digits: "_".join(re.findall("..", digits)),
    "in a URL": lambda digits: "%3A".join(re.findall("..", digits)),
    "bare": lambda digits: digits,
    "Cisco": lambda digits: ".".join(re.findall("....", digits)),
    "Huawei": lambda digits: "-".join(re.findall("....", digits)),
    "3Com": lambda digits: ":".join(re.findall("....", digits)),
    "HP": lambda digits: "-".join(re.findall("......", digits)),
    "short": lambda digits: ":".join(format(int(pair, 16), "x") for pair in re.findall("..", digits)),
}
MAC_DIGITS = st.binary(min_size=6, max_size=6).map(bytes.hex)
AROUND = st.sampled_from(
    ["", " ", "device ", "mac=", "(", '"', "user-", "Client:", "한", "\n", "/", "?mac=", "eth0 "]
)
AFTER = st.sampled_from(["", " ", ".", ",", " left", ")", '"', "/32", "\n", "가", "&x=1", "; 5"])


@pytest.fixture
def lines():
    """What the process writes, and the way it was before."""
    before = (logging.root.handlers[:], logging.root.level)
    stream = io.StringIO()
    yield stream
    logging.captureWarnings(capture=False)
    logging.root.handlers[:], level = before
    logging.root.setLevel(level)


@pytest.mark.parametrize("notation", NOTATIONS)
@given(digits=MAC_DIGITS, before=AROUND, after=AFTER, upper=st.booleans())
def test_a_mac_address_never_survives_in_any_notation(notation, digits, before, after, upper):
    mac = NOTATIONS[notation](digits)
    masked = mask(f"{before}{mac.upper() if upper else mac}{after}").lower()

    assert mac.lower() not in masked
    assert digits not in re.sub("[^0-9a-f]", "", masked)


@given(digits=MAC_DIGITS)
def test_a_mac_address_inside_an_ipv6_address_never_survives(digits):
    first = int(digits[:2], 16) ^ 2
    groups = [f"{first:02x}{digits[2:4]}", f"{digits[4:6]}ff", f"fe{digits[6:8]}", digits[8:]]
    address = "fe80::" + ":".join(group.lstrip("0") or "0" for group in groups)

    assert address not in mask(f"neighbour {address} is there")


PHONES = [
    "010-1234-5678",
    "010 1234 5678",
    "010.1234.5678",
    "01012345678",
    "(010) 1234-5678",
    "010)1234-5678",
    "011-123-4567",
    "02-123-4567",
    "(02) 123-4567",
    "031-123-4567",
    "+82 10-1234-5678",
    "+82-10-1234-5678",
    "+821012345678",
    "+82 (0)10 1234 5678",
    "82-10-1234-5678",
    "0082 10 1234 5678",
    "+1 (202) 555-0143",
    "+44 20 7946 0958",
    "202-555-0143",
]


@pytest.mark.parametrize("phone", PHONES)
@given(before=AROUND, after=AFTER)
def test_a_phone_number_never_survives(phone, before, after):
    assert not re.search(r"\d{4}", mask(f"{before}{phone}{after}").replace("eth0", ""))


@given(digits=st.text("0123456789", min_size=8, max_size=8), gap=st.sampled_from(["", "-", " ", "."]))
def test_a_korean_mobile_number_never_survives(digits, gap):
    phone = gap.join(["010", digits[:4], digits[4:]])

    assert digits not in re.sub(r"\D", "", mask(f"code sent to {phone}, 1 of 3"))


@pytest.mark.parametrize(
    "harmless",
    [
        "2030-06-03T12:00:00.123456+09:00",
        "2030-06-03 12:00:00,123",
        "1906718400",
        "1906718400123",
        "took 123456.789012 s",
        "0.01012345678 s",
        "visit 550e8400-e29b-41d4-a716-446655440000 ended",
        "192.168.100.100 answered on port 65535",
        "2001:db8:1:2::1",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "rollout 12345678 wave 3 of 10",
        "status_code=404, exit code: 1",
        "KeyError: 'plan'",
        "monkey: 5",
        "02:00:5e:**:**:**",
        "release 24.10.2-r29087",
    ],
)
def test_what_names_nobody_stays_readable(harmless):
    assert mask(harmless) == harmless


@pytest.mark.parametrize(
    "line",
    [
        "password=hush-hush",
        "password: hush-hush",
        "PSK = 'hush-hush'",
        '{"api_key": "hush-hush"}',
        '{\\"token\\": \\"hush-hush\\"}',
        "Authorization: Bearer hush-hush",
        "Authorization: Basic hush-hush",
        "Cookie: hush-hush",
        "SECRET_KEY=hush-hush",
        "GET /sign-in?code=hush-hush&x=1",
        "GET /?s=hush-hush&x=1",
        "postgresql://wifi:hush-hush@db/wifi",
        "postgresql://wifi:a@hush-hush@db/wifi",
        "-----BEGIN PRIVATE KEY-----\nhush-hush\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nhush-hush",
    ],
)
def test_a_secret_that_is_named_never_survives(line):
    assert "hush-hush" not in mask(line)


def test_an_event_is_one_json_line_with_its_facts(lines):
    log.configure("INFO", "json", lines)
    log.get("wifi_manager.control").info("Sent %d grants", 7, extra={"gateway": "hall-01", "seconds": 0.25})

    event = json.loads(lines.getvalue())
    assert lines.getvalue().count("\n") == 1
    assert event.pop("at").endswith("+00:00")
    assert event == {
        "level": "INFO",
        "logger": "wifi_manager.control",
        "event": "Sent 7 grants",
        "gateway": "hall-01",
        "seconds": 0.25,
    }


@pytest.mark.parametrize("kind", ["json", "text"])
def test_message_arguments_extra_fields_and_tracebacks_are_masked(lines, kind):
    log.configure("INFO", kind, lines)
    try:
        {}["no lease for 02:00:5e:10:00:01"]
    except KeyError:
        log.get("gateway").exception(
            "Phone %s of %s",
            "010-1234-5678",
            {"mac": "02005e100001"},
            extra={
                "device": "02-00-5e-10-00-01",
                "devices": ["0200.5e10.0001"],
                "phone": 821012345678,
                "body": {"password": "hush-hush", "02:00:5e:10:00:01": 1},
                "token": b"hush-hush",
            },
            stack_info=True,
        )

    written = lines.getvalue()
    assert "hush-hush" not in written
    assert "1234" not in written
    assert "5e10" not in written.replace(":", "").replace("-", "").replace(".", "")
    assert MASK in written
    assert "KeyError" in written


def test_arguments_that_do_not_fit_lose_neither_the_event_nor_a_phone_number(lines, capsys):
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("010-1234-5678")

    log.configure("INFO", "json", lines)
    log.get("portal").info("Sent to %d", "010-1234-5678")
    log.get("portal").info("Sent to %s", Broken(), extra={"to": Broken()})

    events = [json.loads(line)["event"] for line in lines.getvalue().splitlines()]
    assert events == ["Sent to %d (its arguments do not fit)", "Sent to %s (its arguments do not fit)"]
    assert "1234" not in lines.getvalue() + capsys.readouterr().err


def test_a_text_line_cannot_pretend_to_be_two(lines):
    log.configure("INFO", "text", lines)
    log.get("portal").info("Unknown path %s", "/a\n2030-01-01 INFO forged", extra={"agent": "x\r\ny"})

    assert lines.getvalue().count("\n") == 1
    assert lines.getvalue().startswith("20")


def test_less_important_events_are_left_out_and_a_second_call_replaces_the_first(lines):
    log.configure("DEBUG", "json", lines)
    log.configure("WARNING", "json", lines)
    log.get("a").info("left out")
    log.get("a").warning("written once")

    assert lines.getvalue().count("\n") == 1


def test_python_warnings_become_events(lines):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)  # an earlier test has let it begin, and its end was forgotten with that test
        log.configure("INFO", "json", lines)
        warnings.warn("soon gone", DeprecationWarning, stacklevel=1)

    assert "soon gone" in lines.getvalue()
