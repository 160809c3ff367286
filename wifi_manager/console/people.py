"""Who asks: the operator behind a cookie, as flask-login wants to see one."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, g, session
from flask_login import LoginManager, current_user, login_user, logout_user

from wifi_manager.console.parts import parts
from wifi_manager.domain.operators import Operator
from wifi_manager.services.staffing import SignedIn

LIFETIME = timedelta(hours=12)  # a working day: whoever signed in in the morning does so once
_TIMESTAMP_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Person:
    """An operator with the cookie that named them. Its id is when it was given out, its stamp and the login name."""

    operator: Operator
    cookie_stamp: str
    since: int  # seconds since 1970

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """False shuts an operator out."""
        return self.operator.is_active

    def get_id(self) -> str:
        """What the signed cookie carries."""
        return f"{self.since}.{self.cookie_stamp}.{self.operator.name}"


def install(app: Flask) -> None:
    """Recognise operators by their cookie."""
    manager = LoginManager()
    manager.session_protection = None  # a laptop that changes its network stays signed in; the stamp ends cookies
    manager.init_app(app, add_context_processor=False)  # it would ask the database for error pages too
    manager.user_loader(_load)


def sign_in(proved: SignedIn) -> None:
    """Give this browser a new cookie; nothing of the old one stays."""
    session.clear()
    login_user(Person(proved.operator, proved.cookie_stamp, int(parts().clock.now().timestamp())))


def sign_out() -> None:
    """Take the cookie away."""
    logout_user()
    session.clear()


def somebody() -> bool:
    """True when an operator is signed in. Raises OutsideFailure when the database cannot tell."""
    if current_user.is_authenticated:
        g.operator = current_user.operator
    return known() is not None


def known() -> Operator | None:
    """The operator whom this request has shown already. Asks no database: error pages are made while it is down."""
    found: Operator | None = g.get("operator")
    return found


def operator() -> Operator:
    """The operator who asks. Views behind the door always have one."""
    found: Operator = current_user.operator
    return found


def _load(cookie: str) -> Person | None:
    since, stamp, name = (*cookie.split(".", 2), "", "")[:3]
    if not since.isdecimal() or len(since) > _TIMESTAMP_DIGITS:
        return None
    if int(since) + LIFETIME.total_seconds() < parts().clock.now().timestamp():
        return None
    found = parts().staffing.recall(name, stamp)
    return None if found is None else Person(found, stamp, int(since))
