import pytest

from wifi_manager.domain.errors import BadInput
from wifi_manager.gateway.names.filter_list import FilterList, parse, read

KEPT = ("portal.city.example", "captive.apple.com")


def names(text: str) -> tuple[str, ...]:
    found = parse(text, "family.txt", KEPT)
    assert found.mistakes == ()
    return found.names


def test_a_list_of_names_with_comments_and_blank_lines():
    assert names("# bad for children\ncasino.example\n\n  BETS.example.  # said twice\nbets.example\n") == (
        "casino.example",
        "bets.example",
    )


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "::", "::1", "fe80::1%lo0"])
def test_a_hosts_file_is_taken_as_it_is_with_several_names_a_line(address):
    head = "127.0.0.1 localhost localhost.localdomain\n::1 ip6-localhost ip6-loopback\n0.0.0.0 0.0.0.0\n"

    assert names(f"{head}{address}\tads.example  www.ads.example # both\n") == ("ads.example", "www.ads.example")


@pytest.mark.parametrize(
    "line",
    [
        "||ads.example^",
        "ads",
        "two.example names.example",
        "https://ads.example/",
        "ads..example",
        "-ads.example",
        "10.1.2.3",
        "a" * 300,
    ],
)
def test_a_line_that_is_no_name_is_named_and_the_others_are_used(line):
    found = parse(f"good.example\n{line}\nbetter.example\n", "family.txt", KEPT)

    assert found.names == ("good.example", "better.example")
    (mistake,) = found.mistakes
    assert mistake.startswith("family.txt, line 2: ")
    assert line[:80] in mistake


@pytest.mark.parametrize("name", ["captive.apple.com", "apple.com", "city.example"])
def test_what_phones_need_to_be_online_cannot_be_filtered(name):
    found = parse(name, "family.txt", KEPT)

    assert found.names == ()
    assert "phones need" in found.mistakes[0]


def test_a_name_below_or_beside_one_that_is_kept_can_be_filtered():
    assert names("ads.captive.apple.com\nbadapple.com\n") == ("ads.captive.apple.com", "badapple.com")


def test_a_file_of_something_else_is_not_told_line_by_line():
    found = parse("no\n" * 1000, "family.txt", KEPT)

    assert len(found.mistakes) == 21
    assert found.mistakes[-1] == "… and 980 more lines."


def test_a_list_that_is_not_there_is_an_error_that_names_it(tmp_path):
    with pytest.raises(BadInput, match=r"family\.txt cannot be read: No such file"):
        read(tmp_path / "family.txt", KEPT)

    (tmp_path / "family.txt").write_bytes(b"ads.example\n\xff\n")
    assert read(tmp_path / "family.txt", KEPT) == FilterList(
        ("ads.example",), ("family.txt, line 2: '\ufffd' is not a host name with at least one dot.",)
    )
