"""The Flask application of city IT."""

from pathlib import Path

from flask import Flask, render_template
from flask_wtf import CSRFProtect

from wifi_manager import log
from wifi_manager.console import (
    account,
    accounts,
    audit,
    coverage,
    doors,
    drifts,
    emergencies,
    faces,
    fleet,
    intents,
    operators,
    overview,
    parts,
    people,
    posters,
    pushes,
    reports,
    rollouts,
    running,
    sign_in,
    texts,
    visits,
    vouchers,
    windows,
)
from wifi_manager.console.parts import Parts
from wifi_manager.web import access_log, assets, compiled, problems
from wifi_manager.web.headers import Headers

_OWN_SHEET = Path(__file__).parent / "static" / "console.css"
_PAGES = (
    sign_in, overview, fleet, coverage, rollouts, intents, windows, pushes, drifts, reports, visits, running,
    emergencies, faces, posters, vouchers, accounts, audit, operators, account,
)  # fmt: skip
_LARGEST_REQUEST = 64 * 1024  # bytes: forms alone come here


def create_app(given: Parts) -> Flask:
    """The console over the parts given. Opens no connection yet."""
    app = Flask("wifi_manager.console", static_folder=None)
    parts.hand_in(app, given)
    app.config.update(_settings(given))
    compiled.install(app)
    access_log.install(app, log.get("wifi_manager.console"))
    people.install(app)
    doors.install(app)
    emergencies.install(app)
    CSRFProtect(app)
    Headers("same-origin", https=given.is_https).install(app)  # the form check reads where a form came from
    problems.install(app, _problem_page)
    assets.install(app, [assets.TOKENS, assets.COMPONENTS, _OWN_SHEET])
    texts.install(app)
    doors.open_to_all(app.view_functions["web.style"])
    for page in _PAGES:
        app.register_blueprint(page.pages)
    return app


def _settings(given: Parts) -> dict[str, object]:
    return {
        "SECRET_KEY": given.secret_key,
        # The prefix makes browsers refuse the cookie from another name or without TLS (RFC 6265bis section 4.1.3).
        "SESSION_COOKIE_NAME": "__Host-console" if given.is_https else "console",
        "SESSION_COOKIE_SECURE": given.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": people.LIFETIME,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the cookie
        "MAX_CONTENT_LENGTH": _LARGEST_REQUEST,
    }


def _problem_page(problem: problems.Problem) -> str:
    inside = people.known() is not None
    return render_template("console/problem.html" if inside else "console/problem_outside.html", problem=problem)
