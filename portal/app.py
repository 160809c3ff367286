"""The citizen's face as a WSGI application: no script, no cookie, no outside asset, nothing believed but tickets."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Flask
from prometheus_client import CollectorRegistry

from portal import catalogue, pages, terms
from portal.face import Face
from portal.forms import FormTokens
from portal.identity import way
from portal.identity.way import MakeWay
from portal.metrics import SignInMetrics
from portal.own_data import OwnDataPages
from portal.sign_in import SignIn
from portal.status import Status
from portal.welcome import Welcome
from wifi_manager import log
from wifi_manager.domain.visits import Method
from wifi_manager.services import legal_profiles
from wifi_manager.services.admission import Admission
from wifi_manager.services.own_data import OwnData
from wifi_manager.settings import City, Portal
from wifi_manager.web import access_log, problems
from wifi_manager.web.headers import Headers

_LARGEST_FORM_BYTES = 8 * 1024
_LOG = log.get(__name__)


def build_face(city: City, portal: Portal, admission: Admission, configs: Path, registry: CollectorRegistry) -> Face:
    """The face that the settings describe. Raises BadInput when a text, the terms or the law are missing."""
    public = urlsplit(portal.public_url)
    shown = pages.Pages(
        city=city.name,
        zone=ZoneInfo(city.time_zone),
        catalogues=catalogue.load(city.languages),
        fresh_ticket_url=portal.fresh_ticket_url,
        contact=portal.contact,
        style=pages.style(),
    )
    return Face(
        admission=admission,
        pages=shown,
        terms=terms.load(configs / "terms", portal.terms_version, city.languages),
        forms=FormTokens(admission.vault, f"{public.scheme}://{public.netloc}"),
        metrics=SignInMetrics.make(city.slug, registry),
        own=OwnData(admission.store, admission.clock, legal_profiles.load(configs, city.law)),
        https=public.scheme == "https",
    )


def create_app(face: Face, configured: Mapping[Method, MakeWay] | None = None) -> Flask:
    """The application with all its pages. Raises BadInput for a way in that is offered but not configured."""
    configured = configured or {}
    way.check(face.admission.ways, configured)
    app = Flask("portal", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=_LARGEST_FORM_BYTES)
    # Werkzeug's own redirects, for // and for a / too few or too many, name the host that the request claims.
    app.url_map.merge_slashes = app.url_map.strict_slashes = False
    access_log.install(app, _LOG)
    Headers(referrer_policy="no-referrer", https=face.https).install(app)
    problems.install(app, face.pages.problem)
    for views in (Welcome(face), SignIn(face), Status(face), OwnDataPages(face)):
        views.install(app)
    for make in configured.values():
        make(face).install(app)
    return app
