"""Configuration as whole files: their digest, and the archive in which they travel."""

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from provisioning.link import Garbled

MANAGED = "etc/prov/managed"  # on the device: one path a line, the files whose sums are the live configuration
UNPACKED_BYTES_MAX = 4 * 1024 * 1024  # an access point's configuration is some ten thousand bytes


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """Files by path without a leading slash. Their content holds keys, so it is in no repr."""

    content: Mapping[str, bytes] = field(repr=False)

    def digest(self) -> str:
        """SHA-256 in hex over the sums of the files in order of their paths; the device counts the same way."""
        return digest_of_sums((total, path) for path, total in self.sums())

    def sums(self) -> Iterator[tuple[str, str]]:
        """Each path with the SHA-256 of its file in hex, in order."""
        return ((path, hashlib.sha256(data).hexdigest()) for path, data in sorted(self.content.items()))

    def text(self, path: str) -> str:
        """A file as text, empty where there is none; bytes that are no UTF-8 survive a way back."""
        return self.content.get(path, b"").decode(errors="surrogateescape")


def digest_of_sums(sums: Iterable[tuple[str, str]]) -> str:
    """SHA-256 in hex over `SUM  PATH` lines, as sha256sum prints them."""
    return hashlib.sha256("".join(f"{total}  {path}\n" for total, path in sums).encode()).hexdigest()


def pack(content: Mapping[str, bytes]) -> bytes:
    """The tar in gzip."""
    return gzip.compress(pack_plain(content), compresslevel=6, mtime=0)


def pack_plain(content: Mapping[str, bytes]) -> bytes:
    """A tar (USTAR, sorted, mode 0600, no times): the same files give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, data in sorted(content.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def unpack(archive: bytes) -> dict[str, bytes]:
    """The plain files of a tar in gzip; none for no bytes. Raises Garbled where it is broken or huge."""
    return unpack_plain(unzipped(archive)) if archive else {}


def unzipped(data: bytes) -> bytes:
    """What was in the gzip. Raises Garbled where it is broken or huge."""
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS + 16)  # with gzip's head and sum
    try:
        plain = reader.decompress(data, UNPACKED_BYTES_MAX + 1)
    except zlib.error as why:
        raise _broken(why) from why
    if len(plain) > UNPACKED_BYTES_MAX:
        raise Garbled("The access point sent more than is possible; look at it by hand.")
    if not reader.eof:
        raise _broken(EOFError("cut short"))
    return plain


def unpack_plain(archive: bytes) -> dict[str, bytes]:
    """The plain files of a tar. Raises Garbled where it is broken."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            return {entry.name: _content(files, entry) for entry in files if entry.isfile()}
    except (OSError, EOFError, tarfile.TarError) as why:
        raise _broken(why) from why


def _broken(why: Exception) -> Garbled:
    return Garbled(f"What the access point sent arrived broken ({why}); try again.")


def _content(files: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    stream = files.extractfile(entry)
    return stream.read() if stream else b""
