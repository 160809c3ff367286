"""What the check says of certificate, key, state and clock: real files, certificates of a real authority."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.lab.authority import Authority
from wifi_manager.clock import SystemClock
from wifi_manager.gateway.certificates.serving import prepared
from wifi_manager.gateway.checking import files, timekeeping
from wifi_manager.gateway.checking.findings import Severity, good, report, warning, wrong
from wifi_manager.gateway.settings import Face

NAME = "wifi.city.example"


@pytest.fixture(scope="module")
def face(tmp_path_factory):
    own = Authority(tmp_path_factory.mktemp("authority")).certificate(NAME)
    return Face(NAME, own.chain, own.key, 8080, issued_by_control=False)


def severities(face, days=0):
    return [found.severity for found in files.certificate(face, datetime.now(UTC) + timedelta(days=days))]


def test_a_certificate_for_the_own_name_with_its_key_is_good(face):
    assert severities(face) == [Severity.GOOD] * 3


def test_a_certificate_that_ends_soon_is_a_warning_and_one_that_has_ended_is_wrong(face):
    assert severities(face, days=20)[1] is Severity.WARNING
    assert severities(face, days=31)[1] is Severity.WRONG
    assert severities(face, days=-10)[1] is Severity.WRONG


def test_a_certificate_for_another_name_is_wrong(face):
    (found, *_) = files.certificate(replace(face, name="wifi.town.example"), datetime.now(UTC))

    assert found.severity is Severity.WRONG
    assert NAME in found.says


def test_a_key_that_does_not_fit_or_that_everybody_may_read_is_wrong(face, tmp_path):
    other = Authority(tmp_path).certificate(NAME).key
    assert severities(replace(face, key=other))[2] is Severity.WRONG

    everybodys = tmp_path / "key.pem"
    everybodys.write_bytes(face.key.read_bytes())
    everybodys.chmod(0o644)
    assert severities(replace(face, key=everybodys))[2] is Severity.WRONG


@pytest.mark.parametrize("content", [None, b"no certificate\n"])
def test_a_certificate_that_is_not_there_is_one_finding(face, tmp_path, content):
    path = tmp_path / "chain.pem"
    if content:
        path.write_bytes(content)

    assert severities(replace(face, certificate=path)) == [Severity.WRONG]


def test_a_certificate_that_control_will_get_is_not_missed_and_a_makeshift_is_a_warning(face, tmp_path):
    ours = replace(face, certificate=tmp_path / "chain.pem", key=tmp_path / "key.pem", issued_by_control=True)
    assert severities(ours) == [Severity.UNKNOWN]

    prepared(ours, SystemClock())
    assert severities(ours)[0] is Severity.WARNING
    assert Severity.WRONG not in severities(ours)


def test_a_machine_that_is_not_enrolled_is_told_how_to(tmp_path):
    (found,) = files.state(tmp_path / "state")

    assert found.severity is Severity.WRONG
    assert found.mend.startswith("wifi-manager gateway enrol")


def test_a_folder_of_keys_that_others_may_look_into_is_wrong(tmp_path):
    tmp_path.chmod(0o755)

    assert f"chmod 0700 {tmp_path}" in [found.mend for found in files.state(tmp_path)]


@pytest.mark.parametrize(("seconds", "severity"), [(0, "good"), (-30, "warning"), (61, "wrong")])
def test_a_clock_that_control_will_refuse_soon_is_wrong(seconds, severity):
    said = datetime(2030, 6, 3, 12, 0, tzinfo=UTC)

    assert timekeeping.difference(said, said + timedelta(seconds=seconds)).severity == severity


def test_the_kernel_says_whether_its_clock_is_kept():
    assert timekeeping.synchronisation(synchronised=timekeeping.is_synchronised()).severity in {"good", "warning"}


def test_the_report_begins_with_what_is_wrong_and_names_the_command_below_it():
    found = report([good("a", "fine"), warning("b", "soon", "mend b"), wrong("c", "no", "mend c")], "gateway.toml")

    assert found.splitlines() == [
        "wrong    c: no",
        "         -> mend c",
        "warning  b: soon",
        "         -> mend b",
        "good     a: fine",
        "1 to mend before this gateway works as gateway.toml says.",
    ]
