"""An access point may answer and end before it has read all that it is sent."""

import pytest

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]


def test_an_answer_that_comes_before_all_was_sent_is_taken(driver):
    reply = driver.link.run("echo early; exit 3", b"x" * 8_000_000)

    assert (reply.status, reply.stdout) == (3, b"early\n")
