"""Whatever a file says, importing it a second time finds nothing to change."""

from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.mappings import InventoryRow
from wifi_manager.domain.sites import SiteKind
from wifi_manager.services.inventory_changes import compare

KINDS = {"stop": SiteKind.BUS_STOP, "hall": SiteKind.HALL, "park": SiteKind.PARK}


def a_row(number, name, word, address, place):
    return InventoryRow(
        number, f"AP-{number}", "River", name, KINDS[word], word, {"address": address, "place": place}
    )


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Mill", "Mill (stop)", "Mill (hall)"]),
        st.sampled_from(sorted(KINDS)),
        st.sampled_from(["", "1 Mill lane", "2 Mill lane"]),
        st.sampled_from(["", "roof"]),
    ),
    max_size=9,
).map(lambda rows: [a_row(number, *row) for number, row in enumerate(rows)])


@given(ROWS)
def test_the_same_file_again_changes_nothing(rows):
    first = compare(rows, {}, {}).points
    again = compare(rows, {each.external_id: each for each in first}, {each.site.key: each.site for each in first})
    assert (again.points, again.unchanged) == ([], len(rows))


@given(ROWS)
def test_no_address_and_no_place_of_a_file_is_lost(rows):
    points = {each.external_id: each for each in compare(rows, {}, {}).points}
    for row in rows:
        point = points[row.external_id]
        assert row.facts["address"] in f"{point.site.address} {point.place}"
        assert row.facts["place"] in point.place
