import gzip

import pytest

from provisioning.config_files import UNPACKED_BYTES_MAX, ConfigFiles, pack, unpack
from wifi_manager.domain.errors import OutsideFailure

FILES = {"etc/config/network": b"a\n", "etc/prov/managed": "가\n".encode()}


def test_files_come_out_of_the_archive_as_they_went_in_and_the_archive_is_the_same_each_time():
    assert unpack(pack(FILES)) == FILES
    assert pack(FILES) == pack(dict(reversed(FILES.items())))


def test_an_access_point_without_any_of_the_files_sends_nothing():
    assert unpack(b"") == {}


BROKEN = {
    "no gzip": b"no archive",
    "cut short": pack(FILES)[:-10],
    "no tar": gzip.compress(b"no tar", mtime=0),
    "endless": gzip.compress(bytes(UNPACKED_BYTES_MAX + 1)),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_or_endless_archive_is_an_error_of_the_access_point(broken):
    with pytest.raises(OutsideFailure):
        unpack(broken)


def test_the_digest_depends_on_names_and_content():
    assert ConfigFiles(FILES).digest() != ConfigFiles({"etc/config/network": b"a\n"}).digest()
    assert ConfigFiles({"a": b"1"}).digest() != ConfigFiles({"b": b"1"}).digest()
