"""What phones and computers ask to learn whether they are online, and the answer that says so: data for tests.

Collected from the systems' own sources and manufacturers' notes; docs/checklist.md says which requirements they show.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

_IPHONE = "CaptiveNetworkSupport-481.0.1 wispr"
_SHEET = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22A"
_ANDROID = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36"
_EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Edg/120.0"
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_SUCCESS = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
_FIREFOX_PAGE = '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'


@dataclass(frozen=True, slots=True)
class Probe:
    """One question, over HTTP on port 80, and the answer to it that means: online."""

    system: str
    url: str
    user_agent: str = ""
    status: int = 204
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        """Without its query."""
        return urlsplit(self.url).path or "/"


def _apple(url: str, user_agent: str = _IPHONE) -> Probe:
    return Probe("Apple", url, user_agent, 200, _SUCCESS)


PROBES = (
    _apple("http://captive.apple.com/hotspot-detect.html"),
    _apple("http://captive.apple.com/hotspot-detect.html", _SHEET),
    _apple("http://www.apple.com/library/test/success.html"),
    _apple("http://www.appleiphonecell.com/"),
    _apple("http://www.airport.us/"),
    _apple("http://www.ibook.info/"),
    _apple("http://www.itools.info/"),
    _apple("http://www.thinkdifferent.us/"),
    Probe("Android", "http://connectivitycheck.gstatic.com/generate_204", _ANDROID),
    Probe("Android", "http://www.google.com/gen_204", _ANDROID),
    Probe("Android", "http://play.googleapis.com/generate_204", _ANDROID),
    Probe("Android, Samsung", "http://connectivitycheck.android.com/generate_204", _ANDROID),
    Probe("Android", "http://clients3.google.com/generate_204", _ANDROID),
    Probe("Samsung", "http://d2uzsrnmmf6tds.cloudfront.net/", _ANDROID),
    Probe("Samsung", "http://www.samsung.com/", _ANDROID, 200, "<title>Samsung</title>"),
    Probe("GrapheneOS", "http://connectivitycheck.grapheneos.network/generate_204", _ANDROID),
    Probe("Xiaomi", "http://connect.rom.miui.com/generate_204", _ANDROID),
    Probe("Huawei", "http://connectivitycheck.platform.hicloud.com/generate_204", _ANDROID),
    Probe("Vivo", "http://wifi.vivo.com.cn/generate_204", _ANDROID),
    Probe(
        "Windows", "http://www.msftconnecttest.com/connecttest.txt", "Microsoft NCSI", 200, "Microsoft Connect Test"
    ),
    Probe(
        "Windows", "http://www.msftconnecttest.com/redirect", _EDGE, 302, headers={"Location": "http://go.example"}
    ),
    Probe(
        "Windows", "http://ipv6.msftconnecttest.com/connecttest.txt", "Microsoft NCSI", 200, "Microsoft Connect Test"
    ),
    Probe("Windows 7 and 8", "http://www.msftncsi.com/ncsi.txt", "Microsoft NCSI", 200, "Microsoft NCSI"),
    Probe("Edge", "http://edge-http.microsoft.com/captiveportal/generate_204", _EDGE),
    Probe("Chrome, ChromeOS", "http://www.gstatic.com/generate_204", _EDGE),
    Probe("Firefox", "http://detectportal.firefox.com/canonical.html", _FIREFOX, 200, _FIREFOX_PAGE),
    Probe("Firefox", "http://detectportal.firefox.com/success.txt?ipv4", _FIREFOX, 200, "success\n"),
    Probe("Firefox", "http://detectportal.firefox.com/success.txt?ipv6", _FIREFOX, 200, "success\n"),
    Probe("GNOME", "http://nmcheck.gnome.org/check_network_status.txt", "", 200, "NetworkManager is online\n"),
    Probe(
        "Debian",
        "http://network-test.debian.org/nm",
        "",
        200,
        "NetworkManager is online\n",
        {"X-NetworkManager-Status": "online"},
    ),
    Probe("Ubuntu", "http://connectivity-check.ubuntu.com/", "", headers={"X-NetworkManager-Status": "online"}),
    Probe("Fedora", "http://fedoraproject.org/static/hotspot.txt", "", 200, "OK"),
    Probe("the lab's NetworkManager", "http://nmcheck.lab/", "", 200, "NetworkManager is online\n"),
    Probe("KDE", "http://networkcheck.kde.org/", "", 200, "OK\n"),
    Probe("Kindle", "http://spectrum.s3.amazonaws.com/kindle-wifi/wifistub.html", "", 200, "<title>Kindle</title>"),
)
