"""docs/checklist.md says the truth about the tests."""

import pytest

from tests.house.checklist import PAGE, REQUIREMENTS, every_test, numbers_of, page


def test_the_page_is_as_the_tests_are():
    assert PAGE.read_text(encoding="utf-8") == page(), "make it again: .venv/bin/python -m tests.house.pages"


@pytest.mark.parametrize("number", REQUIREMENTS)
def test_every_test_that_a_requirement_names_exists(number):
    assert set(REQUIREMENTS[number].also) - every_test() == set()


def test_every_number_in_a_tests_name_is_a_requirement():
    unknown = {test: sorted(set(numbers_of(test)) - set(REQUIREMENTS)) for test in every_test()}
    assert {test: numbers for test, numbers in unknown.items() if numbers} == {}
