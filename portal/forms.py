"""Shows that a form comes from a page of ours made for this very device, without any cookie.

A token is bound to the nonce of the device's ticket and to what the form does: it is worth nothing for another
device, another form, or once the ticket is too old.
"""

import hmac
import json
from dataclasses import dataclass

from portal import asked
from wifi_manager.domain.errors import Forbidden
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.tickets import Ticket

_PURPOSE = "portal form"
_TOKEN_BYTES = 16  # 128 bits: nobody guesses one in five minutes
# Browsers say "null" for our own pages too, since these send no referrer (Fetch, "append a request Origin header").
_HIDDEN_ORIGIN = "null"


@dataclass(frozen=True, slots=True)
class FormTokens:
    """Makes and checks tokens; `origin` is the portal's own, such as https://wifi.example."""

    vault: Vault
    origin: str

    def make(self, ticket: Ticket, *does: str) -> str:
        """The token for a form that does this for the ticket's device."""
        return self.make_for(ticket.nonce, *does)

    def make_for(self, nonce: str, *does: str) -> str:
        """The same for a form that has no ticket, but a nonce of its own."""
        return self.vault.digest(_PURPOSE, json.dumps([nonce, *does]).encode())[:_TOKEN_BYTES].hex()

    def check(self, ticket: Ticket, *does: str) -> None:
        """Raise Forbidden unless the request was sent by our own form for this device and this deed."""
        self.check_for(ticket.nonce, *does)

    def check_for(self, nonce: str, *does: str) -> None:
        """The same for a form that has no ticket, but a nonce of its own."""
        given = asked.now().form.get("token", "").encode()
        if not hmac.compare_digest(given, self.make_for(nonce, *does).encode()) or self._is_foreign():
            raise Forbidden("This form is not good any more. Open any web page to get a new one.")

    def _is_foreign(self) -> bool:
        header = asked.now().header
        origin = header("Origin", _HIDDEN_ORIGIN)
        return origin not in {_HIDDEN_ORIGIN, self.origin} or header("Sec-Fetch-Site", "") == "cross-site"
