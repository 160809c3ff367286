"""The files that a gateway lives on: its certificate, and its folder of state."""

import os
import ssl
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from wifi_manager.domain.errors import WifiError
from wifi_manager.gateway.checking.findings import Finding, good, unknown, warning, wrong
from wifi_manager.gateway.settings import Face
from wifi_manager.gateway.state import StateFolder

_SOON = timedelta(days=14)
_LEAST_FREE_BYTES = 64 * 1024 * 1024
_NOBODY_ELSE = stat.S_IRWXG | stat.S_IRWXO
_ABOUT_CERTIFICATE = "certificate"
_TO_COME = "Control gets it when the gateway runs."
_ABOUT_STATE = "state"


def certificate(face: Face, now: datetime) -> Iterator[Finding]:
    """Phones believe the gateway's own name only with a certificate for it that fits its key and has not ended."""
    try:
        found = x509.load_pem_x509_certificate(face.certificate.read_bytes())
    except OSError as missing:
        is_to_come = face.issued_by_control and isinstance(missing, FileNotFoundError)
        yield unknown(_ABOUT_CERTIFICATE, _TO_COME) if is_to_come else _unread(face.certificate, missing)
        return
    except ValueError:
        yield wrong(_ABOUT_CERTIFICATE, f"{face.certificate} holds no certificate.", f"ls -l {face.certificate}")
        return
    if found.issuer == found.subject:
        mend = "wifi-manager certificates list # on a server of the city"
        yield warning(_ABOUT_CERTIFICATE, "Phones do not trust it: the gateway made it itself, to begin with.", mend)
    yield _names(found, face)
    yield _end(found, face.certificate, now)
    yield _key(face)


def _names(found: x509.Certificate, face: Face) -> Finding:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    spelt = names.get_values_for_type(x509.DNSName)
    if face.name in spelt or f"*.{face.name.partition('.')[2]}" in spelt:
        return good(_ABOUT_CERTIFICATE, f"It is for {face.name}.")
    says = f"It is for {', '.join(spelt) or 'no name'} and not for {face.name}: phones refuse it."
    return wrong(_ABOUT_CERTIFICATE, says, f"openssl x509 -noout -ext subjectAltName -in {face.certificate}")


def _end(found: x509.Certificate, path: Path, now: datetime) -> Finding:
    end, begin = found.not_valid_after_utc, found.not_valid_before_utc
    mend = f"openssl x509 -noout -dates -in {path}"
    if end <= now:
        return wrong(_ABOUT_CERTIFICATE, f"It ended at {end:%Y-%m-%d %H:%M} UTC: phones refuse it. Renew it.", mend)
    if begin > now:
        return wrong(_ABOUT_CERTIFICATE, f"It begins at {begin:%Y-%m-%d %H:%M} UTC. Is the clock right?", mend)
    if end - now < _SOON:
        return warning(_ABOUT_CERTIFICATE, f"It ends in {(end - now).days} days, and nobody has renewed it.", mend)
    return good(_ABOUT_CERTIFICATE, f"It is good for {(end - now).days} days.")


def _key(face: Face) -> Finding:
    about = "certificate's key"
    try:
        mode = face.key.stat().st_mode
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(face.certificate, face.key)
    except PermissionError:
        return unknown(about, "Only root may read it.")
    except (OSError, ssl.SSLError) as broken:
        return wrong(about, f"{face.key} cannot be used with the certificate: {broken}.", f"ls -l {face.key}")
    if mode & stat.S_IRWXO:
        return wrong(about, f"Everybody on this machine may read {face.key}.", f"chmod o= {face.key}")
    return good(about, "It fits, and nobody else may read it.")


def state(folder: Path) -> Iterator[Finding]:
    """Without its state a gateway does not know who it is, nor after a power cut who is online."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        yield wrong(
            _ABOUT_STATE, "This gateway is not enrolled.", "wifi-manager gateway enrol - --control URL --ca FILE"
        )
        return
    except OSError as refused:
        yield _unread(folder, refused, _ABOUT_STATE)
        return
    if stat.S_IMODE(found.st_mode) & _NOBODY_ELSE:
        yield wrong(_ABOUT_STATE, f"Others may look into {folder}, which holds keys.", f"chmod 0700 {folder}")
    yield _room(folder)
    yield _identity(folder)


def _room(folder: Path) -> Finding:
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if disk.f_flag & os.ST_RDONLY:
        return wrong("disk", f"{folder} can only be read.", f"mount -o remount,rw {folder}")
    if free < _LEAST_FREE_BYTES:
        says = f"{free // 1024} KiB are free: after a power cut visits of the last moments are lost."
        return warning("disk", says, f"du -xh {folder} | sort -h | tail")
    return good("disk", f"{free // 2**20} MiB are free.")


def _identity(folder: Path) -> Finding:
    try:
        identity = StateFolder(folder).identity()
    except PermissionError:
        return unknown(_ABOUT_STATE, "Only root may look into it.")
    except WifiError as problem:
        return wrong(_ABOUT_STATE, str(problem), "wifi-manager gateway enrol - --control URL --ca FILE")
    return good(_ABOUT_STATE, f"This is gateway {identity.gateway} of {identity.city}.")


def _unread(path: Path, problem: OSError, about: str = _ABOUT_CERTIFICATE) -> Finding:
    if isinstance(problem, PermissionError):
        return unknown(about, f"Only root may read {path}.")
    return wrong(about, f"{path} cannot be read: {problem.strerror}.", f"ls -l {path}")
