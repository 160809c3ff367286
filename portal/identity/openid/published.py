"""What a provider publishes: its configuration (OpenID Connect Discovery 1.0) and its keys, kept and looked at again.

A provider that is away for a while is known all the same: only citizens' own sign-ins need it to be there.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from portal.identity.openid.web import Web
from wifi_manager.services.eid import ProviderFailed

_FRESH_SECONDS = 3600.0
_GOOD_SECONDS = 86_400.0  # where it cannot be looked at again
_LOOKED_SECONDS = 10.0  # no oftener than this, whatever signatures do not fit
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the provider does what. `takes_basic`: it wants name and secret in the header, not in the form."""

    authorization: str
    token: str
    keys: str
    takes_basic: bool


class _Kept(Generic[T]):
    """Something that is fetched again once an hour, and goes on being used for a day where that fails."""

    def __init__(self, fetch: Callable[[], T], timer: Callable[[], float]) -> None:
        self._fetch = fetch
        self._timer = timer
        self._lock = threading.Lock()
        self._found: tuple[float, T] | None = None

    def get(self, at_most_seconds: float = _FRESH_SECONDS) -> T:
        """No older than this, if it can be had. Raises ProviderFailed."""
        found = self._found
        if found is not None and self._timer() - found[0] < at_most_seconds:
            return found[1]
        with self._lock:
            if self._found is not found and self._found is not None:
                return self._found[1]  # another thread has just fetched it
            try:
                self._found = (self._timer(), self._fetch())
            except ProviderFailed:
                if self._found is None or self._timer() - self._found[0] > _GOOD_SECONDS:
                    raise
            return self._found[1]


class Published:
    """Of one issuer. `hosts` are those that phones can reach: whoever signs in must be sent to one of them."""

    def __init__(
        self, issuer: str, hosts: tuple[str, ...], web: Web, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer
        self._hosts = hosts
        self._web = web
        self._endpoints = _Kept(self._fetch_endpoints, timer)
        self._keys = _Kept(self._fetch_keys, timer)

    def endpoints(self) -> Endpoints:
        """Raises ProviderFailed."""
        return self._endpoints.get()

    def keys(self, *, anew: bool = False) -> KeySet:
        """The keys that sign; `anew` after a signature fitted none of them, for providers change keys.

        Raises ProviderFailed.
        """
        return self._keys.get(_LOOKED_SECONDS if anew else _FRESH_SECONDS)

    def _fetch_endpoints(self) -> Endpoints:
        found = self._web.get(get_well_known_url(self._issuer, external=True))
        if found.get("issuer") != self._issuer:  # section 4.3
            raise ProviderFailed("The provider names another issuer than [eid] issuer.")
        authorization = _https(found, "authorization_endpoint")
        if urlsplit(authorization).hostname not in self._hosts:
            raise ProviderFailed(f"[eid] hosts lacks {urlsplit(authorization).hostname}, where citizens sign in.")
        ways = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])  # section 3
        takes_basic = "client_secret_basic" in ways
        return Endpoints(authorization, _https(found, "token_endpoint"), _https(found, "jwks_uri"), takes_basic)

    def _fetch_keys(self) -> KeySet:
        listed = self._web.get(self.endpoints().keys).get("keys")
        keys = [key for each in (listed if isinstance(listed, list) else []) if (key := _key(each)) is not None]
        if not keys:
            raise ProviderFailed("The provider publishes no key that signs.")
        return KeySet(keys)


def _https(found: dict[str, Any], name: str) -> str:
    url = found.get(name)
    if not isinstance(url, str) or not url.startswith("https://") or not urlsplit(url).hostname:
        raise ProviderFailed(f"The provider's {name} is no https address.")
    return url


def _key(listed: Any) -> Any:
    """One key, or None for kinds that are not known and for those that do not sign."""
    try:
        return None if listed.get("use") == "enc" or listed.get("kty") == "oct" else JWKRegistry.import_key(listed)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
