"""Puts together the ways in whose settings are complete."""

from collections.abc import Callable, Mapping

from portal.identity import account, eid, radius, sms_making, voucher
from portal.identity.way import MakeWay
from wifi_manager.domain.visits import Method
from wifi_manager.settings import Settings

# What makes each way's pages, or None where the settings say nothing of it.
_MAKERS: Mapping[Method, Callable[[Settings], MakeWay | None]] = {
    Method.SMS: sms_making.maker,
    Method.VOUCHER: voucher.maker,
    Method.ACCOUNT: account.maker,
    Method.EID: eid.maker,
    Method.RADIUS: radius.maker,
}


def ways(settings: Settings) -> Mapping[Method, MakeWay]:
    """Every way in that can be offered besides the tap. Raises SettingsError when a file it needs cannot be used."""
    made = {method: maker(settings) for method, maker in _MAKERS.items()}
    return {method: make for method, make in made.items() if make is not None}
