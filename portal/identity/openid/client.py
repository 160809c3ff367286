"""OpenID Connect Core 1.0 with the authorization code flow and PKCE (RFC 7636): whom the provider has recognised."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError

from portal.identity.openid.published import Published
from portal.identity.openid.web import Refused, Web
from wifi_manager.clock import Clock
from wifi_manager.services.eid import NotAccepted, Person, ProviderFailed

# Signatures by keys that only the provider has. Never "none", and never one by a secret that others know too.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_LEEWAY_SECONDS = 60  # between the provider's clock and ours
_LONGEST_SUBJECT = 255  # OpenID Connect Core, section 2
_OUR_FAULTS = {"invalid_client", "unauthorized_client", "unsupported_grant_type"}  # RFC 6749 section 5.2


@dataclass(frozen=True, slots=True)
class Registration:
    """How the provider knows this portal, and what it must say of somebody."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: tuple[str, ...] = ("openid",)
    acr_values: tuple[str, ...] = ()
    required_claims: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """Shows no secret."""
        return f"Registration({self.issuer!r}, {self.client_id!r})"


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """One provider, asked over the web. It is a `Provider` of the sign-ins."""

    registration: Registration
    web: Web
    published: Published
    clock: Clock

    def check(self) -> None:
        """Raise ProviderFailed where it is known not to answer now, or where nothing is known of it at all."""
        self.web.check()
        self.published.endpoints()

    def leave_url(self, state: str, nonce: str, verifier: str, language: str) -> str:
        """Where the citizen signs in (section 3.1.2.1). Raises ProviderFailed."""
        about = self.registration
        more = {"acr_values": " ".join(about.acr_values)} if about.acr_values else {}
        url: str = prepare_grant_uri(
            self.published.endpoints().authorization,
            about.client_id,
            "code",
            redirect_uri=about.redirect_uri,
            scope=" ".join(about.scopes),
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            ui_locales=language,
            **more,
        )
        return url

    def person(self, code: str, verifier: str, nonce: str) -> Person:
        """Exchange the code for who it is. Raises ProviderFailed, and NotAccepted where it lets nobody in."""
        answer = self._exchanged(code, verifier)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderFailed("The provider's answer has no ID token.")
        claims = self._opened(token)
        self._validate(claims, nonce, answer.get("access_token"))
        self._require(claims.claims)
        subject = claims.claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise NotAccepted("The provider does not say who it is.")
        return Person(self.registration.issuer, subject)

    def _exchanged(self, code: str, verifier: str) -> dict[str, Any]:
        about, endpoints = self.registration, self.published.endpoints()
        name_and_secret = (quote(about.client_id, safe=""), quote(about.client_secret, safe=""))  # section 2.3.1
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": about.redirect_uri,
            "code_verifier": verifier,
        }
        if not endpoints.takes_basic:
            form |= {"client_id": about.client_id, "client_secret": about.client_secret}
        try:
            return self.web.post(endpoints.token, form, name_and_secret if endpoints.takes_basic else None)
        except Refused as refused:
            if refused.error in _OUR_FAULTS:
                raise
            raise NotAccepted(str(refused)) from refused

    def _opened(self, token: str) -> jwt.Token:
        """The token, if the provider has signed it; its keys may have been changed since we looked."""
        for anew in (False, True):
            try:
                return jwt.decode(token, self.published.keys(anew=anew), algorithms=ALGORITHMS)
            except (JoseError, ValueError) as problem:
                failure = problem
        raise NotAccepted("The provider's answer is not signed by it.") from failure

    def _validate(self, token: jwt.Token, nonce: str, access_token: object) -> None:
        """OpenID Connect Core, section 3.1.3.7."""
        about = self.registration
        options: dict[str, Any] = {
            "iss": {"essential": True, "value": about.issuer},
            "aud": {"essential": True, "value": about.client_id},
        }
        if about.acr_values:
            options["acr"] = {"essential": True, "values": list(about.acr_values)}
        given = {"nonce": nonce, "client_id": about.client_id, "access_token": access_token}
        claims = CodeIDToken(token.claims, token.header, options, given)
        try:
            claims.validate(now=int(self.clock.now().timestamp()), leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError) as wrong:
            raise NotAccepted(f"The provider's answer is not for this sign-in ({type(wrong).__name__}).") from wrong

    def _require(self, claims: Mapping[str, Any]) -> None:
        for name, wanted in self.registration.required_claims:
            found = claims.get(name)
            said = str(found).lower() if isinstance(found, bool) else str(found)
            if found is None or said != wanted:
                raise NotAccepted(f"The provider does not say that {name} is as the city asks.")
