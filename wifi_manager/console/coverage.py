"""Where the city's Wi-Fi is heard: the newest map with its figures, their range, and what they take for granted."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import NotFound
from wifi_manager.web import forms

pages = Blueprint("coverage", __name__, template_folder="templates", url_prefix="/coverage")


@pages.get("")
def page() -> ResponseReturnValue:
    """The city's picture and figures, or a district's."""
    district = forms.query("district")
    with parts().store.read() as tx:
        found = tx.coverage.newest()
    lines = found.lines() if found else []
    shown = next((each for each in lines if (each.district, each.kind) == (district, "")), None)
    if district and shown is None:
        raise NotFound(f"The map has no district {district!r}. Choose one of the list.")
    return render_template(
        "console/coverage.html",
        found=found,
        shown=shown,
        districts=[each for each in lines if each.district],
        kinds=[each for each in lines if each.kind and not each.district],
        people={(each.district, each.kind): each for each in found.lines(people=True)} if found else {},
    )


@pages.get("/picture.png")
def picture() -> ResponseReturnValue:
    """The picture of the city or a district."""
    with parts().store.read() as tx:
        png = tx.coverage.picture(forms.query("district"))
    if png is None:
        raise NotFound("There is no map of that district. `wifi-manager coverage compute` makes all of them.")
    return Response(png, content_type="image/png")
