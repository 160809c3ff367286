"""Configuration as whole files: their digest, and the archive in which they travel."""

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterable, Mapping
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
        return digest_of_sums((hashlib.sha256(data).hexdigest(), path) for path, data in sorted(self.content.items()))

    def text(self, path: str) -> str:
        """A file as text, empty where there is none; bytes that are no UTF-8 survive a way back."""
        return self.content.get(path, b"").decode(errors="surrogateescape")


def digest_of_sums(sums: Iterable[tuple[str, str]]) -> str:
    """SHA-256 in hex over `SUM  PATH` lines, as sha256sum prints them."""
    return hashlib.sha256("".join(f"{total}  {path}\n" for total, path in sums).encode()).hexdigest()


def pack(content: Mapping[str, bytes]) -> bytes:
    """A tar (USTAR, sorted, mode 0600, no times) in gzip: the same files give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, data in sorted(content.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), compresslevel=6, mtime=0)


def unpack(archive: bytes) -> dict[str, bytes]:
    """The plain files of a tar in gzip; none for no bytes. Raises Garbled where it is broken or huge."""
    if not archive:
        return {}
    try:
        with gzip.open(io.BytesIO(archive)) as stream:
            plain = stream.read(UNPACKED_BYTES_MAX + 1)
        if len(plain) > UNPACKED_BYTES_MAX:
            raise Garbled("The access point sent more configuration than is possible; look at it by hand.")
        with tarfile.open(fileobj=io.BytesIO(plain)) as files:
            return {entry.name: _content(files, entry) for entry in files if entry.isfile()}
    except (OSError, EOFError, zlib.error, tarfile.TarError) as why:
        raise Garbled(f"The access point's configuration arrived broken ({why}); try again.") from why


def _content(files: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    stream = files.extractfile(entry)
    return stream.read() if stream else b""
