"""A real OpenID provider: Authlib's own authorization server, with a page to sign in on, over TLS of the lab.

In a namespace: `python -m tests.lab.openid_provider --listen ADDRESS --issuer URL --redirect-uri URL --certificate FILE
--key FILE`, port 443. In a test's own process: `serving(...)`, whose `Provider` can be told to misbehave.
"""

import argparse
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "city-wifi", "a secret / with %signs: in it"
USERS = {"mina": ("correct horse", "subject-1"), "juno": ("battery staple", "subject-2")}
_FORM = """<!doctype html><html lang="en"><title>Nation eID</title><h1>Sign in</h1>
<form method="post" action=""><input type="hidden" name="at" value="{at}"><label>Name <input name="username"></label>
<label>Password <input type="password" name="password"></label><button>Sign in</button></form></html>"""


@dataclass
class Code(AuthorizationCodeMixin):
    """One authorization code: good once, for who signed in."""

    request: dict[str, str]
    subject: str

    def get_redirect_uri(self) -> str:
        return self.request["redirect_uri"]

    def get_scope(self) -> str:
        return self.request["scope"]

    def get_nonce(self) -> str:
        return self.request["nonce"]

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> str:
        return self.request.get("acr_values", "")

    def get_amr(self) -> list[str]:
        return ["pwd"]

    @property
    def code_challenge(self) -> str:
        return self.request["code_challenge"]

    @property
    def code_challenge_method(self) -> str:
        return self.request["code_challenge_method"]


@dataclass
class Client(ClientMixin):
    """The city's portal, as it is registered."""

    redirect_uri: str
    id_token_signed_response_alg = "ES256"

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig", "alg": "ES256"})


@dataclass
class Provider:
    """`answer` may take the place of any endpoint's answer, `claims` may change what a token says."""

    issuer: str
    redirect_uri: str
    key: ECKey = field(default_factory=_new_key)
    published: list[ECKey] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # paths
    claims: Callable[[dict[str, Any]], dict[str, Any]] = lambda given: given
    answer: Callable[[str], Any] = lambda _path: None
    auth_methods: tuple[str, ...] = ("client_secret_basic",)

    def __post_init__(self) -> None:
        self.published = [self.key]

    def change_key(self) -> None:
        """Sign with a new key from now on, and publish that one alone."""
        self.key = _new_key()
        self.published = [self.key]

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": list(self.auth_methods),
        }


def _code_grant(codes: dict[str, Code]) -> type[AuthorizationCodeGrant]:
    """Authlib's grant with codes that are kept here."""

    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

        def save_authorization_code(self, code: str, request: Any) -> None:
            codes[code] = Code(dict(request.payload.data), request.user)

        def query_authorization_code(self, code: str, client: Any) -> Code | None:
            return codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            for code in [code for code, found in codes.items() if found is authorization_code]:
                del codes[code]

        def authenticate_user(self, authorization_code: Code) -> str:
            return authorization_code.subject

    return Grant


class OpenId(OpenIDCode):
    """Authlib's ID tokens, by the provider's present key and with what it shall claim."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self._provider = provider

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return any(each.get_nonce() == nonce for each in self._provider.codes.values())

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        return {"iss": self._provider.issuer}

    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        return UserInfo(sub=user, name="Never To Be Kept", email="never@kept.example")

    def encode_id_token(self, token: Any, request: Any) -> Any:
        claims = self.get_compatible_claims(request)
        claims.update(self.get_authorization_code_claims(request.authorization_code))
        claims.update(self.generate_user_info(request.user, token["scope"]))
        header = {"alg": "ES256", "kid": str(self._provider.key.kid)}
        return jwt.encode(header, self._provider.claims(claims), self._provider.key, ["ES256"])


def create_app(provider: Provider) -> Flask:
    """The provider as a WSGI application."""
    app = Flask("openid provider")
    client = Client(provider.redirect_uri)
    server = AuthorizationServer(app, lambda name: client if name == CLIENT_ID else None, lambda *_: None)
    server.register_grant(_code_grant(provider.codes), [OpenId(provider), CodeChallenge(required=True)])

    @app.before_request
    def first() -> Any:
        provider.asked.append(request.path)
        return provider.answer(request.path)

    @app.get("/.well-known/openid-configuration")
    def configuration() -> dict[str, Any]:
        return provider.configuration()

    @app.get("/jwks")
    def jwks() -> dict[str, Any]:
        return dict(KeySet(list(provider.published)).as_dict(private=False))

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Any:
        try:
            grant = server.get_consent_grant()
        except OAuth2Error as wrong:
            return Response(f"{wrong.error}: {wrong.description}", 400)
        if request.method == "GET":
            return _FORM.format(at=request.args["client_id"])
        if request.form.get("password") == "":
            return server.create_authorization_response(grant=grant, grant_user=None)  # stopped by the citizen
        password, subject = USERS.get(request.form["username"], ("", ""))
        if not subject or password != request.form["password"]:
            return Response(_FORM.format(at=""), 401)
        return server.create_authorization_response(grant=grant, grant_user=subject)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    return app


@contextmanager
def serving(chain: Path, key: Path, redirect_uri: str) -> Iterator[Provider]:
    """A provider on a free port of loopback, called localhost, until the block ends."""
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True, ssl_context=(str(chain), str(key)))
    provider = Provider(f"https://localhost:{server.server_port}", redirect_uri)
    server.app = create_app(provider)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="openid provider")
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _run() -> None:
    parser = argparse.ArgumentParser()
    for name in ("issuer", "redirect-uri", "certificate", "key"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--listen", action="append", required=True)
    given = parser.parse_args()
    app = create_app(Provider(given.issuer, given.redirect_uri))
    tls = (given.certificate, given.key)
    threads = [
        threading.Thread(target=make_server(each, 443, app, threaded=True, ssl_context=tls).serve_forever)
        for each in given.listen
    ]
    for thread in threads:
        thread.start()


if __name__ == "__main__":
    _run()
