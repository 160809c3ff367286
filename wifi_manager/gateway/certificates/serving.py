"""Serves the gateway's own name over TLS: with the operator's files, or with what control got for it."""

import asyncio
import contextlib
import random
import ssl
from collections.abc import Coroutine, Iterator
from typing import Any

from cryptography import x509

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import BadInput
from wifi_manager.gateway.certificates.keeper import CertificateControl, CertificateKeeper
from wifi_manager.gateway.certificates.own_files import OwnFiles
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.settings import Face

_LOOK_SECONDS = 2.0  # between two looks at the file


def prepared(face: Face, clock: Clock) -> ssl.SSLContext:
    """TLS for the gateway's own name; where control gets its certificate, with a key made here if there is none.

    Raises BadInput when certificate or key cannot be used, OutsideFailure when the disk refuses.
    """
    if face.issued_by_control:
        _own_files(face).prepare(clock.now())
    return tls_context(face)


def tls_context(face: Face) -> ssl.SSLContext:
    """TLS with the files that there are. Raises BadInput when certificate or key cannot be used."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _load(context, face)
    return context


def loops(
    context: ssl.SSLContext, face: Face, control: CertificateControl, clock: Clock, metrics: GatewayMetrics
) -> Iterator[Coroutine[Any, Any, None]]:
    """What runs beside the doors: one serves renewed files, and one fetches them where control has them."""
    yield _keep_fresh(context, face, metrics)
    if face.issued_by_control:
        yield CertificateKeeper(face.name, _own_files(face), control, clock, metrics, random.random).keep()


def _own_files(face: Face) -> OwnFiles:
    return OwnFiles(face.name, face.certificate, face.key)


def _load(context: ssl.SSLContext, face: Face) -> None:
    try:
        context.load_cert_chain(face.certificate, face.key)
    except (OSError, ssl.SSLError) as broken:
        raise BadInput(
            f"face.certificate {face.certificate} and face.key cannot be used together: {broken}"
        ) from broken


async def _keep_fresh(context: ssl.SSLContext, face: Face, metrics: GatewayMetrics) -> None:
    """Serve a renewed certificate without a restart; a broken one is not taken."""
    served = b""
    while True:
        with contextlib.suppress(BadInput, OSError, ValueError):
            found = await asyncio.to_thread(face.certificate.read_bytes)
            if found != served:
                _load(context, face)
                metrics.certificate_ends(x509.load_pem_x509_certificate(found).not_valid_after_utc)
                served = found
        await asyncio.sleep(_LOOK_SECONDS)
