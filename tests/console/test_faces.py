"""Faces in the console: a document is looked at, put in force, read and restored; mistakes lose nothing that was typed."""

import io

import pytest

from tests.builders import a_site
from tests.domain.test_faces import SVG
from wifi_manager.domain.faces import CITY, Scope
from wifi_manager.services import face_files
from wifi_manager.services.faces import FaceControl

pytestmark = pytest.mark.slow

EDIT = "/faces/edit"
TEXT = 'name = "Willow park"\naccent = "#ffcc00"\n\n[[notice]]\nseverity = "emergency"\ntext.en = "Flood <b>warning</b>"\n'


@pytest.fixture
def control(store, clock):
    with store.begin() as tx:
        tx.sites.save([a_site()])
    return FaceControl(store, clock, ("ko", "en"))


@pytest.fixture
def operator(signed_in):
    return signed_in("operator")


@pytest.fixture
def viewer(signed_in):
    return signed_in("viewer")


def fields(**other):
    return {"district": "", "site": "", "logo": "", "document": TEXT, "do": "preview", **other}


def test_a_preview_shows_the_document_and_puts_nothing_in_force(operator, control):
    page = operator.post(EDIT, fields(), page=EDIT).text
    assert "Preview: not shown to citizens yet" in page
    assert "is shown as #" in page
    assert "Flood &lt;b&gt;warning&lt;/b&gt;" in page
    assert "<iframe" not in page
    assert control.history(CITY) == []


def test_a_saved_document_is_in_force_and_comes_back_into_the_form(operator, control):
    where = {"district": a_site().district, "site": a_site().name}
    answer = operator.post(EDIT, fields(do="save", **where), page=EDIT, follow_redirects=True)
    assert "Willow park, River district shows this within five seconds." in answer.text
    (version,) = control.history(Scope(**where))
    assert version.set_by == "operator"
    assert face_files.write(version.document) == TEXT
    assert "Willow park, River district" in operator.get("/faces").text


def test_an_uploaded_logo_is_kept_through_a_preview(operator, control):
    page = operator.post(EDIT, {**fields(), "logo_file": (io.BytesIO(SVG), "logo.svg")}, page=EDIT).text
    kept = page.split('name="logo" value="')[1].split('"')[0]
    assert kept.startswith("data:image/svg+xml;base64,")
    operator.post(EDIT, fields(do="save", logo=kept), page=EDIT)
    assert control.history(CITY)[0].document["logo"] == kept
    operator.post(EDIT, fields(do="save", logo=kept, no_logo="1"), page=EDIT)
    assert "logo" not in control.history(CITY)[0].document


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"document": "name = "}, "This is not TOML"),
        ({"document": 'accent = "red"'}, "#rrggbb"),
        ({"district": "Nowhere"}, "no district"),
        ({"logo": "https://evil.example/x.svg"}, "PNG or an SVG"),
        ({"document": "x" * 40_001}, "at most 40000"),
    ],
)
def test_a_mistake_is_named_and_loses_nothing(operator, control, wrong, said):
    answer = operator.post(EDIT, fields(do="save", **wrong), page=EDIT)
    assert answer.status_code in {404, 422}
    assert said in answer.text
    assert wrong.get("document", "Flood")[:40].replace('"', "&#34;") in answer.text
    assert control.history(CITY) == []


def test_a_logo_with_a_script_is_refused_and_the_text_stays(operator, control):
    logo = (io.BytesIO(SVG.replace(b"<path", b"<script/><path")), "logo.svg")
    answer = operator.post(EDIT, {**fields(do="save"), "logo_file": logo}, page=EDIT)
    assert answer.status_code == 422
    assert "Flood" in answer.text


def test_an_older_version_is_read_and_restored(operator, control):
    first, _ = control.set(CITY, {"name": "One"}, "chief")
    control.set(CITY, {"name": "Two"}, "chief")
    assert "name = &#34;One&#34;" in operator.get(f"{EDIT}?version={first}").text
    operator.post(f"/faces/{first}/restore", page=EDIT)
    assert control.history(CITY)[0].document == {"name": "One"}


def test_whoever_may_only_look_reads_the_document_and_changes_nothing(viewer, control):
    number, _ = control.set(CITY, {"name": "One"}, "chief")
    page = viewer.get(EDIT).text
    assert "One" in page
    assert "<textarea" not in page
    assert viewer.post(EDIT, fields(do="save"), page="/account").status_code == 403
    assert viewer.post(f"/faces/{number}/restore", page="/account").status_code == 403


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"name": 'a"b\\c'},
        {"notice": [{"text": {"zh-Hans": "一\n二"}}], "info": {"numbers": ["1"], "hours": {"ko": "a"}}},
    ],
)
def test_a_document_is_written_as_it_is_read(document):
    assert face_files.parse(face_files.write(document)) == document
