"""The section [collection]."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class CollectionSettings:
    """What looks at access points: `wifi-manager collect run`, and `collect probes` on demand."""

    metrics_host: str = key(
        "127.0.0.1",
        rules.text("a host name or an IP address", r"[0-9A-Za-z.:-]+"),
        "Address that the collector's own metrics are read at, never public.",
    )
    metrics_port: int = key(8014, rules.whole_number(1, 65535), "TCP port of the collector's own metrics.")
    probe_host: str = key(
        "127.0.0.1",
        rules.text("a host name or an IP address", r"[0-9A-Za-z.:-]+"),
        "Address that `wifi-manager collect probes` listens on, never public: who asks makes it speak to devices.",
    )
    probe_port: int = key(8015, rules.whole_number(1, 65535), "TCP port of /probe?target=AP-0001.")
