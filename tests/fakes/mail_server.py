"""A mail server that a test can read: aiosmtpd on a free port of loopback."""

import asyncio
import logging
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult

from tests.loops import cut_off

USER, PASSWORD = "wifi", "a mail password"


@dataclass(slots=True)
class MailServer:
    """What came in, and how. With `refuses` nobody may be written to."""

    port: int = 0
    refuses: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's own name
        if self.refuses:
            return "550 5.1.1 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's own name
        self.was_encrypted.append(
            session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None
        )
        self.signed_in.append(session.authenticated)
        self.recipients += envelope.rcpt_tos
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def admits(self, server, session, envelope, mechanism, data):
        """Whether these are the user and the password."""
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()))


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, *, implicit: bool = False) -> Iterator[MailServer]:
    """The server, on a thread of its own. `tls`: by STARTTLS, with a sign-in; `implicit`: from the first byte."""
    logging.getLogger("mail.log").disabled = True  # the server's own, not the portal's
    made, loop, opened = MailServer(), asyncio.new_event_loop(), list[asyncio.Transport]()
    options = {"tls_context": tls, "require_starttls": True, "auth_required": True} if tls and not implicit else {}

    class Connection(SMTP):
        def connection_made(self, transport):
            opened.append(transport)  # SMTP itself knows none during a handshake
            super().connection_made(transport)

    def met():
        return Connection(made, hostname="mail.example", loop=loop, authenticator=made.admits, **options)

    async def listen():
        return await loop.create_server(met, "127.0.0.1", 0, ssl=tls if implicit else None)

    server = loop.run_until_complete(listen())
    made.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(_shut(server, opened), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _shut(server: asyncio.Server, opened: Sequence[asyncio.Transport]) -> None:
    """A connection that nobody has ended yet is cut: the portal may still be saying goodbye."""
    here = asyncio.current_task()

    def cut() -> None:
        for each in opened:
            each.abort()
        for task in asyncio.all_tasks() - {here}:
            task.cancel()

    await cut_off(server, cut)
