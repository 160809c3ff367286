"""Every page of the portal, and how a phone gets there: for the tests that look at them all.

A new page needs an entry here; `test_gallery_whole.py` compares with the application's own list. Pages that come from a form
are reached by typing and pressing (`steps`); all else by an address.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.builders import NOON, a_plan, a_site
from tests.portal.conftest import form_of
from tests.portal.gallery_places import a_city_of_places
from tests.portal.gallery_reports import answered, closed, many_reports
from tests.portal.stage import RELIEF, Stage
from wifi_manager.domain.faces import Scope
from wifi_manager.domain.logos import as_address
from wifi_manager.domain.visits import Consent, EndReason, Method, Proof
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.emergencies import Emergencies
from wifi_manager.services.faces import FaceControl

EVERY_WAY = (Method.SMS, Method.CLICK_THROUGH, Method.VOUCHER, Method.ACCOUNT, Method.EID, Method.RADIUS)
A_NUMBER = "010-9876-5432"
NO_NAME = "é" * 130  # longer than RADIUS can send
NO_VOUCHER = "ABC-DEF-GHJ"  # nobody has issued it
REASONS = tuple(each for each in EndReason if each is not EndReason.ERASED)  # of which nothing is kept


@dataclass(frozen=True, slots=True)
class Page:
    """`rule`: whose page it is. `reach` prepares and names the address. `steps`: a selector, and a text or a press."""

    rule: str
    reach: Callable[[Stage], str]
    steps: tuple[tuple[str, str | None], ...] = ()
    is_renewing: bool = False  # it renews itself, to show the outcome that the citizen asked for
    is_alike: bool = False  # another page differs by a sentence: this one is for the long form alone


def online(path: str, **query: object) -> Callable[[Stage], str]:
    """A page for a device that is online."""

    def reach(stage: Stage) -> str:
        stage.go_online()
        return stage.at(path, **query)

    return reach


def plain(path: str, **query: object) -> Callable[[Stage], str]:
    """A page for a device that is not."""
    return lambda stage: stage.at(path, **query)


def offered(path: str) -> Callable[[Stage], str]:
    """The first page of a way in, at a site that offers it."""

    def reach(stage: Stage) -> str:
        stage.offer(*EVERY_WAY)
        return stage.at(path)

    return reach


def without_mails(path: str) -> Callable[[Stage], str]:
    """The same where no mail can be written."""

    def reach(stage: Stage) -> str:
        stage.outside.lose_mails()
        return offered(path)(stage)

    return reach


def ended(reason: EndReason, path: str = "/status") -> Callable[[Stage], str]:
    """A page for a device whose visit has ended."""

    def reach(stage: Stage) -> str:
        stage.go_online()
        now = stage.clock.now()
        with stage.face.admission.store.begin() as tx:
            running = tx.visits.running_of(stage.device, now)
            assert running is not None
            tx.visits.end(running.public_id, now, reason)
        return stage.at(path)

    return reach


def _several_ways(stage: Stage) -> str:
    stage.offer(*EVERY_WAY)
    return stage.at("/")


def _one_way(stage: Stage) -> str:
    stage.offer()
    return stage.at("/")


def typed_for_radius(name: str, password: str) -> tuple[tuple[str, str | None], ...]:
    """Nobody answers at the gallery's RADIUS server: a name that is none is all that can be refused."""
    return (("#name", name), ("#password", password), ("main .button", None))


def _emergency(stage: Stage) -> str:
    stage.offer(Method.SMS, Method.VOUCHER)
    until = stage.clock.now() + timedelta(hours=2)
    Emergencies(stage.face.admission.store, stage.clock).open(*a_site().key, until, "flood", "somebody")
    return stage.at("/")


def _full_visit(stage: Stage) -> str:
    """Of which little is left, with an extension, limits, and another device of the same citizen."""
    admission = stage.face.admission
    with admission.store.begin() as tx:
        tx.plans.save(a_plan(extensions=1, volume_bytes=10**9, up_volume_bytes=10**8))
    for each in (stage, replace(stage, number=stage.number + 100)):
        proof = Proof(Method.CLICK_THROUGH, b"somebody")
        admission.accept(admission.asking(each.ticket()), Consent("2026-11", "en"), lambda *_, proof=proof: proof)
    stage.clock.advance(timedelta(hours=23, minutes=30))
    return stage.at("/status")


def _after_a_code(stage: Stage) -> str:
    stage.offer(*EVERY_WAY)
    stage.send("/sms", "/sms", number=A_NUMBER)
    return stage.at("/sms")


def _later(stage: Stage) -> str:
    """When another code may be asked for."""
    _after_a_code(stage)
    stage.clock.advance(timedelta(minutes=2))
    return stage.at("/sms")


def _spent_code(stage: Stage) -> str:
    """One that was typed wrongly too often, for which there is another."""
    _later(stage)
    wrong = "000000" if "000000" not in stage.outside.newest_text() else "000001"
    for _ in range(5):
        phone = stage.phone()
        page = phone.open("/sms", stage.ticket())
        if "/sms/code" in page.text:
            phone.submit(page, "/sms/code", code=wrong)
    return stage.at("/sms")


def _impatient(page: str, form: str, **typed: str) -> Callable[[Stage], str]:
    """A page of which this device has guessed so often that it must wait."""

    def reach(stage: Stage) -> str:
        stage.offer(*EVERY_WAY)
        phone = stage.phone()
        shown = phone.open(page, stage.ticket())
        while phone.submit(shown, form, **typed).status_code != 429:
            form_of(shown, form)  # it is still a form: this ends
        return stage.at(page)

    return reach


def _many_mails(stage: Stage) -> str:
    """The device has asked for as many as it may today."""
    return _impatient("/account/forgotten", "/account/forgotten", name="resident-1")(stage)


def _many_codes(stage: Stage) -> str:
    """The device has had all its codes of the day."""
    stage.offer(*EVERY_WAY)
    phone = stage.phone()
    for number in range(9):
        page = phone.open("/sms", stage.ticket(), other=1)
        phone.submit(page, "/sms", number=f"{A_NUMBER[:-1]}{number}")
        stage.clock.advance(timedelta(minutes=3))
    return stage.at("/sms", other=1)


def _begin_eid(stage: Stage) -> None:
    stage.offer(*EVERY_WAY)
    stage.send("/eid", "/eid")


def _eid_wait(stage: Stage) -> str:
    _begin_eid(stage)
    return stage.at("/eid/leave", n=1)


def _eid_leave(stage: Stage) -> str:
    _begin_eid(stage)
    stage.gateway.acknowledge()
    return stage.at("/eid/leave")


def _state(stage: Stage) -> str:
    """What the eID would bring back for this device."""
    with stage.face.admission.store.read() as tx:
        known = tx.visits.device(stage.device)
        found = None if known is None else tx.eid.of(known.number)
    assert found is not None
    return found.secrets["state"]


def _eid_given_up(stage: Stage) -> str:
    _begin_eid(stage)
    return f"/eid/back?state={_state(stage)}&error=access_denied"


def _eid_refused(stage: Stage) -> str:
    _begin_eid(stage)
    back = stage.phone().open("/eid/back", state=_state(stage), code="code")
    carried = parse_qsl(urlsplit(back.headers["Location"]).query)
    return stage.at(
        "/eid/finish", **{name: value for name, value in carried if name != "l"}
    )  # the language is asked for


def relieved(*ways: Method) -> Callable[[Stage], str]:
    """The eID is away: a page of what is left."""

    def reach(stage: Stage) -> str:
        stage.offer(Method.EID, *ways)
        stage.outside.eid.is_away = True
        return stage.at("/eid")

    return reach


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#7a1fa2"/>'
    b'<path d="M9 21c0-8 3-12 7-12s7 4 7 12" fill="none" stroke="#fff" stroke-width="3"/></svg>'
)
A_FACE = {
    "name": "Willow park & garden",
    "accent": "#7a1fa2",
    "logo": as_address(SVG),
    "greeting": {"ko": "버드나무 한강공원에 오신 것을 환영합니다.", "en": "Welcome to the park by the river."},
    "notice": [
        {"severity": "info", "text": {"en": "Open-air concert tonight at eight.", "ko": "오늘 저녁 8시 야외 음악회"}},
        {
            "severity": "emergency",
            "text": {"en": "Flood warning: leave the river bank.", "ko": "홍수 경보: 강변을 떠나세요."},
        },
        {"severity": "warning", "text": {"ko": "매점은 내일 쉽니다."}},
    ],
    "info": {
        "paragraphs": {"en": ["Meadows, willows and a playground by the river.", "Bus 143 stops at the north gate."]},
        "hours": {"en": "April to October: 6:00 to 22:00\nNovember to March: 7:00 to 18:00"},
        "numbers": ["119 (fire, ambulance)", "112 (police)"],
        "links": ["park.city.example/a-very-long-address-that-has-no-place-to-break-a-line-on-a-small-phone"],
    },
}


def faced(path: str, document: Mapping[str, Any] = A_FACE) -> Callable[[Stage], str]:
    """A page of a site that has a face of its own."""

    def reach(stage: Stage) -> str:
        FaceControl(stage.face.admission.store, stage.clock, ("ko", "en")).set(
            Scope(*a_site().key), document, "somebody"
        )
        return stage.at(path)

    return reach


def blocked(until: datetime | None, path: str = "/") -> Callable[[Stage], str]:
    """A page for a device that city staff have blocked."""

    def reach(stage: Stage) -> str:
        Blocking(stage.face.admission.store, stage.clock).add(stage.device, until, "somebody")
        return stage.at(path)

    return reach


def _all_known(stage: Stage) -> str:
    """The second visit of a device, which was extended, and then blocked."""
    with stage.face.admission.store.begin() as tx:
        tx.plans.save(a_plan(extensions=1))
    ended(EndReason.IDLE)(stage)
    stage.go_online()
    stage.send("/status", "/extend")
    return blocked(None, "/status")(stage)


_TYPED = "main input:not([type=hidden], [type=checkbox], [type=radio])"
_PRESS = ("main form .button", None)
_REPORT = (("input[value=slow]", None), ("#text", "It is slow beside the pond"), _PRESS)
_FORGOTTEN = (("#name", "resident-1"), _PRESS)
_NEW_ACCOUNT = (("#name", "resident-1"), ("#code", NO_VOUCHER))

PAGES: dict[str, Page] = {
    "welcome": Page("/", _one_way),
    "welcome-ways": Page("/", _several_ways),
    "welcome-emergency": Page("/", _emergency),
    "welcome-again": Page("/", ended(EndReason.COPIED, "/")),
    "language-menu": Page("/", _one_way, (("nav summary", None),)),
    "lost": Page("/", lambda _stage: "/"),
    "blocked": Page("/", blocked(NOON.replace(year=2031))),
    "blocked-for-good": Page("/", blocked(None), is_alike=True),
    "faced": Page("/", faced("/")),
    "info": Page("/info", faced("/info")),
    "info-nothing": Page("/info", faced("/info", {})),
    "terms": Page("/terms", plain("/terms")),
    "connecting": Page("/connecting", online("/connecting"), is_renewing=True),
    "late": Page("/connecting", online("/connecting", n=10)),
    "connected": Page("/connected", online("/connected")),
    "status": Page("/status", online("/status")),
    "status-full": Page("/status", _full_visit),
    "known": Page("/status", online("/status"), (("main summary", None),)),
    "known-remembered": Page(
        "/status", _full_visit, (("form[action^='/remember'] .button", None), ("main summary", None))
    ),
    "known-all": Page("/status", _all_known, (("main summary", None),)),
    "status-answered": Page("/status", answered("/status")),
    "status-offline": Page("/status", plain("/status")),
    **{f"ended-{reason}": Page("/status", ended(reason), is_alike=n > 0) for n, reason in enumerate(REASONS)},
    "signed-out": Page("/signed-out", plain("/signed-out")),
    "erased": Page("/erased", plain("/erased")),
    "sms": Page("/sms", offered("/sms")),
    "sms-no-number": Page("/sms", offered("/sms"), ((_TYPED, "12"), _PRESS)),
    "sms-country": Page("/sms", offered("/sms"), ((_TYPED, "+1 212 555 0123"), _PRESS), is_alike=True),
    "sms-enough": Page("/sms", _many_codes, ((_TYPED, A_NUMBER), _PRESS), is_alike=True),
    "sms-code": Page("/sms", _after_a_code),
    "sms-wrong-code": Page("/sms", _after_a_code, ((_TYPED, "12"), _PRESS)),
    "sms-again": Page("/sms", _later),
    "sms-spent": Page("/sms", _spent_code),
    "voucher": Page("/voucher", offered("/voucher")),
    "voucher-malformed": Page("/voucher", offered("/voucher"), ((_TYPED, "ABC"), _PRESS), is_alike=True),
    "voucher-refused": Page("/voucher", offered("/voucher"), ((_TYPED, NO_VOUCHER), _PRESS)),
    "voucher-wait": Page(
        "/voucher", _impatient("/voucher", "/voucher", code=NO_VOUCHER), ((_TYPED, NO_VOUCHER), _PRESS)
    ),
    "account": Page("/account", offered("/account")),
    "account-refused": Page("/account", offered("/account"), (("#name", "nobody"), ("#password", "wrong"), _PRESS)),
    "account-code": Page("/account/code", offered("/account/code")),
    "account-code-refused": Page(
        "/account/code", offered("/account/code"), (*_NEW_ACCOUNT, ("#wanted", "a good long password"), _PRESS)
    ),
    "account-code-weak": Page(
        "/account/code", offered("/account/code"), (*_NEW_ACCOUNT, ("#wanted", "password1"), _PRESS)
    ),
    "account-code-name": Page(
        "/account/code", offered("/account/code"), (*_NEW_ACCOUNT, ("#wanted", "resident-1"), _PRESS), is_alike=True
    ),
    "account-forgotten": Page("/account/forgotten", offered("/account/forgotten")),
    "account-mailed": Page("/account/forgotten", offered("/account/forgotten"), _FORGOTTEN),
    "account-no-mail": Page("/account/forgotten", without_mails("/account/forgotten"), _FORGOTTEN),
    "account-many-mails": Page("/account/forgotten", _many_mails, _FORGOTTEN),
    "account-own": Page("/account/own", offered("/account/own")),
    "account-changed": Page("/account/changed", plain("/account/changed")),
    "account-deleted": Page("/account/deleted", plain("/account/deleted")),
    "radius": Page("/radius", offered("/radius")),
    "radius-refused": Page("/radius", offered("/radius"), typed_for_radius(NO_NAME, "a password")),
    "radius-silent": Page("/radius", offered("/radius"), typed_for_radius("mina", "correct horse")),
    "eid": Page("/eid", offered("/eid")),
    "eid-wait": Page("/eid/leave", _eid_wait, is_renewing=True),
    "eid-leave": Page("/eid/leave", _eid_leave),
    "eid-given-up": Page("/eid/back", _eid_given_up),
    "eid-over": Page("/eid/back", lambda _stage: "/eid/back?state=nobody&code=none"),
    "eid-refused": Page("/eid/finish", _eid_refused),
    "relief": Page("/relief", relieved()),
    "relief-pass": Page("/relief", relieved(Method.VOUCHER, Method.ACCOUNT)),
    "relief-tap": Page("/relief", relieved(Method.CLICK_THROUGH, Method.VOUCHER)),
    **{
        f"relief-{way}": Page(RELIEF, plain(RELIEF.replace("<way>", way)), is_alike=True)
        for way in (Method.SMS, Method.VOUCHER, Method.ACCOUNT)
    },
    "hotspots": Page("/hotspots", a_city_of_places()),
    "hotspots-near": Page("/hotspots", a_city_of_places(q="park", near="37.5600,126.9700")),
    "hotspots-second": Page("/hotspots", a_city_of_places(p="2"), is_alike=True),
    "hotspots-partial": Page("/hotspots", a_city_of_places(q="park nowhere", near="nowhere")),
    "hotspots-none": Page("/hotspots", lambda _stage: "/hotspots?q=nowhere"),
    "report": Page("/report", plain("/report")),
    "report-sent": Page("/report", plain("/report"), _REPORT),
    "report-answered": Page("/report", answered("/report")),
    "report-closed": Page("/report", closed, is_alike=True),
    "report-enough": Page("/report", many_reports, _REPORT),
    "report-nowhere": Page("/report", lambda _stage: "/report"),
    "report-nowhere-sent": Page("/report", lambda _stage: "/report", _REPORT),
    "problem-ticket": Page("/", lambda _stage: "/?s=broken"),
    "problem-missing": Page("", lambda _stage: "/nowhere"),
    "problem-method": Page("", lambda _stage: "/connect", is_alike=True),
    "problem-busy": Page("/test/busy", lambda _stage: "/test/busy"),
    "problem-broken": Page("/test/broken", lambda _stage: "/test/broken"),
}
