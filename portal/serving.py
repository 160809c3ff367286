"""Runs the portal as a process: its server, and its own metrics at an inner address."""

from contextlib import suppress
from functools import partial

from prometheus_client import CollectorRegistry, start_http_server

from portal import own_data
from portal.app import build_face, create_app
from portal.identity import configured
from wifi_manager import shipped
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.services.admission import Admission
from wifi_manager.settings import Settings
from wifi_manager.web.crowd_serve import serve_crowd
from wifi_manager.web.serve import Hooks, Listen, certificate


def run(settings: Settings, admission: Admission) -> None:
    """Serve citizens until told to stop.

    Raises BadInput when a text, the terms, the law or the plan are missing, Conflict for accepted terms that changed.
    """
    portal, registry = settings.portal, CollectorRegistry()
    face = build_face(settings.city, portal, admission, shipped.configs(), registry)
    admission.check()
    with suppress(OutsideFailure):  # a database that can only be read still shows citizens what to do
        own_data.keep_terms(face)
    admission.store.dispose()  # the server forks, and a connection must not be shared
    metrics = partial(start_http_server, portal.metrics_port, portal.metrics_host, registry)
    files = certificate("portal", portal.certificate_file, portal.key_file)
    app = create_app(face, configured.ways(settings))
    serve_crowd(app, Listen(portal.host, portal.port, portal.threads, 1, *files), Hooks(started=metrics))
