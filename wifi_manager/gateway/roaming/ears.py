"""An ear at an interface: hears ARP and DHCP of others, and no more of them in a second than there is time for."""

import asyncio
import contextlib
import ctypes
import socket
import struct
from collections.abc import Callable
from typing import Self

from wifi_manager import log
from wifi_manager.gateway.roaming.frames import FILTER, SignOfLife, read

_LOG = log.get(__name__)
_SO_ATTACH_FILTER = 26  # asm-generic/socket.h
_EVERYTHING = 0x0003  # ETH_P_ALL, linux/if_ether.h
_FRAME_BYTES = 1024
_FRAMES_A_TURN = 64
_SECONDS_A_FRAME = 0.001  # in a flood the kernel drops what is more than a thousand frames a second


class Ear:
    """Hears at one interface, in the running event loop, from `prick` on."""

    def __init__(self, interface: str, heard: Callable[[SignOfLife], None]) -> None:
        self._interface = interface
        self._heard = heard
        self._index = 0  # of the interface that is listened at
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def prick(self) -> None:
        """Listen at the interface that has this name now. Where there is none, do so when it is back."""
        try:
            index = socket.if_nametoindex(self._interface)
            if index != self._index:
                self._close()
                self._socket, self._index = _listening(self._interface), index
                asyncio.get_running_loop().add_reader(self._socket, self._listen)
        except OSError as problem:
            self._close()
            _LOG.warning("devices that come are not heard", extra={"problem": problem.strerror})

    def _close(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
        self._socket, self._index = None, 0

    def _listen(self) -> None:
        ear = self._socket
        if ear is None:
            return
        frames = _frames(ear)
        for frame in frames:
            if (sign := read(frame)) is not None:
                self._heard(sign)
        loop = asyncio.get_running_loop()
        loop.remove_reader(ear)
        loop.call_later(len(frames) * _SECONDS_A_FRAME, self._go_on, ear)

    def _go_on(self, ear: socket.socket) -> None:
        if ear is self._socket:
            asyncio.get_running_loop().add_reader(ear, self._listen)


def _frames(ear: socket.socket) -> list[bytes]:
    """What is there now; nothing in the place of what this machine itself has sent."""
    frames = []
    with contextlib.suppress(OSError):  # nothing more now, or the interface is down
        for _ in range(_FRAMES_A_TURN):
            frame, address = ear.recvfrom(_FRAME_BYTES)
            frames.append(b"" if address[2] == socket.PACKET_OUTGOING else frame)
    return frames


def _listening(interface: str) -> socket.socket:
    program = b"".join(struct.pack("=HBBI", *instruction) for instruction in FILTER)
    kept = ctypes.create_string_buffer(program, len(program))
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)  # 0: deaf until the filter is in
    try:
        chosen = struct.pack("HP", len(FILTER), ctypes.addressof(kept))
        ear.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, chosen)
        ear.bind((interface, _EVERYTHING))
    except OSError:
        ear.close()
        raise
    return ear
