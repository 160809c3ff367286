"""What every view is handed."""

from dataclasses import dataclass

from portal.forms import FormTokens
from portal.metrics import SignInMetrics
from portal.pages import Pages
from portal.terms import Shelf
from wifi_manager.services.admission import Admission
from wifi_manager.services.relief import Relief


@dataclass(frozen=True, slots=True)
class Face:
    """The portal of one city."""

    admission: Admission
    pages: Pages
    terms: Shelf
    forms: FormTokens
    metrics: SignInMetrics
    relief: Relief
    https: bool = False  # citizens reach it over TLS
