"""The page that stands in place of a name that a network's filter does not answer. Pure."""

import html
import ipaddress

from wifi_manager.gateway.settings import GatewaySettings

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not available on this Wi-Fi</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}</style>
<h1>Not available on this Wi-Fi</h1>
<p>The city does not open this page here: its name is on the list “{name}” that this network is filtered by.
Nobody is told that you tried.</p>
<p>Do you think that is a mistake? {appeal}</p>
<div lang="ko">
<h2>이 Wi-Fi에서는 열 수 없습니다</h2>
<p>이 페이지의 이름이 이 네트워크의 차단 목록 “{name}”에 있습니다. 접속 시도는 누구에게도 알려지지 않습니다.</p>
<p>잘못된 차단이라고 생각하시면: {appeal}</p>
</div>
</html>
"""


def filter_page(list_name: str, appeal: str) -> bytes:
    """Why this page does not open, and how to object. `appeal` is a sentence of the city's."""
    return _PAGE.format(name=html.escape(list_name), appeal=html.escape(appeal)).encode()


def filter_pages(settings: GatewaySettings) -> dict[str, bytes]:
    """The page of each network with a filter, by the network's name."""
    appeal = settings.filters.appeal
    return {each.name: filter_page(each.filter, appeal) for each in settings.networks if each.filter}


def is_own(host: str, own_url: str) -> bool:
    """Whether a Host header names the gateway itself: by its name, by an address, or not at all."""
    name = host.strip().lower()
    if name.startswith("["):
        return True
    name = name.rpartition(":")[0] if ":" in name else name
    if not name or name == own_url.removeprefix("https://"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
