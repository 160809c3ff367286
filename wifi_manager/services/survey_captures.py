"""Makes samples of a capture and a track: what was heard of the city's own access points, where, second by second."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.coverage import Sample
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.sites import Position
from wifi_manager.services import coverage_files
from wifi_manager.services.coverage_files import SurveyFile
from wifi_manager.services.radiotap import Heard, heard

_LONGEST_GAP = 10.0  # seconds between two positions of a track that a straight line may fill
_BANDS = ((2400, 2500, Band.GHZ_2_4), (4900, 5900, Band.GHZ_5), (5925, 7130, Band.GHZ_6))  # MHz
_POINT = re.compile(r"<(?:\w+:)?trkpt\b([^>]*)>(.*?)</(?:\w+:)?trkpt>", re.DOTALL)
_TIME = re.compile(r"<(?:\w+:)?time>\s*([^<]*?)\s*</")


@dataclass(frozen=True, slots=True)
class Fix:
    """Where the receiver was, at a moment in seconds of the epoch."""

    at: float
    position: Position


@dataclass(frozen=True, slots=True)
class Walk:
    """The files of one walk: the capture, its track, and which BSSID is which of our access points."""

    capture: Path
    track: Path
    bssids: Path


def survey(walk: Walk) -> SurveyFile:
    """One sample for each second, access point and band: the mean of what was heard.

    Frames of other networks, and those heard where the track has a gap, are passed over. Raises BadInput, also where
    nothing is left.
    """
    capture, track = coverage_files.content(walk.capture), coverage_files.content(walk.track)
    ours = bssids(walk.bssids)
    try:
        own = [each for each in heard(capture) if each.bssid in ours]
    except BadInput as bad:
        raise BadInput(f"{walk.capture}: {bad}") from bad
    samples = list(_samples(own, fixes(walk.track), ours))
    if not samples:
        raise BadInput(
            f"{walk.capture}: {len(own)} frames are of access points in {walk.bssids}, and none of them was heard "
            f"while {walk.track} knows where. Do the clocks agree?"
        )
    return SurveyFile(hashlib.sha256(capture + track).hexdigest(), samples)


def bssids(path: Path) -> dict[bytes, str]:
    """Numbers of access points by BSSID: CSV with the columns bssid and access_point. Raises BadInput."""
    rows = coverage_files.rows(path, ("bssid", "access_point"), _own)
    return dict(rows)


def fixes(path: Path) -> list[Fix]:
    """The track in order: GPX 1.1, or CSV with the columns time, latitude and longitude. Raises BadInput."""
    if path.suffix.lower() != ".gpx":
        found = coverage_files.rows(path, ("time", "latitude", "longitude"), _fix)
    else:
        found = list(_points(path, coverage_files.content(path).decode("utf-8", "replace")))
    return sorted(found, key=lambda each: each.at)


def _own(row: Mapping[str, str]) -> tuple[bytes, str]:
    return MacAddress.parse(row["bssid"].strip()).octets, row["access_point"].strip()


def _fix(row: Mapping[str, str]) -> Fix:
    return Fix(coverage_files.moment(row["time"]).timestamp(), coverage_files.position(row))


def _points(path: Path, text: str) -> Iterator[Fix]:
    for attributes, inside in _POINT.findall(text):
        given = {name: value for name, _quote, value in re.findall(r"(lat|lon)=([\"'])(.*?)\2", attributes)}
        time = _TIME.search(inside)
        row = {"latitude": given.get("lat", ""), "longitude": given.get("lon", ""), "time": time[1] if time else ""}
        try:
            yield _fix(row)
        except BadInput as bad:
            raise BadInput(f"{path}: a trkpt: {bad}") from bad


def _samples(own: Iterable[Heard], track: Sequence[Fix], ours: Mapping[bytes, str]) -> Iterator[Sample]:
    together: dict[tuple[int, bytes, Band], list[Heard]] = {}
    for each in own:
        band = next((band for low, high, band in _BANDS if low <= each.frequency <= high), None)
        if band is not None:
            together.setdefault((int(each.at), each.bssid, band), []).append(each)
    moments = [fix.at for fix in track]
    for (second, bssid, band), frames in sorted(together.items(), key=lambda item: item[0][0]):
        place = _place(track, moments, second + 0.5)
        if place is not None:
            dbm = sum(each.dbm for each in frames) / len(frames)
            yield Sample(place, datetime.fromtimestamp(second, UTC), band, dbm, ours[bssid])


def _place(track: Sequence[Fix], moments: Sequence[float], at: float) -> Position | None:
    """Between the positions before and after, on a straight line; None where they are too far apart in time."""
    after = bisect_right(moments, at)
    if not 0 < after < len(track):
        return None
    one, other = track[after - 1], track[after]
    gap = other.at - one.at
    if gap > _LONGEST_GAP:
        return None
    part = (at - one.at) / gap
    a, b = one.position, other.position
    return Position(a.latitude + part * (b.latitude - a.latitude), a.longitude + part * (b.longitude - a.longitude))
