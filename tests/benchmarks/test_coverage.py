"""The benchmark of coverage runs, and measures what it says; its figures are judged where nothing else runs."""

from benchmarks.coverage import failures, timed
from wifi_manager.services.coverage_assumptions import shipped_assumptions


def test_a_map_of_six_hundred_square_kilometres_is_measured_and_a_failure_on_it():
    seconds, found = timed(200, shipped_assumptions())
    assert 600 <= found.grid.rows * found.grid.columns * found.grid.square_kilometres_a_cell < 650
    assert seconds > 0
    assert all(each > 0 for each in failures(found, 200, 3))
