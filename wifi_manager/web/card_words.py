"""What cards say, in the languages that they are printed in."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language; words in braces are filled in. `choose` names the portal's own button."""

    join: str
    join_any: str
    open: str
    choose: str
    days: str
    hours: str
    minutes: str
    volume: str
    devices: str
    until: str
    card: str


WORDS: Mapping[str, Words] = {
    "en": Words(
        join="Join the Wi-Fi {network}",
        join_any="Join the city's Wi-Fi",
        open="Open {address}",
        choose="Choose “I have a voucher” and type the code",
        days="{count} d from the first use",
        hours="{count} h from the first use",
        minutes="{count} min from the first use",
        volume="{volume} in all",
        devices="devices at a time: {count}",
        until="until {day}",
        card="card {number}",
    ),
    "ko": Words(
        join="와이파이 {network}에 연결",
        join_any="우리 시의 와이파이에 연결",
        open="{address} 열기",
        choose="“이용권이 있습니다”를 누르고 코드 입력",
        days="처음 쓴 때부터 {count}일",
        hours="처음 쓴 때부터 {count}시간",
        minutes="처음 쓴 때부터 {count}분",
        volume="모두 {volume}",
        devices="동시에 {count}대",
        until="{day}까지",
        card="카드 {number}",
    ),
}
