"""The citizen's face as a WSGI application: no script, no cookie, no outside asset, nothing believed but tickets."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Flask
from prometheus_client import CollectorRegistry

from portal import catalogue, express, pages, terms
from portal.face import Face
from portal.finding import FindingPage
from portal.forms import FormTokens
from portal.identity import way
from portal.identity.way import MakeWay
from portal.looks import Looks
from portal.metrics import SignInMetrics
from portal.open_data import OpenDataFiles
from portal.own_data import OwnDataPages
from portal.own_visit import OwnVisit
from portal.place import PlacePage
from portal.relief import ReliefPages
from portal.report import Report
from portal.sign_in import SignIn
from portal.status import Status
from portal.welcome import Welcome
from wifi_manager import log
from wifi_manager.domain.visits import Method
from wifi_manager.services import legal_profiles
from wifi_manager.services.admission import Admission
from wifi_manager.services.faces import FacesShown
from wifi_manager.services.open_data import OpenData
from wifi_manager.services.own_data import OwnData
from wifi_manager.services.relief import Relief
from wifi_manager.services.reporting import Reporting
from wifi_manager.settings import City, Portal
from wifi_manager.settings import relief as settings_of_relief
from wifi_manager.web import access_log, compiled, problems
from wifi_manager.web.headers import Headers

_LOG = log.get(__name__)


def build_face(
    city: City,
    portal: Portal,
    admission: Admission,
    configs: Path,
    registry: CollectorRegistry,
    policy: settings_of_relief.Relief | None = None,
    reporting: Reporting | None = None,
    open_data: OpenData | None = None,
) -> Face:
    """The face that the settings describe; without `reporting` its usual limits hold, without `open_data` no list is.

    Raises BadInput when a text, the terms or the law are missing.
    """
    public, zone = urlsplit(portal.public_url), ZoneInfo(city.time_zone)
    policy = policy or settings_of_relief.Relief()
    law = legal_profiles.load(configs, city.law)
    catalogues = catalogue.load(city.languages)
    shown = pages.Pages(
        zone=zone,
        catalogues=catalogues,
        fresh_ticket_url=portal.fresh_ticket_url,
        contact=portal.contact,
        style=pages.style(),
        looks=Looks(admission, FacesShown(admission.store, city.languages, admission.timer), city.name),
        guardian_below=law.guardian_below_age,
        finds=open_data is not None,
    )
    return Face(
        admission=admission,
        pages=shown,
        terms=terms.load(configs / "terms", portal.terms_version, catalogue.consenting(catalogues)),
        forms=FormTokens(admission.vault, f"{public.scheme}://{public.netloc}"),
        metrics=SignInMetrics.make(city.slug, registry),
        relief=Relief(admission, zone, policy.plan, policy.a_day),
        reporting=reporting or Reporting(admission.store, admission.clock),
        own=OwnData(admission.store, admission.clock, law),
        open_data=open_data,
        https=public.scheme == "https",
    )


def create_app(face: Face, configured: Mapping[Method, MakeWay] | None = None) -> Flask:
    """The application with all its pages. Raises BadInput for a way in that is offered but not configured."""
    return create_express(face, configured).app


def create_express(face: Face, configured: Mapping[Method, MakeWay] | None = None) -> express.Express:
    """The same with what stands before it, for who serves it. Raises as `create_app`."""
    configured = configured or {}
    way.check(face.admission.ways, configured)
    app = Flask("portal", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=express.LARGEST_FORM_BYTES)
    # Werkzeug's own redirects, for // and for a / too few or too many, name the host that the request claims.
    app.url_map.merge_slashes = app.url_map.strict_slashes = False
    compiled.install(app)
    log, headers = access_log.install(app, _LOG), Headers(referrer_policy="no-referrer", https=face.https)
    headers.install(app)
    problems.install(app, face.pages.problem)
    ways = {method: make(face) for method, make in configured.items()}
    first, tap = Welcome(face, way.lasting(ways)), SignIn(face)
    views: tuple[way.Way, ...] = (
        first,
        tap,
        Status(face),
        OwnDataPages(face),
        OwnVisit(face),
        ReliefPages(face),
        Report(face),
        PlacePage(face),
        *_public(face),
    )
    for each in (*views, *ways.values()):
        each.install(app)
    of_crowds = {("GET", "/"): first.welcome, **tap.of_crowds()}
    for each in ways.values():
        of_crowds |= each.of_crowds() if isinstance(each, way.Crowded) else {}
    return express.Express.install(app, of_crowds, headers.always(), log)


def _public(face: Face) -> tuple[way.Way, ...]:
    """What needs no visit and is for everybody."""
    told = face.open_data
    return () if told is None else (FindingPage(face, told), OpenDataFiles(told))
