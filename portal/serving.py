"""Runs the portal: its workers on one port, and the metrics of each at an inner address of its own."""

import errno
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from prometheus_client import CollectorRegistry, start_http_server

from portal import own_data
from portal.app import build_face, create_express
from portal.express import LARGEST_FORM_BYTES
from portal.identity import configured
from wifi_manager import assembly, shipped
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.services.admission import Admission
from wifi_manager.settings import Settings
from wifi_manager.web.crowd_serve import serve_crowd
from wifi_manager.web.loop_host import LoopHost
from wifi_manager.web.serve import Hooks, Listen, certificate


def run(settings: Settings, admission: Admission) -> None:
    """Serve citizens until told to stop.

    Raises BadInput when a text, the terms, the law or the plan are missing, Conflict for accepted terms that changed.
    """
    portal, registry = settings.portal, CollectorRegistry()
    reporting = assembly.reporting(settings, admission.store)
    told = assembly.open_data(settings, admission.store) if settings.open_data.enabled else None
    face = build_face(settings.city, portal, admission, shipped.configs(), registry, settings.relief, reporting, told)
    admission.check()
    face.relief.check()
    with suppress(OutsideFailure):  # a database that can only be read still shows citizens what to do
        own_data.keep_terms(face)
    admission.store.dispose()  # the server forks, and a connection must not be shared
    ports = range(portal.metrics_port, portal.metrics_port + portal.workers)
    metrics = partial(_show_metrics, ports, portal.metrics_host, registry)
    files = certificate("portal", portal.certificate_file, portal.key_file)
    express = create_express(face, configured.ways(settings))
    listen = Listen(portal.host, portal.port, portal.threads, portal.workers, *files)
    app = LoopHost(express.quick, express.usual, LARGEST_FORM_BYTES, listen.threads)
    serve_crowd(app, listen, Hooks(started=metrics))


def _show_metrics(ports: Sequence[int], host: str, registry: CollectorRegistry) -> None:
    """Serve this worker's metrics at the first free one of the ports. Raises OSError when others hold them all."""
    for port in ports:
        try:
            start_http_server(port, host, registry)
        except OSError as taken:
            if taken.errno != errno.EADDRINUSE or port == ports[-1]:
                raise
        else:
            return
