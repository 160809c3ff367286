"""Every family of a radio. No channel is a label: a radio that changes its channel keeps its series."""

from collections.abc import Iterable

from wifi_manager.domain.observations import RadioReading, Signal
from wifi_manager.exporter.points import Point
from wifi_manager.exporter.series import Sample, Tier, Value, of_radios, of_samples
from wifi_manager.metrics import Family

_MILLISECONDS = 3  # decimals
_SIGNALS = [(each, f',signal="{each.value}"') for each in Signal]
_HERTZ = 1_000_000  # a megahertz has


def _clients(point: Point) -> Iterable[Sample]:
    return [
        (f"{labels}{more}", radio.clients.get(signal, 0))
        for labels, radio in point.radios
        for signal, more in _SIGNALS
    ]


def _frequency(radio: RadioReading) -> Value:
    return None if radio.frequency_mhz is None else radio.frequency_mhz * _HERTZ


OF_RADIOS = (
    of_samples(
        Family(
            "wifi_radio_clients",
            "gauge",
            "Devices on the air, by how well they are heard: good from -67 dBm, fair from -75 dBm, poor below.",
            ("ap", "radio", "signal"),
        ),
        _clients,
        Tier.CORE,
    ),
    of_radios(
        Family(
            "wifi_radio_channel_active_seconds", "counter", "Time that the radio was on its channel.", ("ap", "radio")
        ),
        lambda radio: radio.active_seconds,
        Tier.CORE,
        _MILLISECONDS,
    ),
    of_radios(
        Family(
            "wifi_radio_channel_busy_seconds",
            "counter",
            "Time in which somebody sent on that channel, the radio itself included.",
            ("ap", "radio"),
        ),
        lambda radio: radio.busy_seconds,
        Tier.CORE,
        _MILLISECONDS,
    ),
    of_radios(
        Family("wifi_radio_channel_transmit_seconds", "counter", "Time in which the radio sent.", ("ap", "radio")),
        lambda radio: radio.transmit_seconds,
        decimals=_MILLISECONDS,
    ),
    of_radios(
        Family("wifi_radio_channel_receive_seconds", "counter", "Time in which the radio received.", ("ap", "radio")),
        lambda radio: radio.receive_seconds,
        decimals=_MILLISECONDS,
    ),
    of_radios(
        Family("wifi_radio_noise_dbm", "gauge", "Noise on its channel.", ("ap", "radio")),
        lambda radio: radio.noise_dbm,
        Tier.CORE,
        1,
    ),
    of_radios(
        Family("wifi_radio_frequency_hertz", "gauge", "Where its channel is.", ("ap", "radio")),
        _frequency,
    ),
    of_radios(
        Family("wifi_radio_transmit_power_dbm", "gauge", "How strongly it sends.", ("ap", "radio")),
        lambda radio: radio.transmit_power_dbm,
        decimals=1,
    ),
    of_radios(
        Family("wifi_radio_receive_bytes", "counter", "Bytes that devices sent to it.", ("ap", "radio")),
        lambda radio: radio.receive_bytes,
    ),
    of_radios(
        Family("wifi_radio_transmit_bytes", "counter", "Bytes that it sent to devices.", ("ap", "radio")),
        lambda radio: radio.transmit_bytes,
    ),
    of_radios(
        Family("wifi_radio_transmit_packets", "counter", "Packets that it sent to devices.", ("ap", "radio")),
        lambda radio: radio.transmit_packets,
        Tier.CORE,
    ),
    of_radios(
        Family("wifi_radio_transmit_retries", "counter", "Times that it had to send one again.", ("ap", "radio")),
        lambda radio: radio.transmit_retries,
        Tier.CORE,
    ),
    of_radios(
        Family("wifi_radio_transmit_failed", "counter", "Packets that it gave up.", ("ap", "radio")),
        lambda radio: radio.transmit_failed,
    ),
)
