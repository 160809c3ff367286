"""What every view is handed."""

from dataclasses import dataclass

from portal.forms import FormTokens
from portal.metrics import SignInMetrics
from portal.pages import Pages
from portal.terms import Shelf
from wifi_manager.services.admission import Admission
from wifi_manager.services.open_data import OpenData
from wifi_manager.services.own_data import OwnData
from wifi_manager.services.relief import Relief
from wifi_manager.services.reporting import Reporting
from wifi_manager.services.visiting import Visiting


@dataclass(frozen=True, slots=True)
class Face:
    """The portal of one city."""

    admission: Admission
    pages: Pages
    terms: Shelf
    forms: FormTokens
    metrics: SignInMetrics
    relief: Relief
    reporting: Reporting
    own: OwnData
    open_data: OpenData | None = None  # None: the city publishes no list of hotspots
    https: bool = False  # citizens reach it over TLS

    @property
    def visiting(self) -> Visiting:
        """What a citizen sees of a visit and does with it."""
        return Visiting(self.admission.store, self.admission.clock, self.admission.returning)

    @property
    def remember_days(self) -> int:
        """How long a device is remembered; 0: not at all."""
        returning = self.admission.returning
        return 0 if returning is None else returning.remembered_for.days
