"""Templates compiled once a process, however many applications it makes of them."""

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class _Compiled(BytecodeCache):
    """Kept in memory by template and text: compiling a page takes 60 ms, which each new application would take."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()

    def clear(self) -> None:
        self._code.clear()


_COMPILED = _Compiled()


def install(app: Flask) -> None:
    """Let the application take over what another one compiled of the same templates."""
    app.jinja_options = {**app.jinja_options, "bytecode_cache": _COMPILED}
