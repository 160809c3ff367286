"""Deny by default: a view without a mark is for those who may see (to read) or for admins alone (to change)."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.domain.errors import Forbidden
from wifi_manager.domain.operators import Action

_OPEN, _NEEDS = "is_open_to_all", "needs"
_SAFE = {"GET", "HEAD", "OPTIONS"}
View = TypeVar("View", bound=Callable[..., Any])


def open_to_all(view: View) -> View:
    """Let everybody in, signed in or not: the one way past the door."""
    setattr(view, _OPEN, True)
    return view


def needs(action: Action) -> Callable[[View], View]:
    """Ask for another permission than the default."""

    def mark(view: View) -> View:
        setattr(view, _NEEDS, action)
        return view

    return mark


def install(app: Flask) -> None:
    """Put the door before every request of the application, known address or not."""
    app.before_request(_guard)


def _guard() -> ResponseReturnValue | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, _OPEN, False):
        return None
    if not people.somebody():
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("sign_in.form", next=None if back == "/" else back), 303)
    action: Action = getattr(view, _NEEDS, Action.VIEW if request.method in _SAFE else Action.ADMINISTER)
    if not people.operator().may(action):
        raise Forbidden(
            f"Your role is {people.operator().role.value}, which is not enough for this. Ask an admin of your city."
        )
    return None
