"""A page of metrics as it goes over the wire, compressed at most once."""

import threading
import zlib
from functools import cached_property

from flask import Request, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

_GZIP = 16 + zlib.MAX_WBITS  # RFC 1952, as zlib names it
_FAST = 1  # a third larger than the best, in a third of the time


class Page:
    """Text in the Prometheus format 0.0.4. Safe to share between threads."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._lock = threading.Lock()

    def zipped(self) -> bytes:
        """The same, compressed."""
        with self._lock:
            return self._zipped

    @cached_property
    def _zipped(self) -> bytes:
        packer = zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP)
        return packer.compress(self.text) + packer.flush()

    def response(self, request: Request) -> Response:
        """Compressed for whoever accepts that (RFC 9110 section 12.5.3)."""
        takes_gzip = request.accept_encodings.quality("gzip") > 0
        answer = Response(self.zipped() if takes_gzip else self.text, content_type=CONTENT_TYPE_PLAIN_0_0_4)
        answer.headers["Vary"] = "Accept-Encoding"
        if takes_gzip:
            answer.headers["Content-Encoding"] = "gzip"
        return answer
