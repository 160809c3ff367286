"""A new key for an access point: kept, put there beside the old one, tried, only then the one; then the old one goes.

    kept → on the device → a new connection signs in with it → it counts → the old one goes → and is forgotten

A crash between any two of these leaves a stored key that the device takes; the next run goes on or begins anew.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from provisioning.link import Garbled, Link
from provisioning.platforms import platform_of
from wifi_manager.domain.access_points import AccessPoint, Management
from wifi_manager.domain.errors import BadInput
from wifi_manager.services.credentials import CredentialKeeping

LinkMaker = Callable[[Management, str], Link]  # a place and the text of a private key

_FILES = {"openwrt": "/etc/dropbear/authorized_keys"}
_USUAL_FILE = '"$HOME"/.ssh/authorized_keys'
_DONE = b"DONE\n"
# Written beside, counted, and renamed: a full flash or a cut leaves the file as it was.
_PUT = """
set -e; umask 077; f={file}; mkdir -p "${{f%/*}}"; touch "$f"; read -r new
grep -qxF "$new" "$f" || {{
  {{ cat "$f"; echo; echo "$new"; }} | grep . >"$f.new"
  [ "$(grep -c . "$f.new")" = $(($(grep -c . "$f" || :) + 1)) ]; mv -f "$f.new" "$f"; sync; }}
echo DONE
"""
_REMOVE = """
set -e; umask 077; f={file}; read -r old; read -r kept
grep -vF "$old" "$f" >"$f.new"; grep -qF "$kept" "$f.new"
[ $(($(grep -cF "$old" "$f" || :) + $(grep -c . "$f.new"))) = "$(grep -c . "$f")" ]; mv -f "$f.new" "$f"; sync
echo DONE
"""


def new_private_key() -> str:
    """An Ed25519 key in OpenSSH's format, without a passphrase: it is sealed wherever it lies."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def public_line(private_key: str) -> str:
    """What the device is told of a key: its kind and the public half. Raises BadInput without repeating any of it."""
    try:
        public = load_ssh_private_key(private_key.encode(), None).public_key()
    except ValueError as why:
        raise BadInput("The stored key is not a private SSH key without passphrase. Enrol it again.") from why
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@dataclass(frozen=True)
class Rotation:
    """Changes keys, one access point a call; several may run at once."""

    keeping: CredentialKeeping
    make_link: LinkMaker
    by: str
    new_key: Callable[[], str] = new_private_key

    def rotate(self, external_id: str) -> None:
        """Give it a new key. Raises what `Link.run` raises, Conflict while it is being pushed to, NotFound, Garbled.

        Raises BadInput for those that are watched alone: their vendor's system has the list of keys. Whatever is
        raised, the stored key is one that the device takes.
        """
        point = self.keeping.access_point(external_id)
        platform_of(point.platform)
        self._remove_old(point)  # of a run that did not come to its end
        self.keeping.must_be_idle(external_id)
        new = self.keeping.offer(external_id, self.new_key())
        self._tell(point, self.keeping.get(external_id).current, _PUT, f"{public_line(new)} wifi-manager\n")
        self._tell(point, new, "echo DONE", "")
        self.keeping.promote(external_id, new, by=self.by)
        self._remove_old(point)

    def _remove_old(self, point: AccessPoint) -> None:
        keys = self.keeping.get(point.external_id)
        if keys.previous is None:
            return
        self.keeping.must_be_idle(point.external_id)
        self._tell(point, keys.current, _REMOVE, f"{public_line(keys.previous)}\n{public_line(keys.current)}\n")
        self.keeping.forget_previous(point.external_id)

    def _tell(self, point: AccessPoint, private_key: str, command: str, stdin: str) -> None:
        if point.management is None:
            raise BadInput(f"{point.external_id} is not enrolled any more.")
        command = command.format(file=_FILES.get(point.platform, _USUAL_FILE))
        reply = self.make_link(point.management, private_key).run(command, stdin.encode())
        if reply.status != 0 or reply.stdout != _DONE:
            raise Garbled("The access point could not change its list of keys; is its flash full? Nothing was lost.")
