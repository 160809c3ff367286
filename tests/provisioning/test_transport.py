"""What the transport changes about SSH packets: real connections are in test_safe_push and the stories."""

import concurrent.futures
import socket

import paramiko
import pytest

from provisioning import transport
from provisioning.link import Unreachable
from wifi_manager.domain.access_points import Management


@pytest.mark.parametrize(
    ("received", "same"), [(b"0123456789abcdef", True), (b"0123456789abcdeX", False), (b"", False)]
)
def test_the_faster_comparison_of_packets_still_tells_a_forged_one(received, same):
    assert transport.paramiko.util.constant_time_bytes_eq(b"0123456789abcdef", received) is same


@pytest.mark.parametrize("says", [b"", b"SSH-2.0-dropbear\r\n"], ids=["nothing", "who it is"])
def test_an_access_point_that_hangs_in_the_handshake_is_given_up(says):
    with socket.create_server(("127.0.0.1", 0)) as listener, concurrent.futures.ThreadPoolExecutor() as pool:
        hung = pool.submit(_speak_once_and_wait_for_the_end, listener, says)
        management = Management("127.0.0.1", listener.getsockname()[1], "root", "SHA256:none")
        link = transport.SshLink(management, paramiko.ECDSAKey.generate(), transport.TimeLimits(handshake=1.0))

        with pytest.raises(Unreachable, match="does not answer"):
            link.run("true")
        hung.result(timeout=20)


def _speak_once_and_wait_for_the_end(listener, says):
    connection, _ = listener.accept()
    with connection:
        connection.sendall(says)
        while connection.recv(4096):
            pass
