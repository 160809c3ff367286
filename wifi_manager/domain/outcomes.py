"""Outcome: how an attempt to change one access point ended. A closed list; each says what to do next."""

from dataclasses import dataclass
from enum import StrEnum

from wifi_manager.domain.pushes import PushState


class OutcomeKind(StrEnum):
    """How a push ended. A kind that is no end (see `Outcome.state`) leaves the push in the queue."""

    COMMITTED = "committed"
    NOCHANGE = "nochange"
    UNDONE = "undone"  # the device put the old configuration back; the reason is its own
    REFUSED = "refused"  # the device took nothing; the reason begins with its code
    TEMPLATE_ERROR = "template error"  # the Intent makes no file, or one that the device cannot read
    LOGIN_REFUSED = "login refused"
    HOST_KEY_CHANGED = "host key changed"
    NOT_ENROLLED = "not enrolled"
    WRONG_PLATFORM = "wrong platform"
    UNKNOWN_MODEL = "unknown model"
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too slow"
    DROPPED = "connection dropped"
    GARBLED = "garbled"
    UNKNOWN = "unknown"  # it was sent, and nothing was heard since; the same order asked again tells the truth


_STATES = {
    OutcomeKind.COMMITTED: PushState.COMMITTED,
    OutcomeKind.NOCHANGE: PushState.UNCHANGED,
    OutcomeKind.UNDONE: PushState.UNDONE,
    OutcomeKind.UNREACHABLE: None,
    OutcomeKind.TOO_SLOW: None,
    OutcomeKind.DROPPED: None,
    OutcomeKind.GARBLED: None,
    OutcomeKind.UNKNOWN: None,
}
# What the device says, by the first word of the reason. All of these changed nothing, or changed it back.
ADVICE = {
    "timeout": "nobody reached it on the new configuration in time, so it went back. Compare address, gateway, VLAN "
    "and port in its Intent with the place where it hangs, then propose it again.",
    "services": "not all of its radios and cables came up with the change, so it went back. Compare radios, channels "
    "and ports in its Intent with what it has, then propose it again.",
    "reboot": "it was restarted or lost power before the change was confirmed, so it went back. Propose it again.",
    "operator": "somebody undid it on the device itself. Ask them before you propose it again.",
    "notimer": "it could not start what would undo the change, so it went back. Restart it, then propose again.",
    "BUSY": "another change of it is not confirmed yet. Propose again when that one has ended.",
    "WRITE": "its flash takes no more files. Free some space on it or restart it, then propose again.",
    "SPACE": "its flash is full. Remove packages or files that nobody needs from it, then propose again.",
    "STATE": "its flash is full or broken: it could not note what it is to do. Free space, then propose again.",
    "CHECKSUM": "the files did not arrive as they were sent. Propose again; if it happens again, look at its line.",
    "UNPACK": "the files cannot be read where they arrived. Propose again; if it happens again, look at its memory.",
    "EMPTY": "there was no file to write. Please report this with the Intent.",
    "PATH": "the Intent makes a file that its helper does not write. Enrol it again to renew the helper.",
    "UCI": "its own uci cannot read a file that the Intent makes. See `wifi-manager provision render` and report it.",
    "HOSTAPD": "its own hostapd cannot read a file that the Intent makes. Look at its version, and report it.",
    "MISSING": "a program that it needs is not installed on it. Install that, then enrol it again.",
    "DIRTY": "somebody has begun a change on it by hand. Let them commit or revert it, then propose again.",
    "DRIFT": "its files were changed while we looked. See `wifi-manager provision drift`, then propose again.",
    "CHANGED": "its files were changed by hand before we confirmed. See `wifi-manager provision drift`.",
    "NOTIMER": "it could not start what would undo the change, so it took nothing. Restart it, then propose again.",
    "USAGE": "its helper does not understand us. Enrol it again to renew the helper.",
    "NOTSTAGED": "the files were lost on the way and it kept what it had. Propose again.",
}
_UNHEARD = "no answer since it was sent; its own word will be asked for"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a push ended: `reason` is the device's word (see ADVICE), or the sentence of the error that stopped us."""

    kind: OutcomeKind
    reason: str = ""

    @property
    def state(self) -> PushState | None:
        """The end of the push. None: neither success nor harm; it stays in the queue and is tried again."""
        return _STATES.get(self.kind, PushState.REFUSED)

    @property
    def sentence(self) -> str:
        """What happened and what to do next, for the command line, the console and the audit; empty for a success."""
        if self.state in {PushState.COMMITTED, PushState.UNCHANGED}:
            return ""
        if self.kind is OutcomeKind.UNKNOWN:
            return f"{self.kind}: {_UNHEARD}"
        advice = ADVICE.get(self.reason.partition(" ")[0])
        said = f"{self.reason}: {advice}" if advice else self.reason
        return said if self.kind in {OutcomeKind.UNDONE, OutcomeKind.REFUSED} else f"{self.kind}: {said}"
