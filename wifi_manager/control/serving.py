"""Runs control as a process: its server, its waiting gateways and its inner /metrics."""

from prometheus_client import CollectorRegistry, start_http_server

from wifi_manager.clock import SystemClock
from wifi_manager.control.app import Control, create_app
from wifi_manager.control.metrics import ControlMetrics
from wifi_manager.control.waiting import Waiting
from wifi_manager.services.certification import Certification
from wifi_manager.services.enrolment import Enrolment
from wifi_manager.services.granting import Granting
from wifi_manager.services.telling import Telling
from wifi_manager.settings import Settings
from wifi_manager.web.serve import Hooks, Listen, certificate, serve

SPARE_THREADS = 16  # for reports and enrolments while as many gateways wait as may


def run(
    settings: Settings, enrolment: Enrolment, granting: Granting, certification: Certification, telling: Telling
) -> None:
    """Serve gateways until SIGTERM, which answers all who wait. Raises BadInput for half a certificate."""
    where, chosen, registry = listen(settings), settings.control, CollectorRegistry()
    waiting = Waiting(granting, chosen.polls)
    app = create_app(
        Control(
            enrolment=enrolment,
            granting=granting,
            certification=certification,
            telling=telling,
            waiting=waiting,
            metrics=ControlMetrics(registry),
            clock=SystemClock(),
            city=settings.city.slug,
            portal_url=settings.portal.public_url,
        )
    )
    serve(
        app,
        where,
        Hooks(
            started=lambda: start_http_server(chosen.metrics_port, chosen.metrics_host, registry),
            stopping=waiting.close,
        ),
    )


def listen(settings: Settings) -> Listen:
    """Where control listens, over TLS if it was given a certificate. Raises BadInput for half of one."""
    chosen = settings.control
    files = certificate("control", chosen.certificate_file, chosen.key_file)
    return Listen(chosen.host, chosen.port, chosen.polls + SPARE_THREADS, 1, *files)
