"""The desk of city IT: reports are read and answered, visits ended, devices blocked, places opened; all of it audited."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON, a_plan, a_visit, an_asker
from tests.console.conftest import Browser
from tests.fakes.clock import FrozenClock
from wifi_manager.console.app import create_app
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.domain.problem_reports import ReportState, Told, Trouble
from wifi_manager.domain.visits import EndReason
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.problem_reports import NOWHERE, Circumstances
from wifi_manager.storage.store import Store

pytestmark = pytest.mark.slow

DEVICE = MacAddress.parse("02:00:5e:10:00:01")
HOSTILE = "<script>alert('1')</script>"


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def city(store, fleet):
    """A visit runs in the park; its device has sent report 1, report 2 came from nowhere."""
    with store.begin() as tx:
        tx.plans.save(a_plan())
        park = tx.sites.numbers()[fleet[0].site.key]
        for name in ("gw-1", "gw-2"):
            tx.gateways.add(name, park if name == "gw-1" else None, name.encode(), NOON + timedelta(hours=1))
            tx.gateways.enrol(name.encode(), StoredKeys(b"p" * 32, b"t" * 60), NOON)
        tx.gateways.acknowledge("gw-1", 1, NOON)
        number = tx.visits.device_number(DEVICE, NOON)
        tx.visits.add(a_visit(number=number, asker=an_asker(device=DEVICE)))
        where = tx.problem_reports.whereabouts("gw-1", "guests")
        known = Circumstances("n-1", NOON, where, "guests", "running", number)
        tx.problem_reports.add(Told(Trouble.SLOW, HOSTILE, "1234abcd"), known)
        tx.problem_reports.add(Told(Trouble.PAGE), Circumstances("n-2", NOON, NOWHERE))
        tx.access_points.manage("HAN00001", "openwrt", Management("10.20.0.10", 22, "root", "SHA256:x"))
        tx.observations.record([Looked("HAN00001", Observation(NOON, up=False), "no route")])
    return store


@pytest.fixture
def operator(signed_in, city):
    return signed_in("operator")


def audited(store, noun):
    with store.read() as tx:
        entry = tx.audit.newest(1, noun=noun)[0]
    return entry.actor, entry.action, entry.subject, dict(entry.after or {})


def report(store, number=1):
    with store.read() as tx:
        return tx.problem_reports.get(number)


def test_the_queue_counts_and_filters_by_state_and_place(operator, city):
    page = operator.get("/reports").text
    assert page.count('href="/reports/') == 2
    assert "Open <strong>2</strong>" in page
    assert '한강공원 광나루, 강동구</span><span class="bar-count">1<' in page
    assert 'Place not known</span><span class="bar-count">1<' in page
    for query, numbers in (
        ("district=강동구", ["1"]),
        ("site=한강공원 광나루", ["1"]),
        ("district=성북구", []),
        ("mine=1", []),
        ("state=closed", []),
        ("state=open", ["2", "1"]),
    ):
        found = operator.get(f"/reports?{query}").text
        assert [number for number in ("2", "1") if f'href="/reports/{number}"' in found] == numbers, query
    assert operator.get("/reports?state=made-up").status_code == 422


def test_the_overview_counts_open_reports_for_those_who_answer_them(operator, signed_in):
    assert "<strong>2</strong><span>open reports</span>" in operator.get("/").text
    assert "open reports" not in signed_in("viewer").get("/").text


def test_a_report_stands_beside_what_is_known_of_its_place_and_device(operator):
    page = operator.get("/reports/1").text
    for said in ("Slow", "Its visit was running", "1234abcd", "gw-1", "Enforcing", "Down</span> 1", "runs until"):
        assert said in page, said
    assert 'href="/visits/v-0001"' in page
    assert "Nobody can read an answer" in operator.get("/reports/2").text
    assert operator.get("/reports/99").status_code == 404


def test_words_of_citizens_are_never_markup_in_the_console(operator):
    for path in ("/reports", "/reports/1"):
        page = operator.get(path).text
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_no_page_of_the_desk_has_an_address_of_a_device(operator):
    for path in ("/reports", "/reports/1", "/visits/running", "/visits/v-0001"):
        page = operator.get(path).text
        for private in ("02:00:5e", "5e:10", "10.1.0.7"):
            assert private not in page


def test_a_report_is_taken_answered_and_closed_and_the_trail_says_by_whom(operator, city):
    assert operator.post("/reports/1/take").status_code == 303
    assert report(city).assigned_to == "operator"
    assert 'href="/reports/1"' in operator.get("/reports?mine=1").text
    operator.post("/reports/1/answer", {"answer": "We look at it.\r\nOn Monday."})
    assert (report(city).answer, report(city).state) == ("We look at it.\nOn Monday.", ReportState.ANSWERED)
    assert audited(city, "report") == ("operator", "answered", "1", {"state": "answered"})
    operator.post("/reports/1/close", {"why": "mended"})
    assert audited(city, "report") == ("operator", "closed", "1", {"state": "closed", "why": "mended"})
    assert operator.post("/reports/1/close").status_code == 409
    assert operator.post("/reports/1/answer", {"answer": "Again"}).status_code == 409
    assert "is closed" in operator.get("/reports/1").text


@pytest.mark.parametrize("answer", ["", "  ", "가" * 1001])
def test_an_answer_that_does_not_fit_comes_back_as_it_was_typed(operator, city, answer):
    again = operator.post("/reports/1/answer", {"answer": answer})
    assert again.status_code == 422
    assert answer.strip() in again.text
    assert report(city).answer is None


def test_a_visit_is_found_by_its_place_and_ended_and_its_gateway_told_at_once(operator, city):
    assert 'href="/visits/v-0001"' in operator.get("/visits/running?gateway=gw-1").text
    assert "No visit runs here" in operator.get("/visits/running?district=성북구").text
    assert operator.post("/visits/v-0001/end", {"why": ""}).status_code == 422
    with city.read() as tx:
        before = tx.gateways.revision("gw-1")
    assert operator.post("/visits/v-0001/end", {"why": "asked by phone"}).status_code == 303
    with city.read() as tx:
        assert tx.visits.get("v-0001").end_reason is EndReason.ENDED_BY_OPERATOR
        assert tx.gateways.revision("gw-1") > before
    assert audited(city, "visit") == ("operator", "ended", "v-0001", {"why": "asked by phone"})
    assert operator.post("/visits/v-0001/end", {"why": "again"}).status_code == 409
    assert "Ended by an operator" in operator.get("/visits/v-0001").text
    assert operator.get("/visits/v-none").status_code == 404


@pytest.mark.parametrize(("day", "until"), [("2026-06-30", "2026-07-01T00:00:00+09:00"), ("", "for good")])
def test_a_device_is_blocked_from_its_visit_until_a_day_or_for_good(operator, city, day, until):
    for bad in ({"until": day, "why": ""}, {"until": "someday", "why": "x"}, {"until": "2020-01-01", "why": "x"}):
        assert operator.post("/visits/v-0001/block", bad).status_code == 422
    assert operator.post("/visits/v-0001/block", {"until": day, "why": "attacks"}).status_code == 303
    assert audited(city, "block") == ("operator", "added", "1", {"until": until, "why": "attacks"})
    with city.read() as tx:
        assert tx.visits.get("v-0001").end_reason is EndReason.BLOCKED
        assert tx.blocks.in_force_on(DEVICE, NOON) is not None
    assert "It is blocked" in operator.get("/reports/1").text
    assert operator.post("/visits/v-0001/block", {"until": "", "why": "again"}).status_code == 404


def test_an_emergency_is_a_red_bar_on_every_page_until_an_admin_ends_it(signed_in, city, clock):
    admin, viewer = signed_in("admin"), signed_in("viewer")
    opened = admin.post("/emergencies", {"district": "강동구", "site": "", "hours": "6", "why": HOSTILE})
    assert opened.status_code == 303
    for path in ("/", "/access-points", "/visits", "/audit", "/account", "/emergencies", "/nothing-here"):
        assert "<strong>Emergency:</strong> 강동구 is open" in viewer.get(path).text
    assert "<script" not in admin.get("/emergencies").text
    assert "emergencies/1/close" not in viewer.get("/emergencies").text
    assert admin.post("/emergencies/1/close").status_code == 303
    assert 'class="alarm"' not in viewer.get("/").text
    assert admin.post("/emergencies/1/close").status_code == 409
    assert audited(city, "emergency")[:3] == ("admin", "closed", "1")


@pytest.mark.parametrize(
    "wrong",
    [{"hours": "73"}, {"hours": "0"}, {"hours": "many"}, {"hours": "1e9"}, {"why": ""}, {"site": "Nowhere"}, {"district": "X"}],
)  # fmt: skip
def test_an_emergency_that_does_not_fit_comes_back_as_it_was_typed(signed_in, city, wrong):
    fields = {"district": "강동구", "site": "", "hours": "6", "why": "flood", **wrong}
    again = signed_in("admin").post("/emergencies", fields)
    assert again.status_code in {404, 422}
    assert 'role="alert"' in again.text
    for name in ("hours", "why"):
        assert f'value="{fields[name]}"' in again.text
    with city.read() as tx:
        assert tx.emergencies.newest(1) == []


def test_a_form_of_the_desk_from_another_site_changes_nothing(operator, signed_in, city):
    for path in ("/reports/1/close", "/visits/v-0001/end", "/visits/v-0001/block"):
        assert operator.client.post(path, data={"why": "x"}).status_code == 400
    assert signed_in("admin").client.post("/emergencies", data={"hours": "1"}).status_code == 400
    assert report(city).state is ReportState.OPEN


def test_all_but_the_words_of_reports_and_blocks_works_without_the_vault(console_parts, city, engine, passwords):
    app = create_app(replace(console_parts, store=Store(engine, city.city)))
    browser = Browser(app.test_client())
    browser.sign_in("operator", passwords["operator"])
    for path in ("/", "/reports", "/reports/1", "/visits/running", "/visits/v-0001", "/visits", "/emergencies"):
        assert browser.get(path).status_code == 200
    assert browser.post("/visits/v-0001/block", {"until": "", "why": "attacks"}).status_code == 303
