"""The page about the place where the phone is: what it is, when it is open, whom to call."""

from dataclasses import dataclass

from flask import Flask
from flask.typing import ResponseReturnValue

from portal.face import Face


@dataclass(frozen=True, slots=True)
class PlacePage:
    """The venue page of RFC 8908 (section 5, `venue-info-url`). It needs no ticket: then it is about the city."""

    face: Face

    def install(self, app: Flask) -> None:
        """Add the view."""
        app.add_url_rule("/info", view_func=self.info)

    def info(self) -> ResponseReturnValue:
        """All that city IT has written about the place."""
        return self.face.pages.show("info")
