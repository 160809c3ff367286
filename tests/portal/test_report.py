"""Report a problem: for whoever is online, blocked or lost; kept sealed, counted by device and place, answered to one."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.app import create_app
from tests.builders import a_site
from tests.fakes.gateway import AN_ADDRESS, OTHER_PHONE, PHONE
from tests.portal.conftest import Phone
from wifi_manager.domain.problem_reports import Access, ReportLimits, ReportState, Trouble
from wifi_manager.domain.visits import EndReason
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.report_desk import ReportDesk
from wifi_manager.services.reporting import Reporting
from wifi_manager.storage.problem_reports import ReportFilter

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(portal_store, clock):
    return ReportDesk(portal_store, clock)


@pytest.fixture
def reports(portal_store):
    """What is in the queue, the newest first."""

    def read():
        with portal_store.read() as tx:
            return tx.problem_reports.page(ReportFilter(), 50)

    return read


@pytest.fixture
def strict(face, gateway, clock):
    """A phone at a portal that takes two reports a day of a device and three an hour of a place."""
    reporting = Reporting(face.admission.store, clock, ReportLimits(2, 3))
    return Phone(create_app(replace(face, reporting=reporting)).test_client(use_cookies=False), gateway, clock)


def send(phone, ticket, **fields):
    return phone.submit(phone.open("/report", ticket), "/report", **{"trouble": "slow", **fields})


def test_a_report_tells_the_place_the_moment_and_what_the_device_could_do(phone, reports, clock):
    ticket = phone.ticket()
    thanks = phone.follow(send(phone, ticket, text="It is slow\r\nnear the fountain"))
    (found,) = reports()
    assert f"has the number {found.number}" in thanks.text
    assert (found.trouble, found.text, found.at) == (Trouble.SLOW, "It is slow\nnear the fountain", clock.now())
    assert (found.site, found.gateway, found.network) == (a_site().key, "gw-1", "guests")
    assert (found.access, found.state) == (Access.NEVER, ReportState.OPEN)


def test_a_report_says_whether_a_visit_runs_why_the_last_one_ended_or_that_the_device_is_blocked(
    phone, reports, portal_store, clock
):
    phone.go_online(phone.ticket())
    send(phone, phone.ticket())
    status = phone.open("/status", phone.ticket())
    phone.submit(status, "/sign-out")
    send(phone, phone.ticket())
    Blocking(portal_store, clock).add(PHONE, None, "somebody")
    page = phone.open("/", phone.ticket())
    assert page.status_code == 403
    assert 'href="/report?s=' in page.text
    send(phone, phone.ticket())
    assert [each.access for each in reports()] == [Access.BLOCKED, EndReason.SIGNED_OUT, Access.RUNNING]


def test_s4_a_second_tap_a_reload_or_the_back_button_sends_no_second_report(phone, reports):
    ticket = phone.ticket()
    form = phone.open("/report", ticket)
    for _ in range(3):
        assert phone.submit(form, "/report", trouble="code").status_code == 303
    assert len(reports()) == 1
    assert "has the number" in phone.open("/report", ticket).text


@pytest.mark.parametrize("path", ["/", "/terms", "/status", "/connected", "/signed-out", "/erased", "/nothing-here"])
def test_every_page_leads_to_the_form_with_ticket_and_language(phone, path):
    ticket = phone.ticket()
    if path == "/connected":
        phone.go_online(ticket)
    page = phone.open(path, ticket, l="ko")
    assert f'<a href="/report?s={ticket}&amp;l=ko">문제 신고</a>' in page.text


def test_whoever_comes_without_a_ticket_reports_without_a_place_and_gets_no_answer_page(phone, reports):
    page = phone.open("/report")
    assert "We cannot see where you are" in page.text
    for _ in range(2):
        sent = phone.submit(page, "/report", trouble="page", text="At the old station")
    assert sent.status_code == 200
    assert f"has the number {reports()[0].number}" in sent.text
    (found,) = reports()
    assert (found.site, found.gateway, found.access, found.device) == (None, "", Access.UNKNOWN, None)


@pytest.mark.parametrize("ticket", ["broken", "aGk.broken", "x" * 3000])
def test_a_ticket_that_says_nothing_is_no_hindrance(phone, ticket):
    assert phone.open("/report", ticket).status_code == 200


def test_a_link_that_grew_old_while_somebody_wrote_loses_nothing(phone, reports, clock):
    form = phone.open("/report", phone.ticket())
    clock.advance(timedelta(minutes=6))
    again = phone.submit(form, "/report", trouble="other", text="All I have to say")
    assert again.status_code == 403
    assert "Your link was too old" in again.text
    assert "All I have to say</textarea>" in again.text
    assert phone.submit(again, "/report", trouble="other", text="All I have to say").status_code == 200
    assert [each.text for each in reports()] == ["All I have to say"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"trouble": ""}, "Please choose"),
        ({"trouble": "made-up"}, "Please choose"),
        ({"text": "가" * 501}, "may have 500 characters"),
    ],
)
def test_what_does_not_fit_comes_back_as_it_was_typed(phone, reports, fields, said):
    again = send(phone, phone.ticket(), **{"text": "Keep me", **fields})
    assert again.status_code == 422
    assert said in again.text
    assert fields.get("text", "Keep me") in again.text
    assert reports() == []


def test_s3_a_form_of_another_site_another_device_or_another_deed_is_refused(phone, reports):
    form = phone.open("/report", phone.ticket())
    foreign = {"Origin": "https://elsewhere.example"}
    assert phone.submit(form, "/report", foreign, trouble="slow").status_code == 403
    assert phone.submit(form, "/report", trouble="slow", s=phone.ticket(device=OTHER_PHONE)).status_code == 403
    assert phone.submit(form, "/report", trouble="slow", token="0" * 32).status_code == 403
    assert phone.submit(phone.open("/report"), "/report", trouble="slow", form="mine").status_code == 403
    assert reports() == []


def test_limits_count_devices_and_places_and_no_addresses(strict, reports):
    for _ in range(2):
        assert send(strict, strict.ticket()).status_code == 303
    refused = send(strict, strict.ticket(), text="One more")
    assert refused.status_code == 429
    assert "enough reports" in refused.text
    assert "One more</textarea>" in refused.text
    neighbour = strict.ticket(device=OTHER_PHONE, address=AN_ADDRESS)
    assert send(strict, neighbour).status_code == 303
    assert send(strict, strict.ticket(device=OTHER_PHONE)).status_code == 429, "the place has had its three"
    assert len(reports()) == 3
    for left in (3, 2, 1, 0):
        assert send(strict, "").status_code == (200 if left else 429)
    strict.clock.advance(timedelta(days=1, seconds=1))
    assert send(strict, strict.ticket()).status_code == 303


def test_the_device_reads_its_answer_and_no_other_device_does(phone, reports, desk):
    phone.follow(send(phone, phone.ticket(), text="Words of mine"))
    assert "have not answered yet" in phone.open("/report", phone.ticket()).text
    desk.answer(reports()[0].number, "The antenna is\nrepaired on Monday.", "night-shift")
    page = phone.open("/report", phone.ticket()).text
    assert "The antenna is\nrepaired on Monday." in page
    assert "night-shift" not in page
    send(phone, phone.ticket(device=OTHER_PHONE), text="Words of others")
    other = phone.open("/report", phone.ticket(device=OTHER_PHONE)).text
    assert "Words of others" in other
    assert "antenna" not in other
    assert "Words of mine" not in other


def test_the_status_page_shows_the_newest_answer_in_the_direction_of_its_own_letters(phone, reports, desk):
    for text in ("Slow", "Still slow"):
        send(phone, phone.ticket(), text=text)
    assert "Answer of city staff" not in phone.open("/status", phone.ticket()).text
    newest, oldest = reports()
    desk.answer(oldest.number, "First answer", "night-shift")
    assert '<p class="typed" dir="auto">First answer</p>' in phone.open("/status", phone.ticket()).text
    desk.answer(newest.number, "تم الإصلاح <b>", "night-shift")
    desk.close(newest.number, "night-shift")
    phone.go_online(phone.ticket())
    page = phone.open("/status", phone.ticket())
    assert '<p class="typed" dir="auto">تم الإصلاح &lt;b&gt;</p>' in page.text
    assert f"Report {newest.number}" in page.text
    assert "First answer" not in page.text
    assert "night-shift" not in page.text
    assert "Answer of city staff" not in phone.open("/status", phone.ticket(device=OTHER_PHONE)).text
    phone.submit(page, "/erase")
    assert "Answer of city staff" not in phone.open("/status", phone.ticket()).text


def test_a_report_that_is_settled_says_so(phone, reports, desk):
    send(phone, phone.ticket())
    desk.close(reports()[0].number, "somebody", "known already")
    page = phone.open("/report", phone.ticket()).text
    assert "dealt with it" in page
    assert "known already" not in page


def test_words_of_citizens_and_operators_are_never_markup(phone, reports, desk):
    hostile = "</textarea><script>alert(1)</script>&\"'"
    again = send(phone, phone.ticket(), trouble="", text=hostile)
    send(phone, phone.ticket(), text=hostile)
    desk.answer(reports()[0].number, hostile, "somebody")
    for page in (again.text, phone.open("/report", phone.ticket()).text):
        assert "<script" not in page
        assert "&lt;/textarea&gt;&lt;script&gt;" in page


def test_whoever_has_their_data_deleted_leaves_no_word_behind(phone, reports, desk):
    send(phone, phone.ticket(), text="My name is nobody")
    desk.answer(reports()[0].number, "Dear nobody", "somebody")
    phone.submit(phone.open("/report", phone.ticket()), "/erase")
    (left,) = reports()
    assert (left.text, left.answer, left.device, left.site) == (None, None, None, a_site().key)
    assert (
        "Report " not in phone.open("/report", phone.ticket()).text.split("<h1>")[1].split("</h1>")[1].split("<f")[0]
    )


def test_the_database_holds_no_word_of_a_report_in_the_open(phone, tmp_path, sqlite_store, desk, reports):
    send(phone, phone.ticket(), text="Kim Secret 010-0000-0000")
    desk.answer(reports()[0].number, "Dear Kim Secret", "somebody")
    written = b"".join(path.read_bytes() for path in tmp_path.glob("portal.db*"))
    assert b"Secret" not in written
    assert b"02:00:5e:10:00:01" not in written


def test_a_page_that_failed_us_gives_its_number_to_the_report(app, phone, reports):
    def broken():
        raise RuntimeError("a mistake")

    app.view_functions["terms"] = broken
    page = phone.open("/terms", phone.ticket())
    incident = re.search(r"tell the city this number: ([0-9a-f]{8})", page.text)[1]
    assert f"i={incident}" in page.text
    form = phone.open("/report", phone.ticket(), i=incident)
    phone.submit(form, "/report", trouble="page")
    assert reports()[0].incident == incident
    assert 'name="i" value=""' in phone.open("/report", phone.ticket(), i="<b>").text


def test_s10_another_citys_desk_never_sees_the_report(phone, portal_store, gateway):
    send(phone, phone.ticket())
    with portal_store.read() as tx:
        stranger = replace(tx, city_id=tx.city_id + 1)
        assert stranger.problem_reports.page(ReportFilter(), 50) == []
        assert stranger.problem_reports.get(1) is None
        assert stranger.problem_reports.waiting() == []
        assert stranger.problem_reports.counts(ReportFilter()) == {}
