"""Where phones look whether they are online. A garden that holds one of these makes phones believe that they are."""

PROBE_HOSTS = (
    "captive.apple.com",
    "www.apple.com",
    "www.appleiphonecell.com",
    "www.airport.us",
    "www.ibook.info",
    "www.itools.info",
    "www.thinkdifferent.us",
    "connectivitycheck.gstatic.com",
    "connectivitycheck.android.com",
    "clients3.google.com",
    "www.google.com",
    "www.gstatic.com",
    "d2uzsrnmmf6tds.cloudfront.net",
    "www.samsung.com",
    "play.googleapis.com",
    "connectivitycheck.grapheneos.network",
    "connect.rom.miui.com",
    "connectivitycheck.platform.hicloud.com",
    "wifi.vivo.com.cn",
    "www.msftconnecttest.com",
    "ipv6.msftconnecttest.com",
    "www.msftncsi.com",
    "dns.msftncsi.com",
    "edge-http.microsoft.com",
    "detectportal.firefox.com",
    "nmcheck.gnome.org",
    "network-test.debian.org",
    "connectivity-check.ubuntu.com",
    "fedoraproject.org",
    "networkcheck.kde.org",
    "spectrum.s3.amazonaws.com",
)


def probe_within(domain: str) -> str | None:
    """The first probe that is this domain or below it: a resolver that opens a name opens all below it too."""
    return next((probe for probe in PROBE_HOSTS if probe == domain or probe.endswith(f".{domain}")), None)
