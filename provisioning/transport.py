"""SSH to an access point through netmiko, without its interactive shell: one exec channel, the payload on its stdin.

Stock netmiko opens a terminal, sleeps and polls for prompts (some 300 ms), types what it sends, takes any host key.
None of that happens here: what is sent is never in a log, and only the enrolled host key is spoken to. One channel a
connection also avoids a trap: dropbear often drops a second channel opened right after the first.
"""

import contextlib
import hmac
import io
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from netmiko import log as netmiko_log
from netmiko.linux import LinuxSSH
from paramiko.common import cMSG_CHANNEL_REQUEST

from provisioning.link import Dropped, HostKeyChanged, LoginRefused, Reply, Then, TooSlow, Unreachable
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import BadInput

OUTPUT_BYTES_MAX = 4 * 1024 * 1024
_READ_BYTES = 65536
_NO_STATUS = -1  # what paramiko says where a channel ended without one

# Paramiko compares the MAC of each packet byte by byte in Python: nearly a tenth of a connection's CPU. The standard
# library has the same comparison, in constant time.
paramiko.util.constant_time_bytes_eq = hmac.compare_digest

# What is offered in a handshake, best first: current algorithms alone (RFC 9142, table 5), which OpenSSH speaks and
# the dropbear of every OpenWrt since 19.07. To write and compare full lists costs a tenth of a connection's CPU.
_KEX = ("curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "diffie-hellman-group14-sha256")
_HOST_KEYS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-256")
_CIPHERS = ("aes128-ctr", "aes256-ctr")
_DIGESTS = ("hmac-sha2-256", "hmac-sha2-512")


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds: to open TCP, for each step of the SSH handshake, for each pause within an answer, and for all of it.

    Small routers need seconds for a handshake, hence 30.
    """

    connect: float = 8.0
    handshake: float = 30.0
    answer: float = 60.0
    whole: float = 600.0


QUICK = TimeLimits(connect=5.0, handshake=8.0, answer=8.0, whole=15.0)  # what a healthy access point keeps easily


class _Line(socket.socket):
    """A socket whose `recv` asks the kernel for all that is there: paramiko reads each packet in several pieces."""

    _here = b""

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        here = self._here or super().recv(_READ_BYTES, flags)
        self._here = here[bufsize:]
        return here[:bufsize]

    def close(self) -> None:
        """Also wakes paramiko's thread, which else reads on for a tenth of a second."""
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)
        super().close()


class _Transport(paramiko.Transport):  # type: ignore[misc]  # paramiko brings no types
    """Paramiko's own, that asks once whether anybody reads what it has to say, and does not wake ten times a second.

    Its thread looks up from reading to see whether time is over; `_Line.close` wakes it at once.
    """

    _active_check_timeout = 1.0

    def _log(self, level: int, msg: Any, *args: Any) -> None:
        if self.logger.isEnabledFor(level):
            super()._log(level, msg, *args)


class _Packetizer(paramiko.packet.Packetizer):  # type: ignore[misc]  # paramiko brings no types
    """Paramiko's own, with the handshake's time limit kept as a moment: it starts a thread for that."""

    _handshake_ends: float | None = None  # of time.monotonic()

    def start_handshake(self, timeout: float) -> None:
        self._handshake_ends = time.monotonic() + timeout

    def handshake_timed_out(self) -> bool:
        return self._handshake_ends is not None and time.monotonic() > self._handshake_ends

    def complete_handshake(self) -> None:
        self._handshake_ends = None


class _OneExec(LinuxSSH):
    """A netmiko connection without terminal, prompt and pauses, over paramiko's Transport itself."""

    def __init__(self, line: _Line, pinned: str, limits: TimeLimits, **netmiko: Any) -> None:
        super().__init__(auto_connect=False, device_type="linux", **netmiko)
        self.remote_conn_pre = self._transport = _Transport(line, packetizer_class=_Packetizer)
        self._pinned, self._limits = pinned, limits

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:  # noqa: ARG002 - there is no terminal
        transport, limits = self._transport, self._limits
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = limits.handshake
        offer = transport.get_security_options()
        offer.kex, offer.key_types, offer.ciphers, offer.digests = _KEX, _HOST_KEYS, _CIPHERS, _DIGESTS
        self._waited_for(lambda done: transport.start_client(event=done))
        self._check_host_key(transport.get_remote_server_key())
        done = self._waited_for(lambda done: transport.auth_publickey(self.username, self.pkey, event=done))
        transport.auth_handler.wait_for_response(done)  # has come: raises where our key was refused

    def _waited_for(self, begin: Callable[[threading.Event], object]) -> threading.Event:
        """Paramiko, left to wait by itself, asks ten times a second; and where the line breaks it blames our key."""
        done = threading.Event()
        begin(done)
        if not done.wait(self._limits.handshake):
            raise TimeoutError
        if not self._transport.is_active():
            raise self._transport.get_exception() or EOFError("closed in the handshake")
        return done

    def _check_host_key(self, key: paramiko.PKey) -> None:
        """Speak only to the host whose key has the pinned fingerprint: before anything is sent to it."""
        if key.fingerprint != self._pinned:
            raise HostKeyChanged(
                f"The access point at {self.host} shows the host key {key.fingerprint}, but {self._pinned} was "
                "pinned when it was enrolled. Nothing was sent. If it was replaced or reset, enrol it again; "
                "if not, somebody may be in between."
            )

    def _try_session_preparation(self, force_data: bool = True) -> None:  # noqa: FBT001, FBT002 - netmiko's signature
        """Nothing: there is no prompt to wait for."""

    def disconnect(self) -> None:
        """Close, and take back the log filter that netmiko adds for each connection."""
        self.paramiko_cleanup()
        netmiko_log.removeFilter(self._secrets_filter)

    def run(self, command: str, stdin: bytes = b"", *, until: bytes = b"", then: Then = bytes) -> Reply:
        """Run one command. Raises TimeoutError where its answer takes longer than the limits allow."""
        seconds, ends = self._limits.answer, time.monotonic() + self._limits.whole
        channel = self._transport.open_session(timeout=seconds)
        channel.settimeout(seconds)
        _begin(channel, command)
        stdout = b""
        if until:
            stdout = _read(channel, ends, until)
            stdin, stdout = (then(stdout), b"") if stdout.endswith(until) else (b"", stdout)
        if stdin:
            with contextlib.suppress(OSError):  # a command may answer and end without reading all that it is sent
                channel.sendall(stdin)
        if stdin or until:
            with contextlib.suppress(OSError):
                channel.shutdown_write()
        stdout += _read(channel, ends)
        if not channel.status_event.wait(seconds):
            raise TimeoutError("no exit status")
        stderr = channel.recv_stderr(OUTPUT_BYTES_MAX) if channel.recv_stderr_ready() else b""
        if channel.exit_status == _NO_STATUS:
            raise EOFError("the connection broke")
        return Reply(channel.exit_status, stdout, stderr)


def _begin(channel: paramiko.Channel, command: str) -> None:
    """Paramiko's `exec_command` without its wait for a word that it was begun, a round trip that tells nothing."""
    asked = paramiko.Message()
    asked.add_byte(cMSG_CHANNEL_REQUEST)  # RFC 4254, 6.5
    asked.add_int(channel.remote_chanid)
    asked.add_string("exec")
    asked.add_boolean(False)  # no reply is wanted
    asked.add_string(command)
    channel.transport._send_user_message(asked)  # noqa: SLF001 - what each request of paramiko's own is sent with


def _read(channel: paramiko.Channel, ends: float, until: bytes = b"") -> bytes:
    """Up to `until`, or all."""
    data = bytearray()
    while not (until and data.endswith(until)) and (chunk := channel.recv(65536)):
        data += chunk
        if time.monotonic() > ends:  # one that drips never runs into the limit of a pause
            raise TimeoutError("no end of the answer")
        if len(data) > OUTPUT_BYTES_MAX:
            raise Unreachable("The access point sent more than is possible; look at it by hand.")
    return bytes(data)


def load_client_key(path: Path) -> paramiko.PKey:
    """The controller's private key, to be loaded once and shared: one with a passphrase costs 150 ms each time.

    Raises BadInput where it cannot be used.
    """
    try:
        return paramiko.PKey.from_path(path)
    except (OSError, ValueError, TypeError, paramiko.SSHException) as why:
        raise BadInput(f"{path} is not a private SSH key that can be used here: {why}") from why


def client_key_from_text(text: str) -> paramiko.PKey:
    """The controller's private key (Ed25519, OpenSSH's format). Raises BadInput without repeating any of it."""
    try:
        return paramiko.Ed25519Key.from_private_key(io.StringIO(text))
    except (ValueError, TypeError, paramiko.SSHException) as why:
        raise BadInput("The stored key is not an Ed25519 private key without passphrase. Enrol it again.") from why


@dataclass(frozen=True, slots=True)
class SshLink:
    """The line to one access point; `management.host_key` is its pinned `SHA256:…` fingerprint."""

    management: Management
    key: paramiko.PKey = field(repr=False)
    limits: TimeLimits = TimeLimits()

    def run(self, command: str, stdin: bytes = b"") -> Reply:
        """One connection, one command. Raises Unreachable (also TooSlow, Dropped), HostKeyChanged or LoginRefused."""
        return self._within(lambda connection: connection.run(command, stdin))

    def converse(self, command: str, until: bytes, then: Then) -> Reply:
        """The same; what `then` raises is raised, and the connection is closed."""
        return self._within(lambda connection: connection.run(command, until=until, then=then))

    def _within(self, work: Callable[[_OneExec], Reply]) -> Reply:
        begun = time.monotonic()
        with self._tcp() as tcp:
            try:
                return self._run(tcp, work)
            except paramiko.AuthenticationException as why:
                raise LoginRefused(
                    f"The access point at {self._where} does not take our key; enrol it again."
                ) from why
            except (OSError, EOFError, paramiko.SSHException) as why:
                raise self._broken(why, time.monotonic() - begun) from why

    @property
    def _where(self) -> str:
        return f"{self.management.host} port {self.management.port}"

    def _tcp(self) -> _Line:
        target = (self.management.host, self.management.port)
        try:
            line = _Line(fileno=socket.create_connection(target, timeout=self.limits.connect).detach())
        except OSError as why:
            raise Unreachable(
                f"The access point at {self._where} does not answer ({why}). It is tried again; if it stays so, look "
                "at its power, its cable and its address."
            ) from why
        # A handshake is small packets, several in a row: without this each waits until the one before was
        # acknowledged, which the other side puts off for 40 ms.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def _broken(self, why: Exception, seconds: float) -> Unreachable:
        """What it means that a connection which was taken did not last; paramiko says both in many ways."""
        if isinstance(why, TimeoutError) or seconds >= min(self.limits.handshake, self.limits.answer):
            return TooSlow(
                f"The access point at {self._where} takes connections but does not answer in time. It is tried "
                "again; if it stays so, look at its load and at its line, or restart it."
            )
        return Dropped(
            f"The access point at {self._where} takes connections but closes them ({why or type(why).__name__}). It "
            "is tried again; if it stays so, look at its line and its free memory, or restart it."
        )

    def _run(self, tcp: _Line, work: Callable[[_OneExec], Reply]) -> Reply:
        connection = _OneExec(
            tcp,
            self.management.host_key,
            self.limits,
            host=self.management.host,
            port=self.management.port,
            username=self.management.user,
            pkey=self.key,
        )
        try:
            connection.establish_connection()
            return work(connection)
        finally:
            connection.disconnect()
