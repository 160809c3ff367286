"""Coverage: computed from the inventory and what was measured, kept for pages and metrics, and asked for plans."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from wifi_manager.clock import Clock
from wifi_manager.coverage import planning
from wifi_manager.coverage.city import CityMap, Material, city_map
from wifi_manager.coverage.kernels import Kernels
from wifi_manager.coverage.living import LivingMap
from wifi_manager.coverage.pictures import Scale
from wifi_manager.coverage.planning import Loss, Suggestion
from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.coverage import Assumptions, Omission, Quality, Transmitter, fleet, omission, radios
from wifi_manager.domain.coverage_reports import CoverageReport
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.observations import Health, health
from wifi_manager.domain.sites import Position, Site, SiteKind
from wifi_manager.services import coverage_assumptions, coverage_files, survey_captures
from wifi_manager.services.coverage_files import SurveyFile
from wifi_manager.services.survey_captures import Walk
from wifi_manager.storage.store import Store, Transaction

_HALF_LIVES = 6  # an older sample weighs less than 2 %


@dataclass(frozen=True, slots=True)
class Given:
    """Files that a map may be computed with; None: the shipped assumptions, hulls for outlines, no residents."""

    assumptions: Path | None = None
    outlines: Path | None = None
    people: Path | None = None


class Covering:
    """Use cases of coverage."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def import_survey(self, path: Path, actor: str) -> int | None:
        """Keep measured signals; how many there are, or None where exactly this file is known. Raises BadInput."""
        return self._keep_survey(path, coverage_files.survey(path), actor)

    def import_walk(self, walk: Walk, actor: str) -> int | None:
        """The same of a capture with its track; of other networks nothing is kept. Raises BadInput."""
        return self._keep_survey(walk.capture, survey_captures.survey(walk), actor)

    def _keep_survey(self, path: Path, found: SurveyFile, actor: str) -> int | None:
        now = self._clock.now()
        with self._store.begin() as tx:
            if tx.coverage.has_survey(found.sha256):
                return None
            tx.coverage.add_survey(path.name, found.sha256, now, found.samples)
            after = {"sha256": found.sha256, "samples": len(found.samples)}
            tx.audit.add_all([AuditEntry(now, actor, "imported", "survey", path.name, None, after)])
        return len(found.samples)

    def map(self, given: Given, *, also: Sequence[str] = ()) -> CityMap:
        """Compute the map as of now; access points in `also` count even if they are down. Raises BadInput."""
        return city_map(self._material(given, also), self._clock.now())

    def up(self) -> tuple[frozenset[str], int]:
        """Managed access points that are up now, and a number that changes as soon as anything in the list moves."""
        with self._store.read() as tx:
            return frozenset(self._up(tx)), hash(tuple(tx.access_points.whereabouts()))

    def living(self, given: Given) -> LivingMap:
        """The map as of now, which can be kept true. Raises BadInput."""
        found = self.map(given)
        return LivingMap.of(found, scale_of(found.material.assumptions))

    def keep(self, living: LivingMap) -> CoverageReport:
        """Let the console and the exporter show this map."""
        found = living.found
        report = CoverageReport(
            self._clock.now(), found.sentences(), living.shares(), found.geohashes(), living.scale.legend()
        )
        raster, hexagons = living.raster(), _packed(living.hexagons())
        with self._store.begin() as tx:
            tx.coverage.replace(report, living.pictures(), hexagons, (raster.frame(), raster.png()))
        return report

    def newest(self) -> CoverageReport:
        """The map that is kept. Raises NotFound before the first."""
        with self._store.read() as tx:
            found = tx.coverage.newest()
        if found is None:
            raise NotFound("Coverage was not computed yet. Run: wifi-manager coverage compute")
        return found

    def hole(self, access_points: Sequence[str], given: Given) -> Loss:
        """What is lost while these are down. Raises NotFound for a number that nobody has, BadInput for no place."""
        found = self.map(given, also=access_points)
        with self._store.read() as tx:
            points = tx.access_points.all()
        for each in access_points:
            _check_placed(each, points.get(each), access_points, found.material.assumptions)
        return planning.loss(found.signals, access_points, found.material.assumptions.thresholds, found.people)

    def next_places(self, given: Given, wanted: "NextWanted") -> list[Suggestion]:
        """Where more access points would help most: in square kilometres, or in people if residents are given."""
        found = self.map(given)
        assumptions = found.material.assumptions
        area = found.area(wanted.district)
        limit = assumptions.thresholds[wanted.quality]
        lacking = found.mask(area) & (found.view().signal < limit)
        each = np.float32(found.grid.square_kilometres_a_cell) if found.people is None else found.people
        reach = _reach(_model(wanted.kind, assumptions), limit, assumptions)
        return planning.best_places(found.grid, np.where(lacking, each, np.float32(0)), reach, wanted.count)

    def _material(self, given: Given, also: Sequence[str]) -> Material:
        assumptions = (
            coverage_assumptions.shipped_assumptions()
            if given.assumptions is None
            else coverage_assumptions.read(given.assumptions)
        )
        outlines = [] if given.outlines is None else coverage_files.outlines(given.outlines)
        people = [] if given.people is None else coverage_files.people(given.people)
        oldest = timedelta(days=assumptions.sample_half_life_days) * _HALF_LIVES
        with self._store.read() as tx:
            points, up = tx.access_points.all(), self._up(tx)
            samples = tx.coverage.samples(self._clock.now() - oldest)
        return Material(fleet(points.values(), up | set(also), assumptions), assumptions, outlines, people, samples)

    def _up(self, tx: Transaction) -> set[str]:
        now = self._clock.now()
        return {each.external_id for each in tx.observations.all_seen() if health(each.observation, now) is Health.UP}


@dataclass(frozen=True, slots=True)
class NextWanted:
    """What sort of access point is to come, where, and for which quality; an empty district is the whole city."""

    count: int = 5
    kind: SiteKind = SiteKind.STREET
    quality: Quality = Quality.USABLE
    district: str = ""


def _packed(hexagons: Mapping[str, Any]) -> bytes:
    """GeoJSON as bytes, by gzip."""
    return gzip.compress(json.dumps(hexagons, ensure_ascii=False).encode(), mtime=0)


def scale_of(assumptions: Assumptions) -> Scale:
    """Colours of its pictures."""
    return Scale.of(assumptions.thresholds[Quality.GOOD], assumptions.thresholds[Quality.USABLE])


def _check_placed(number: str, point: AccessPoint | None, known: Sequence[str], assumptions: Assumptions) -> None:
    if point is None:
        raise NotFound(f"No access point is numbered {number!r}. `wifi-manager fleet list` shows them.")
    reason = omission(point, known, assumptions)
    if reason is not None:
        advice = " Import it with latitude and longitude." if reason is Omission.NO_POSITION else ""
        raise BadInput(f"The access point {number} is on no map: {reason}.{advice}")


def _model(kind: SiteKind, assumptions: Assumptions) -> list[Transmitter]:
    """Radios that a new access point of that kind is taken to have."""
    site = Site("", "", kind)
    found = list(radios(AccessPoint("", site, position=Position(0.0, 0.0)), assumptions))
    if assumptions.kinds[kind].is_moving:
        raise BadInput(f"An access point at a site of kind {kind} moves. Choose a kind that stays.")
    return found


def _reach(transmitters: Sequence[Transmitter], limit: float, assumptions: Assumptions) -> float:
    """How far the strongest of its bands is enough, in metres."""
    kernels = Kernels(assumptions)
    return max(kernels.enough(sort, limit) for sort in kernels.by_sort(transmitters))
