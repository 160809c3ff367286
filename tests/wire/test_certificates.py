import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.errors import BadInput
from wifi_manager.wire.certificates import (
    LONGEST_CHAIN,
    CertificateAnswer,
    CertificateAsked,
    certificate_answer_from_json,
    certificate_answer_to_json,
    certificate_asked_from_json,
    certificate_asked_to_json,
)

CHAIN = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
ANSWER = CertificateAnswer(("a.city.example", "b.city.example"), CHAIN)


@given(st.binary(min_size=1, max_size=500))
def test_a_request_arrives_as_it_was_sent(request):
    asked = CertificateAsked(request)
    assert certificate_asked_from_json(certificate_asked_to_json(asked)) == asked


@pytest.mark.parametrize("chain", [CHAIN, None])
def test_an_answer_arrives_as_it_was_sent(chain):
    answer = CertificateAnswer(ANSWER.names, chain)
    assert certificate_answer_from_json(certificate_answer_to_json(answer)) == answer


@pytest.mark.parametrize("request_text", ["", "not base64!", 7, None])
def test_a_request_that_is_no_base64_is_refused(request_text):
    with pytest.raises(BadInput, match="request"):
        certificate_asked_from_json({**certificate_asked_to_json(CertificateAsked(b"x")), "request": request_text})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("chain", "no certificate"),
        ("chain", 7),
        ("chain", CHAIN + "x" * LONGEST_CHAIN),
        ("names", "a.city.example"),
        ("names", [1]),
        ("names", ["two\nlines"]),
        ("version", 1),
    ],
)
def test_an_answer_with_something_else_in_it_is_refused_by_name(field, value):
    with pytest.raises(BadInput, match=field):
        certificate_answer_from_json({**certificate_answer_to_json(ANSWER), field: value})
