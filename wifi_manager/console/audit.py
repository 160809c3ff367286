"""The audit trail: who changed what, and when."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from wifi_manager.console.parts import parts
from wifi_manager.console.texts import NOUNS
from wifi_manager.web import forms

pages = Blueprint("audit", __name__, template_folder="templates")
PAGE_SIZE = 50


@pages.get("/audit")
def page() -> ResponseReturnValue:
    """A page of the trail, the newest first; `before` is where the page before it ended."""
    noun, subject = forms.query("noun"), forms.query("subject")
    before = forms.number("before", 0, forms.HIGHEST_ROW)
    with parts().store.read() as tx:
        found = tx.audit.page(PAGE_SIZE + 1, before=before or None, noun=noun, subject=subject)
    entries = [entry for _number, entry in found[:PAGE_SIZE]]
    older = found[PAGE_SIZE - 1][0] if len(found) > PAGE_SIZE else None
    return render_template(
        "console/audit.html", entries=entries, older=older, before=before, noun=noun, subject=subject, nouns=NOUNS
    )
