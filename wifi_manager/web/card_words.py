"""What cards say, in the languages that they are printed in."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language; words in braces are filled in. `choose` names the portal's own button.

    What runs from left to right within a line of the other direction is isolated (Unicode UAX 9).
    """

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
    direction: str = "ltr"


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
    "fil": Words(
        join="Kumonekta sa Wi-Fi na {network}",
        join_any="Kumonekta sa Wi-Fi ng lungsod",
        open="Buksan ang {address}",
        choose="Piliin ang “May voucher ako” at i-type ang code",
        days="{count} araw mula sa unang gamit",
        hours="{count} oras mula sa unang gamit",
        minutes="{count} min mula sa unang gamit",
        volume="{volume} lahat-lahat",
        devices="sabay na device: {count}",
        until="hanggang {day}",
        card="card {number}",
    ),
    "ja": Words(
        join="Wi-Fi {network} に接続",
        join_any="市のWi-Fiに接続",
        open="{address} を開く",
        choose="「利用券を持っています」を選んでコードを入力",
        days="最初の利用から{count}日間",
        hours="最初の利用から{count}時間",
        minutes="最初の利用から{count}分間",
        volume="合計 {volume}",
        devices="同時に{count}台",
        until="{day} まで",
        card="カード {number}",
    ),
    "zh-Hans": Words(
        join="连接 Wi-Fi {network}",
        join_any="连接本市的 Wi-Fi",
        open="打开 {address}",
        choose="选择“我有上网券”并输入代码",
        days="自首次使用起 {count} 天",
        hours="自首次使用起 {count} 小时",
        minutes="自首次使用起 {count} 分钟",
        volume="共 {volume}",
        devices="同时 {count} 台设备",
        until="有效期至 {day}",
        card="卡号 {number}",
    ),
    "zh-Hant": Words(
        join="連接 Wi-Fi {network}",
        join_any="連接本市的 Wi-Fi",
        open="開啟 {address}",
        choose="選擇「我有上網券」並輸入代碼",
        days="自首次使用起 {count} 天",
        hours="自首次使用起 {count} 小時",
        minutes="自首次使用起 {count} 分鐘",
        volume="共 {volume}",
        devices="同時 {count} 台裝置",
        until="有效期限至 {day}",
        card="卡號 {number}",
    ),
    "vi": Words(
        join="Kết nối Wi-Fi {network}",
        join_any="Kết nối Wi-Fi của thành phố",
        open="Mở {address}",
        choose="Chọn “Tôi có phiếu truy cập” rồi nhập mã",
        days="{count} ngày từ lần dùng đầu",
        hours="{count} giờ từ lần dùng đầu",
        minutes="{count} phút từ lần dùng đầu",
        volume="tổng cộng {volume}",
        devices="số thiết bị cùng lúc: {count}",
        until="đến {day}",
        card="thẻ {number}",
    ),
    "es": Words(
        join="Conéctese a la red Wi-Fi {network}",
        join_any="Conéctese a la red Wi-Fi de la ciudad",
        open="Abra {address}",
        choose="Elija «Tengo un vale» y escriba el código",
        days="{count} d desde el primer uso",
        hours="{count} h desde el primer uso",
        minutes="{count} min desde el primer uso",
        volume="{volume} en total",
        devices="dispositivos a la vez: {count}",
        until="hasta {day}",
        card="tarjeta {number}",
    ),
    "ar": Words(
        join="اتصل بشبكة الواي فاي \u2066{network}\u2069",
        join_any="اتصل بشبكة الواي فاي الخاصة بالمدينة",
        open="افتح \u2066{address}\u2069",
        choose="اختر «لدي قسيمة» واكتب الرمز",
        days="الأيام من أول استخدام: {count}",
        hours="الساعات من أول استخدام: {count}",
        minutes="الدقائق من أول استخدام: {count}",
        volume="المجموع \u2066{volume}\u2069",
        devices="الأجهزة في الوقت نفسه: {count}",
        until="حتى \u2066{day}\u2069",
        card="البطاقة {number}",
        direction="rtl",
    ),
}
