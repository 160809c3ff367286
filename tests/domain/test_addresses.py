import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import BadInput

OCTETS = st.binary(min_size=6, max_size=6)


@given(OCTETS, st.sampled_from([":", "-", ""]), st.booleans())
def test_the_usual_notations_are_read_as_the_same_address(octets, gap, upper):
    text = octets.hex(gap) if gap else octets.hex()

    assert MacAddress.parse(text.upper() if upper else text) == MacAddress(octets)


@given(OCTETS)
def test_the_full_form_is_read_back(octets):
    assert MacAddress.parse(MacAddress(octets).full()) == MacAddress(octets)


@given(OCTETS)
def test_only_the_vendor_part_is_ever_shown(octets):
    mac = MacAddress(octets)

    assert str(mac) == f"{octets[:3].hex(':')}:**:**:**"
    assert f"{mac}|{mac!r}|{[mac]}".count(f"{octets[:3].hex(':')}:**:**:**") == 3


@pytest.mark.parametrize(
    "text",
    ["", "a2:17:5e:10:00", "a2:17:5e:10:00:01:02", "a2:17:5e:10:00:0g", "a217.5e10.0001", "a2:17-5e:10:00:01 x"],
)
def test_anything_else_is_refused_without_being_repeated(text):
    with pytest.raises(BadInput) as refused:
        MacAddress.parse(text)
    assert not text or text not in str(refused.value)


@given(st.binary(max_size=20).filter(lambda octets: len(octets) != 6))
def test_an_address_has_six_octets(octets):
    with pytest.raises(BadInput, match="6 octets"):
        MacAddress(octets)
