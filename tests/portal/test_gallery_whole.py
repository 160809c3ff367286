"""The gallery forgets nothing: no address, no template and no sentence that a citizen can read."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import template_rendered

from portal import catalogue
from portal.app import build_face
from tests.portal.conftest import CITY, PORTAL, RETURNING, TOLD
from tests.portal.gallery import PAGES
from tests.portal.gallery_walk import walk, words
from tests.portal.stage import STAY, stage_of
from wifi_manager import shipped
from wifi_manager.domain.visits import Method
from wifi_manager.services.admission import Admission
from wifi_manager.services.open_data import OpenData

pytestmark = pytest.mark.slow

TEMPLATES = catalogue.FOLDER.parent / "templates" / "portal"
PIECES = {"base", "parts", "account_parts"}  # of other pages
PRINTED = {"poster"}  # tests/portal/test_poster.py looks at it
ENGLISH = catalogue.load(("en",))["en"].texts
WITHOUT_A_PAGE = {  # for balancers, a download, and forms that lead on
    "/healthz", "/data.json", "/connect", "/sign-out", "/erase", "/extend", "/sign-out-others", "/remember", "/forget",
    "/hotspots.csv", "/hotspots.geojson", "/hotspots-<columns>.csv", "/account/password", "/account/delete", "/sms/code", "/sms/again", STAY,
}  # fmt: skip
ELSEWHERE = {
    "direction",  # of letters
    "sms.text", "poster.join", "account_mail.subject", "account_mail.text",  # not of a page
    "account.weak_short", "account.weak_long", "complaint.choose", "complaint.long",  # browsers send no such form
    "complaint.stale", "account.devices",  # an alike sentence at the same place
    "terms.only",  # in languages whose text is a draft
    "status.no_place", "data_left.down", "visit.soon_again", "time.moments",  # an alike word at the same place
    "ended.erased", "next.erased",  # nothing is kept of such a visit
    "own_data.held", "own_data.erase_held",  # in cities whose law holds records
    "blocked.ask",  # in cities that name a contact
}  # fmt: skip


@pytest.fixture
def face(portal_store, vault, clock, registry):
    """What is remembered for some seconds ages by the clock that the test moves."""
    admission = Admission(portal_store, vault, clock, timer=lambda: clock.now().timestamp(), returning=RETURNING)
    told = OpenData(portal_store, clock, admission.timer, TOLD, CITY.slug)
    return build_face(CITY, PORTAL, admission, shipped.configs(), registry, open_data=told)


@pytest.fixture
def stage(face, gateway, clock, tmp_path):
    return stage_of(face, gateway, clock, tmp_path)


def whole(text):
    return " ".join(text.split())


@pytest.fixture
def read(stage):
    """The text of all pages, and the templates that made them, one device after the other, days apart."""
    said, templates = [], set()
    with template_rendered.connected_to(lambda _app, template, **_: templates.add(template.name), stage.app):
        for number, page in enumerate(PAGES.values(), 1):
            stage.clock.advance(timedelta(days=2))
            stage.outside.mend()
            stage.offer()
            said += [words(each) for each in walk(replace(stage, number=number), page)]
    return "\n".join(said), templates


def test_no_address_is_forgotten(stage):
    rules = {rule.rule for rule in stage.app.url_map.iter_rules()}
    shown = {page.rule for page in PAGES.values()} - {""}
    assert shown == rules - WITHOUT_A_PAGE


def test_no_template_and_no_sentence_is_forgotten(read):
    said, templates = read
    files = {f"portal/{path.name}" for path in TEMPLATES.glob("*.html") if path.stem not in PIECES | PRINTED}
    assert files - templates == set()
    parts = {key: re.split(r"\{[^}]*\}", whole(text)) for key, text in ENGLISH.items()}
    unsaid = {key for key, pieces in parts.items() if not all(piece.strip() in said for piece in pieces)}
    assert unsaid - {f"method.{each}" for each in Method} == ELSEWHERE
