"""Captures of a real 802.11 stack (simulated radios) become samples of our own access points, and of nobody else."""

import struct
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.errors import BadInput
from wifi_manager.services.radiotap import Heard, heard
from wifi_manager.services.survey_captures import Walk, fixes, survey

CAPTURES = Path(__file__).parents[1] / "coverage" / "captures"
ONE, STREET = CAPTURES / "one_channel.pcap", CAPTURES / "street.pcap"
OURS, TWIN = bytes.fromhex("020000000000"), bytes.fromhex("00c0ca666666")


def track(folder, frames, seconds=1, name="walk.csv"):
    """A walk to the north, with a position each `seconds`."""
    first, last = int(min(each.at for each in frames)) - 1, int(max(each.at for each in frames)) + 2
    rows = [
        f"{datetime.fromtimestamp(at, UTC).isoformat()},{37.5 + (at - first) / 10_000:.6f},127.0"
        for at in range(first, last + seconds, seconds)
    ]
    path = folder / name
    path.write_text("\n".join(["time,latitude,longitude", *rows]), "utf-8")
    return path


def bssids(folder, *lines):
    path = folder / "ours.csv"
    path.write_text("\n".join(["bssid,access_point", *lines]), "utf-8")
    return path


def test_beacons_and_answers_are_read_with_their_signal():
    """149 beacons of ours and 22 of an evil twin, and five probe responses, as the recording's notes count them."""
    found = list(heard(ONE.read_bytes()))
    assert len(found) == 171 + 5
    assert Counter(each.bssid for each in found)[OURS] >= 149
    assert {(each.frequency, each.dbm) for each in found} == {(2437, -20)}


def test_a_header_without_tsft_is_read_too():
    found = list(heard(STREET.read_bytes()))
    assert {each.frequency for each in found} == {2437}
    assert len({each.bssid for each in found}) == 3
    assert all(-95 < each.dbm < -20 for each in found)


def test_only_our_own_are_kept_each_second_once(tmp_path):
    frames = list(heard(ONE.read_bytes()))
    found = survey(Walk(ONE, track(tmp_path, frames), bssids(tmp_path, "02:00:00:00:00:00,AP-1"))).samples
    assert {(each.access_point, each.band, each.dbm) for each in found} == {("AP-1", Band.GHZ_2_4, -20.0)}
    own_seconds = {int(each.at) for each in frames if each.bssid == OURS}
    assert sorted(each.at.timestamp() for each in found) == sorted(own_seconds)


def test_a_sample_lies_between_the_positions_around_it(tmp_path):
    frames = list(heard(ONE.read_bytes()))
    ours = bssids(tmp_path, "02:00:00:00:00:00,AP-1")
    often = survey(Walk(ONE, track(tmp_path, frames, 1), ours)).samples
    seldom = survey(Walk(ONE, track(tmp_path, frames, 5), ours)).samples
    assert [x.position.latitude for x in seldom] == pytest.approx([x.position.latitude for x in often], abs=2e-6)
    assert len({each.position for each in often}) == len(often)


def test_what_was_heard_where_nobody_knows_is_not_kept(tmp_path):
    frames = list(heard(ONE.read_bytes()))
    with pytest.raises(BadInput, match="Do the clocks agree"):
        survey(Walk(ONE, track(tmp_path, frames, 30), bssids(tmp_path, "02:00:00:00:00:00,AP-1")))


def test_gpx_says_the_same_as_csv(tmp_path):
    rows = track(tmp_path, list(heard(ONE.read_bytes())))
    points = "".join(
        f'<trkpt lon="{longitude}" lat="{latitude}"><ele>20</ele><time>{time}</time></trkpt>\n'
        for time, latitude, longitude in (line.split(",") for line in rows.read_text("utf-8").splitlines()[1:])
    )
    gpx = tmp_path / "walk.gpx"
    gpx.write_text(f'<?xml version="1.0"?><gpx version="1.1"><trk><trkseg>{points}</trkseg></trk></gpx>', "utf-8")
    assert fixes(gpx) == fixes(rows) != []


def test_a_track_that_is_damaged_is_named(tmp_path):
    gpx = tmp_path / "walk.gpx"
    gpx.write_text('<trkpt lat="37.5"><time>2026-06-01T00:00:00Z</time></trkpt>', "utf-8")
    with pytest.raises(BadInput, match=r"walk\.gpx.*longitude"):
        fixes(gpx)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no pcap"),
        (b"time,latitude\n" * 9, "no pcap"),
        (ONE.read_bytes()[:20] + struct.pack("<I", 1) + ONE.read_bytes()[24:], "no radiotap"),
    ],
)
def test_what_is_no_capture_is_refused(content, why):
    with pytest.raises(BadInput, match=why):
        list(heard(content))


def test_a_capture_that_is_cut_off_anywhere_loses_its_end_alone():
    whole = ONE.read_bytes()
    everything = list(heard(whole))
    for end in range(24, 3000, 7):
        found = list(heard(whole[:end]))
        assert found == everything[: len(found)]


def a_capture(header, frame=b"\x80" + bytes(15) + OURS + bytes(12)):
    record = header + frame
    return ONE.read_bytes()[:24] + struct.pack("<4I", 5, 0, len(record), len(record)) + record


def test_more_presence_words_and_alignment_are_minded():
    body = struct.pack("<BxHHb", 0x10, 2437, 0xA0, -61)  # flags, channel aligned to two bytes, signal
    present = (1 << 1) | (1 << 3) | (1 << 5)
    header = struct.pack("<BxHII", 0, 12 + len(body), present | 1 << 31, 0) + body
    assert list(heard(a_capture(header))) == [Heard(5.0, OURS, 2437, -61)]


def test_a_frame_that_arrived_damaged_or_short_is_passed_over():
    body = struct.pack("<BxHHb", 0x50, 2437, 0xA0, -61)
    present = (1 << 1) | (1 << 3) | (1 << 5)
    assert list(heard(a_capture(struct.pack("<BxHI", 0, 8 + len(body), present) + body))) == []
    assert list(heard(a_capture(struct.pack("<BxHI", 0, 9, present) + b"\x00", b"\x80"))) == []
    assert list(heard(a_capture(struct.pack("<BxHI", 0, 60_000, present)))) == []
