"""What the portal shows of a city, a district and a site: edited as a document, looked at before it is shown."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain import face_documents
from wifi_manager.domain.errors import BadInput, WifiError
from wifi_manager.domain.faces import Scope
from wifi_manager.domain.logos import as_address
from wifi_manager.domain.operators import Action
from wifi_manager.services import face_files
from wifi_manager.services.faces import FaceControl
from wifi_manager.storage.faces import Version
from wifi_manager.web import forms, problems

pages = Blueprint("faces", __name__, template_folder="templates", url_prefix="/faces")
_LONGEST_DOCUMENT = 40_000  # characters
_NUMBER = f"/<int(max={forms.HIGHEST_ROW}):number>"


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form: the document without its logo, and the logo, which a form cannot be given back."""

    scope: Scope
    text: str
    logo: str

    @property
    def document(self) -> dict[str, object]:
        """Both together. Raises BadInput when the text is not TOML."""
        return {**face_files.parse(self.text), **({"logo": self.logo} if self.logo else {})}


@pages.get("")
def page() -> ResponseReturnValue:
    """Every scope that has a face of its own, and the way to give one to another."""
    return render_template("console/faces.html", versions=_control().all())


@pages.get("/edit")
def edit() -> ResponseReturnValue:
    """The document in force, or an older one, in a form."""
    scope = Scope(forms.query("district"), forms.query("site"))
    history, wanted = _control().history(scope), forms.number("version", 0, forms.HIGHEST_ROW)
    found = next((each for each in history if each.number == wanted), None) or next(iter(history), None)
    return _form(_draft_of(scope, found), history)


@pages.post("/edit")
@needs(Action.CHANGE)
def change() -> ResponseReturnValue:
    """Show what the document makes, or put it in force. A mistake loses nothing of what was typed."""
    try:
        draft = _draft()
    except BadInput as refused:
        return _form(_typed(), [], refused), problems.status_of(refused)
    try:
        face = face_documents.read(draft.document, parts().languages)
        if request.form.get("do") != "save":
            return render_template("console/face.html", draft=draft, face=face, versions=[], refused=None)
        _control().set(draft.scope, draft.document, people.operator().name)
    except WifiError as refused:
        return _form(draft, [], refused), problems.status_of(refused)
    flash(str(draft.scope), "face")
    return redirect(url_for("faces.edit", district=draft.scope.district, site=draft.scope.site), 303)


@pages.post(f"{_NUMBER}/restore")
@needs(Action.CHANGE)
def restore(number: int) -> ResponseReturnValue:
    """Put an older version in force again."""
    scope = _control().version(number).scope
    _control().restore(number, people.operator().name)
    flash(str(scope), "face")
    return redirect(url_for("faces.edit", district=scope.district, site=scope.site), 303)


def _form(draft: Draft, versions: list[Version], refused: WifiError | None = None) -> str:
    return render_template("console/face.html", draft=draft, face=None, versions=versions, refused=refused)


def _draft_of(scope: Scope, version: Version | None) -> Draft:
    document = {} if version is None else dict(version.document)
    logo = str(document.pop("logo", ""))
    return Draft(scope, face_files.write(document), logo)


def _typed() -> Draft:
    scope = Scope(request.form.get("district", ""), request.form.get("site", ""))
    return Draft(scope, request.form.get("document", ""), request.form.get("logo", ""))


def _draft() -> Draft:
    """What was sent, with a new logo if one came along. Raises BadInput."""
    typed, uploaded = _typed(), request.files.get("logo_file")
    if len(typed.text) > _LONGEST_DOCUMENT:
        raise BadInput(f"The document has {len(typed.text)} characters; at most {_LONGEST_DOCUMENT} are possible.")
    logo = "" if request.form.get("no_logo") else typed.logo
    content = uploaded.read() if uploaded else b""
    return Draft(typed.scope, typed.text, as_address(content) if content else logo)


def _control() -> FaceControl:
    return FaceControl(parts().store, parts().clock, parts().languages)
