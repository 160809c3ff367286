"""Reports, the desk's lists and the retention, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_legal_profile, a_plan, a_site, an_access_point
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import OTHER_PHONE, PHONE, SimulatedGateway
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.observations import Health, Looked, Observation
from wifi_manager.domain.problem_reports import ReportState, Told, Trouble
from wifi_manager.domain.visits import Consent
from wifi_manager.services.admission import Admission
from wifi_manager.services.report_desk import ReportDesk
from wifi_manager.services.reporting import Reporting
from wifi_manager.services.stewardship import Stewardship
from wifi_manager.storage.problem_reports import ReportFilter, WaitingReports
from wifi_manager.storage.stays import StayFilter
from wifi_manager.storage.vault import Vault

PARK = a_site()
SLOW = Told(Trouble.SLOW, "느려요")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def city(store, clock):
    """A park with a gateway and an access point that is down; a bus without a site."""
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    point = an_access_point("AP-1", site=PARK)
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.sites.save([PARK])
        numbers = tx.sites.numbers()
        tx.access_points.save([point], numbers)
        tx.access_points.manage("AP-1", "openwrt", Management("10.20.0.10", 22, "root", "SHA256:x"))
        tx.observations.record([Looked("AP-1", Observation(NOON, up=False), "no route")])
    SimulatedGateway(store, "gw-park").enrol(vault, numbers[PARK.key])
    SimulatedGateway(store, "gw-bus").enrol(vault)
    return Admission(store, vault, clock)


def ticket(city, gateway="gw-park", device=PHONE):
    return city.asking(SimulatedGateway(city.store, gateway).ticket(city.clock.now(), device))


def test_a_report_is_kept_once_for_each_ticket_and_found_by_place_and_state(city, store, clock):
    reporting, desk = Reporting(store, clock), ReportDesk(store, clock)
    asked = ticket(city)
    first = reporting.send(asked, SLOW)
    assert reporting.send(asked, Told(Trouble.OTHER)) == first
    bus = reporting.send(ticket(city, "gw-bus", OTHER_PHONE), SLOW)
    nowhere = reporting.send_from_nowhere("form 1", SLOW)
    assert reporting.send_from_nowhere("form 1", SLOW) == nowhere
    with store.read() as tx:
        assert [each.number for each in tx.problem_reports.page(ReportFilter(), 9)] == [nowhere, bus, first]
        assert [each.number for each in tx.problem_reports.page(ReportFilter(), 9, before=bus)] == [first]
        in_park = ReportFilter(district=PARK.district, site=PARK.name)
        assert [each.text for each in tx.problem_reports.page(in_park, 9)] == ["느려요"]
        assert tx.problem_reports.waiting() == [
            WaitingReports("", "", 2),
            WaitingReports(PARK.district, PARK.name, 1),
        ]
    desk.close(bus, "somebody")
    with store.read() as tx:
        counts = tx.problem_reports.counts(ReportFilter(ReportState.CLOSED))
    assert counts == {ReportState.OPEN: 2, ReportState.CLOSED: 1}
    with pytest.raises(Conflict):
        desk.assign(bus, "somebody")


def test_a_report_stands_beside_its_gateways_its_access_points_and_its_visit(city, store, clock):
    visit = city.accept(ticket(city), Consent("2026-11", "ko")).visit
    found = ReportDesk(store, clock).look_into(Reporting(store, clock).send(ticket(city), SLOW))
    assert [each.name for each in found.gateways] == ["gw-park"]
    assert found.health == {Health.DOWN: 1}
    assert found.visit.public_id == visit.public_id
    assert found.report.access == "running"
    with store.read() as tx:
        (line,) = tx.stays.running(StayFilter(PARK.district, PARK.name, "gw-park"), clock.now(), 9)
        assert (line.public_id, line.site, line.used_bytes) == (visit.public_id, PARK.name, 0)
        assert tx.stays.running(StayFilter(), clock.now(), 9, before=line.number) == []
        assert tx.stays.running(StayFilter(gateway="gw-bus"), clock.now(), 9) == []


def test_reports_and_their_answers_are_erased_when_the_retention_is_over(city, store, clock):
    stewardship = Stewardship(store, clock, a_legal_profile(reports=90))
    number = Reporting(store, clock).send(ticket(city), SLOW)
    ReportDesk(store, clock).answer(number, "고쳤습니다", "somebody")
    clock.advance(timedelta(days=1))
    stewardship.tidy()
    assert [each.answer for each in Reporting(store, clock).of(ticket(city))] == ["고쳤습니다"]
    clock.advance(timedelta(days=89))
    assert "problem_report" not in stewardship.tidy().erased
    clock.advance(timedelta(days=1))
    assert stewardship.tidy().erased["problem_report"] == 1
    with store.read() as tx:
        assert tx.problem_reports.page(ReportFilter(), 9) == []
        assert tx.problem_reports.get(number) is None


def test_s10_another_city_sees_neither_reports_nor_visits_nor_emergencies_nor_changes_them(city, store, clock):
    number = Reporting(store, clock).send(ticket(city), SLOW)
    city.accept(ticket(city), Consent("2026-11", "ko"))
    with store.begin() as tx:
        place = tx.emergencies.place(PARK.district, None)
        opened = tx.emergencies.add(place, NOON, NOON + timedelta(hours=1), "flood", "chief")
        stranger = replace(tx, city_id=tx.city_id + 1)
        assert stranger.problem_reports.get(number) is None
        assert stranger.stays.running(StayFilter(), NOON, 9) == []
        assert stranger.emergencies.newest(9) == []
        assert stranger.emergencies.place(PARK.district, None) is None
        stranger.problem_reports.close(number, "stranger", NOON)
        stranger.emergencies.close(opened, NOON)
        assert tx.problem_reports.get(number).state is ReportState.OPEN
        assert tx.emergencies.get(opened).closed_at is None
