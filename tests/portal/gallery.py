"""Every page of the portal, and how a phone gets there: for the tests that look at them all.

A new page needs an entry here; `test_gallery.py` compares with the application's own list. Pages that come from a form
are reached by typing and pressing (`steps`); all else by an address.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from flask import Flask

from portal.app import create_app
from portal.face import Face
from portal.identity import configured, radius
from portal.identity.radius_wire.servers import Lines
from tests.builders import A_CITY, a_site
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import SimulatedGateway
from tests.portal.conftest import Phone
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.faces import Scope
from wifi_manager.domain.logos import as_address
from wifi_manager.domain.visits import Method
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.faces import FaceControl
from wifi_manager.services.places import Places
from wifi_manager.settings import City, Settings
from wifi_manager.settings.radius import Radius


@dataclass(frozen=True, slots=True)
class Stage:
    """The portal before one device that nobody has seen yet."""

    app: Flask
    face: Face
    gateway: SimulatedGateway
    clock: FrozenClock
    number: int

    @property
    def device(self) -> MacAddress:
        return MacAddress.parse(f"02:00:5e:20:{self.number >> 8:02x}:{self.number & 255:02x}")

    def ticket(self) -> str:
        return self.gateway.ticket(self.clock.now(), device=self.device, address=f"10.1.9.{self.number % 250 + 1}")

    def at(self, path: str, **query: object) -> str:
        """The address of a page of ours, with a fresh ticket."""
        return f"{path}?{urlencode({'s': self.ticket(), **query})}"

    def phone(self) -> Phone:
        return Phone(self.app.test_client(use_cookies=False), self.gateway, self.clock)

    def go_online(self) -> None:
        phone = self.phone()
        phone.submit(phone.open("/", self.ticket()), "/connect")

    def offer(self, *ways: Method) -> None:
        """What everybody at this site is offered from now on."""
        Places(self.face.admission.store, self.clock).offer(a_site().key, ways, "somebody")


@dataclass(frozen=True, slots=True)
class Page:
    """`rule`: whose page it is. `reach` prepares and names the address. `steps`: a selector, and a text or a press."""

    rule: str
    reach: Callable[[Stage], str]
    steps: tuple[tuple[str, str | None], ...] = ()
    is_renewing: bool = False  # it renews itself, to show the outcome that the citizen asked for


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
        stage.offer(Method.CLICK_THROUGH, Method.VOUCHER, Method.ACCOUNT, Method.RADIUS)
        return stage.at(path)

    return reach


def _several_ways(stage: Stage) -> str:
    stage.offer(Method.SMS, Method.CLICK_THROUGH, Method.VOUCHER, Method.ACCOUNT, Method.EID, Method.RADIUS)
    return stage.at("/")


def _one_way(stage: Stage) -> str:
    stage.offer()
    return stage.at("/")


def typed_for_radius(name: str, password: str) -> tuple[tuple[str, str | None], ...]:
    """Nobody answers at the gallery's RADIUS server: a name that is none is all that can be refused."""
    return (("#name", name), ("#password", password), ("main .button", None))


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


def faced(path: str) -> Callable[[Stage], str]:
    """A page of a site that has a face of its own."""

    def reach(stage: Stage) -> str:
        FaceControl(stage.face.admission.store, stage.clock, ("ko", "en")).set(
            Scope(*a_site().key), A_FACE, "somebody"
        )
        return stage.at(path)

    return reach


def _blocked(stage: Stage) -> str:
    Blocking(stage.face.admission.store, stage.clock).add(
        stage.device, stage.clock.now().replace(year=2031), "somebody"
    )
    return stage.at("/")


PAGES: dict[str, Page] = {
    "welcome": Page("/", _one_way),
    "welcome-ways": Page("/", _several_ways),
    "language-menu": Page("/", _one_way, (("nav summary", None),)),
    "lost": Page("/", lambda _stage: "/"),
    "blocked": Page("/", _blocked),
    "faced": Page("/", faced("/")),
    "info": Page("/info", faced("/info")),
    "info-nothing": Page("/info", plain("/info")),
    "terms": Page("/terms", plain("/terms")),
    "connecting": Page("/connecting", online("/connecting"), is_renewing=True),
    "late": Page("/connecting", online("/connecting", n=10)),
    "connected": Page("/connected", online("/connected")),
    "status": Page("/status", online("/status")),
    "known": Page("/status", online("/status"), (("main summary", None),)),
    "status-offline": Page("/status", plain("/status")),
    "signed-out": Page("/signed-out", plain("/signed-out")),
    "erased": Page("/erased", plain("/erased")),
    "voucher": Page("/voucher", offered("/voucher")),
    "voucher-refused": Page(
        "/voucher", offered("/voucher"), (("main input:not([type=hidden])", "ABC-DEF-GHJ"), ("main .button", None))
    ),
    "account": Page("/account", offered("/account")),
    "account-code": Page("/account/code", offered("/account/code")),
    "account-own": Page("/account/own", offered("/account/own")),
    "account-changed": Page("/account/changed", plain("/account/changed")),
    "account-deleted": Page("/account/deleted", plain("/account/deleted")),
    "radius": Page("/radius", offered("/radius")),
    "radius-refused": Page("/radius", offered("/radius"), typed_for_radius("é" * 130, "a name too long to be sent")),
    "radius-silent": Page("/radius", offered("/radius"), typed_for_radius("mina", "correct horse")),
    "report": Page("/report", plain("/report")),
    "relief": Page("/relief", plain("/relief")),
    "problem-ticket": Page("/", lambda _stage: "/?s=broken"),
    "problem-missing": Page("", lambda _stage: "/nowhere"),
    "problem-busy": Page("/test/busy", lambda _stage: "/test/busy"),
    "problem-broken": Page("/test/broken", lambda _stage: "/test/broken"),
}
WITHOUT_A_PAGE = {  # for balancers, and forms that lead on
    "/healthz", "/connect", "/sign-out", "/erase", "/extend", "/sign-out-others", "/remember", "/forget",
    "/account/password", "/account/delete",
}  # fmt: skip
SETTINGS = Settings(city=City(slug=A_CITY.slug))
NOBODYS_SERVER = Radius(servers=("127.0.0.1:9",))  # the port of RFC 863, where no test listens


def whole_app(face: Face) -> Flask:
    """The application with every way in, waiting for no gateway, and with two pages that fail."""
    patient = replace(face, admission=replace(face.admission, patience_seconds=0.0))
    radius_way = partial(radius.make, NOBODYS_SERVER, b"a secret", Lines(2))
    app = create_app(patient, {**configured.ways(SETTINGS), Method.RADIUS: radius_way})
    app.add_url_rule("/test/busy", view_func=_busy)
    app.add_url_rule("/test/broken", view_func=_broken)
    return app


def _busy() -> str:
    raise OutsideFailure("The database is away.")


def _broken() -> str:
    raise RuntimeError(f"A mistake in {A_CITY.slug}.")
