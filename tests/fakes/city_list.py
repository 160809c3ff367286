"""A made-up city's list of access points, with the quirks of a real one.

Korean header, dashes for nothing, basements, several access points at one place, one name for places of two kinds and
of several addresses.
"""

import csv
import io
import random

HEADER = [
    "관리번호",
    "자치구",
    "와이파이명",
    "도로명주소",
    "상세주소",
    "설치위치(층)",
    "설치유형",
    "설치기관",
    "서비스구분",
    "설치년도",
    "실내외구분",
    "X좌표",
    "Y좌표",
]
KINDS = ("커뮤니티", "주요거리", "복지", "공원/하천", "버스정류소", "문화관광체육시설", "전통시장")
DISTRICTS = tuple(f"{name}구" for name in ("하늘", "구름", "바람", "노을", "별빛"))


def rows(count: int, seed: int = 1) -> list[dict[str, str]]:
    """So many rows, always the same for a seed."""
    chance = random.Random(seed)
    sites = [_site(number, chance) for number in range(max(1, count // 3))]
    return [_row(number, chance.choice(sites), chance) for number in range(1, count + 1)]


def as_csv(content: list[dict[str, str]]) -> str:
    """The rows as the portal writes them."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(content)
    return buffer.getvalue()


def _site(number: int, chance: random.Random) -> dict[str, str]:
    return {
        "자치구": chance.choice(DISTRICTS),
        "와이파이명": f"쉼터 {number}, 본관" if number % 7 == 0 else f"쉼터{number}",
        "도로명주소": "" if number % 50 == 49 else f"가온로 {number}",
        "설치유형": chance.choice(KINDS),
        "X좌표": f"{chance.uniform(126.8, 127.1):.6f}",
        "Y좌표": f"{chance.uniform(37.45, 37.65):.6f}",
    }


def _row(number: int, site: dict[str, str], chance: random.Random) -> dict[str, str]:
    row = {
        **site,
        "관리번호": f"HN{number:05}",
        "상세주소": chance.choice(["", "-", "본관 1F", '"작은" 도서관', "복도"]),
        "설치위치(층)": chance.choice(["", "", "-", "-1", "2층"]),
        "설치기관": chance.choice(["시청(AP)", "자치구"]),
        "서비스구분": "공공WiFi",
        "설치년도": str(chance.randint(2007, 2021)),
        "실내외구분": chance.choice(["실내", "실외"]),
    }
    if number % 41 == 0:
        row["설치유형"] = "버스정류소"  # the bus stop in front has the name of the house
    if number % 37 == 0:
        row["도로명주소"] = f"나래로 {number}"
    return row
