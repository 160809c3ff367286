"""Puts the way in by text message together from the settings."""

import ssl
import stat
import threading
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from portal.face import Face
from portal.identity import sms
from portal.identity.sms_provider import FileProvider, HttpProvider, Secrets, client
from portal.identity.way import MakeWay
from wifi_manager.domain.text_codes import Provider
from wifi_manager.services.sms_budgets import SmsBudgets
from wifi_manager.services.text_codes import TextCodes
from wifi_manager.settings import Settings, SettingsError
from wifi_manager.settings.sms import Sms

_SHARE_OF_THREADS = 4  # a provider that hangs takes this part of the portal's, and leaves the others to other ways


def maker(settings: Settings) -> MakeWay | None:
    """What makes the pages, or None without a provider. Raises SettingsError for what does not fit or open."""
    chosen = settings.sms
    if not chosen.provider:
        return None
    if contradictions := chosen.contradictions():
        raise SettingsError([f"[sms] {each}" for each in contradictions])
    return partial(_make, settings, provider(chosen, settings.portal.threads), sms.countries(chosen.countries))


def provider(chosen: Sms, threads: int) -> Provider:
    """Who sends. Raises SettingsError when one of its files cannot be used."""
    if chosen.provider == "file":
        return FileProvider(chosen.file)
    secrets = Secrets(secret_text("sms", chosen.secret_file), secret_text("sms", chosen.signature_key_file).encode())
    turns = threading.BoundedSemaphore(max(1, threads // _SHARE_OF_THREADS))
    try:
        return HttpProvider(chosen, secrets, client(chosen), turns)
    except (OSError, ssl.SSLError) as refused:
        raise SettingsError(
            [f"[sms] ca_file: {chosen.ca_file} is no PEM file of certificates ({refused})."]
        ) from refused


def _make(settings: Settings, sender: Provider, served: tuple[sms.Country, ...], face: Face) -> sms.SmsWay:
    admission, counting = face.admission, face.metrics.sms
    budgets = SmsBudgets(admission.vault, ZoneInfo(settings.city.time_zone), settings.sms)
    counting.watch(admission, budgets)
    origin = sms.origin_of(settings.portal.public_url) if settings.sms.origin_line else ""
    return sms.SmsWay(face, TextCodes(admission, budgets, sender, counting), served, origin)


def secret_text(section: str, name: str) -> str:
    """A secret file's text without the line's end, or nothing where none is named. Raises SettingsError."""
    if not name:
        return ""
    path = Path(name)
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as refused:
        raise SettingsError([f"{path}: this secret of [{section}] cannot be read ({refused})."]) from refused
    if mode & stat.S_IRWXO:
        raise SettingsError([f"{path}: every user of this machine can open this secret. Run: chmod 600 {path}"])
    if not text:
        raise SettingsError([f"{path}: this secret of [{section}] is empty."])
    return text
