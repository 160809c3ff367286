"""Reading what the helper `prov` on an access point says; the protocol is in docs/access-points.md."""

from dataclasses import dataclass

from provisioning.config_files import ConfigFiles, digest_of_sums
from provisioning.driver import Facts, Refused, Standing, State, UnknownModel, WrongPlatform
from provisioning.link import Garbled, Reply
from wifi_manager.domain.errors import NotFound

VERSION = "1"
_NO_SUCH_COMMAND = 127  # POSIX, 2.8.2
END = b"PROV END\n"
_ANOTHER = (
    "This device {}: it is not what the inventory takes it for. Nothing was changed on it. If its platform there is "
    "wrong, enrol it as what it is; if it was replaced, enrol the new one."
)
_NO_MODEL = (
    "The access point does not say which model it is (on OpenWrt, /tmp/sysinfo/model is empty), so nobody knows its "
    "radios. Nothing was changed on it. Restart it; if it stays so, flash an image that is made for its board."
)


@dataclass(frozen=True, slots=True)
class Inspection:
    """One `prov inspect`. `sums` are (SHA-256 in hex, path) of the managed files that exist, as the device orders.

    `others` are those of further files that it was asked for and that exist.
    """

    facts: Facts
    standing: Standing
    load: float
    unsaved_changes: int
    sums: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...] = ()

    def runs(self, config: ConfigFiles) -> bool:
        """Whether every file of `config` is there, byte for byte."""
        found = {path: total for total, path in (*self.sums, *self.others)}
        return all(found.get(path) == total for path, total in config.sums())

    @property
    def digest(self) -> str:
        """The digest of the live configuration, comparable with `ConfigFiles.digest`."""
        return digest_of_sums(self.sums)


def read_inspection(reply: Reply) -> tuple[Inspection, bytes]:
    """The inspection, and the bytes after it. Raises NotFound without the helper, Garbled for nonsense."""
    check(reply)
    said, end, rest = reply.stdout.partition(END)
    if not end:
        raise Garbled("The access point's answer was cut short; try again.")
    lines = [line.removeprefix("PROV ") for line in said.decode(errors="replace").splitlines()]
    try:
        return _inspection(lines), rest
    except (KeyError, ValueError, IndexError) as why:
        raise Garbled("The access point's helper gave an answer that cannot be read; enrol it again.") from why


def _inspection(lines: list[str]) -> Inspection:
    words = dict(word.partition("=")[::2] for word in lines[0].split(" "))
    if words["V"] != VERSION:
        raise Garbled(f"The access point's helper speaks version {words['V']}, not {VERSION}; enrol it again.")
    named = {line.partition(" ")[0]: line.partition(" ")[2] for line in lines[1:]}
    facts = Facts(named["MODEL"], named["FIRMWARE"], words["BOOT"], int(words["UP"]), int(words["FREE"]))
    standing = _standing(words["STATE"], words["ID"], words["ARG"])
    sums, others = _sums(lines, "SUM"), _sums(lines, "OTHER")
    return Inspection(facts, standing, float(words["LOAD"]), int(words["DIRTY"]), sums, others)


def _sums(lines: list[str], of: str) -> tuple[tuple[str, str], ...]:
    return tuple((word[1], word[2]) for word in (line.split(" ") for line in lines[1:]) if word[0] == of)


def check_device(facts: Facts) -> None:
    """That it is a device for which we may make a configuration. Raises WrongPlatform or UnknownModel."""
    if not facts.firmware:
        raise WrongPlatform(_ANOTHER.format("names no system that we know"))
    if not facts.model:
        raise UnknownModel(_NO_MODEL)


def _standing(state: str, push_id: str, argument: str) -> Standing:
    reason = argument if state == State.ROLLEDBACK else ""
    return Standing(State(state), push_id.removeprefix("-"), reason)


def check(reply: Reply) -> list[str]:
    """The words of the answer. Raises Refused for an error, NotFound without the helper, WrongPlatform, Garbled."""
    if reply.status == _NO_SUCH_COMMAND:
        raise NotFound("This access point has no helper yet. Enrol it: wifi-manager provision enrol.")
    words = reply.stdout.partition(b"\n")[0].decode(errors="replace").split()
    if words and words[0] != "PROV":
        raise WrongPlatform(_ANOTHER.format(f"answers in other words than the helper's ({' '.join(words[:6])} …)"))
    if len(words) < 2:  # noqa: PLR2004 - PROV and a verb
        raise Garbled(f"The access point's helper gave no answer (exit status {reply.status}); try again.")
    if words[1:3] == ["ERROR", "PLATFORM"]:
        raise WrongPlatform(_ANOTHER.format(f"says that it is {' '.join(words[3:]) or 'something else'}"))
    if words[1] == "ERROR":
        raise Refused(words[2] if len(words) > 2 else "UNKNOWN", " ".join(words[3:]))  # noqa: PLR2004 - as above
    return words[1:]


def read_confirmation(push_id: str, reply: Reply) -> Standing:
    """What `prov confirm` says: COMMITTED, not yet, or another state. Raises Refused for CHANGED and STATE."""
    match check(reply):
        case ["COMMITTED", found, *_]:
            return Standing(State.COMMITTED, found)
        case ["STATE", state, found, *argument] if state in list(State):
            return _standing(state, found, " ".join(argument))
        case _:
            return Standing(State.PENDING, push_id)
