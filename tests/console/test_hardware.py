"""What an access point says of itself stands on its page and on the command line, beside the list; no metric has it."""

import json

from click.testing import CliRunner

from tests.builders import A_CITY
from wifi_manager.cli import main
from wifi_manager.domain.hardware import FoundRadio, Hardware
from wifi_manager.exporter import fleet as exporter
from wifi_manager.services.truth import Truth

FOUND = Hardware("Example AX3", "OpenWrt 24.10.2", "EX-0042", (FoundRadio("radio0", "5", 36, "802.11ax"),))


def test_it_is_shown_with_what_disagrees_and_the_serial_number_is_in_no_metric(
    signed_in, fleet, store, clock, upgraded_url
):
    Truth(store, clock).record("HAN00001", FOUND)
    text = signed_in("viewer").get("/access-points/HAN00001").text
    for said in ("EX-0042", "on channel 36", "802.11ax", "it is 5 GHz on the device"):
        assert said in text
    given = {"CITY_SLUG": A_CITY.slug, "DATABASE_URL": upgraded_url}
    runner = CliRunner(env={f"WIFI_MANAGER_{name}": value for name, value in given.items()})
    shown = json.loads(runner.invoke(main, ["fleet", "show", "HAN00001", "--json"]).output)
    assert (shown["found_serial"], shown["found_radios"][0]["channel"]) == ("EX-0042", 36)
    assert any("it is 5 GHz on the device" in each for each in shown["differs"])
    assert b"EX-0042" not in exporter.page(store, clock.now())
