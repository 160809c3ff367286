"""Lets a browser on this machine's loopback reach a server inside a lab namespace. Nothing else can reach it."""

import contextlib
import socket
import threading

from tests.lab.namespaces import Namespace

_PIECE = 65536


class Relay:
    """Listens on 127.0.0.1 and hands each connection to `target` inside the namespace. `port` 0 takes a free one."""

    def __init__(self, namespace: Namespace, target: tuple[str, int], port: int = 0) -> None:
        self._namespace = namespace
        self._target = target
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, name=f"relay {self.port}", daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = self._namespace.call(lambda: socket.create_connection(self._target, timeout=10))
        except OSError:
            client.close()
            return
        server.settimeout(None)
        back = threading.Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        _pump(client, server)
        back.join()
        client.close()
        server.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
