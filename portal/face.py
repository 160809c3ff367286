"""What every view is handed."""

from dataclasses import dataclass

from portal.forms import FormTokens
from portal.metrics import SignInMetrics
from portal.pages import Pages
from portal.terms import Shelf
from wifi_manager.services.admission import Admission
from wifi_manager.services.own_data import OwnData


@dataclass(frozen=True, slots=True)
class Face:
    """The portal of one city."""

    admission: Admission
    pages: Pages
    terms: Shelf
    forms: FormTokens
    metrics: SignInMetrics
    own: OwnData
    https: bool = False  # citizens reach it over TLS
