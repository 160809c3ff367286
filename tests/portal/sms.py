"""A portal that offers codes by text message, for tests."""

from dataclasses import replace
from typing import Any

from flask import Flask

from portal.app import create_app
from portal.face import Face
from portal.identity import sms, sms_making
from tests.portal.conftest import CITY, PORTAL
from wifi_manager.domain.visits import Method
from wifi_manager.services.text_codes import Pace
from wifi_manager.settings import Settings
from wifi_manager.settings.sms import Sms

NUMBER, E164, NATIONAL = "010-9876-5432", "+821098765432", "01098765432"


def sms_settings(url: str, **given: Any) -> Sms:
    usual: dict[str, Any] = {
        "provider": "http",
        "url": url,
        "timeout_seconds": 30.0,
        "countries": ("KR", "PH Pilipinas"),
    }
    return Sms(**{**usual, **given})


def sms_app(face: Face, chosen: Sms, ways: tuple[Method, ...] = (Method.SMS, Method.CLICK_THROUGH)) -> Flask:
    """Its messages that are not sent cost no time."""
    make = sms_making.maker(Settings(city=CITY, portal=PORTAL, sms=chosen))
    assert make is not None

    def hurried(given: Face) -> sms.SmsWay:
        made = make(given)
        assert isinstance(made, sms.SmsWay)
        return replace(made, codes=replace(made.codes, pace=Pace(sleep=lambda _seconds: None)))

    return create_app(replace(face, admission=replace(face.admission, ways=ways)), {Method.SMS: hurried})
