"""What a phone asks now, whoever has read it: Flask, or portal/express.py for the two requests of a crowd."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask import g, render_template, request
from flask.typing import ResponseReturnValue


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. Of fields that come several times the first one counts.

    `route` is the rule that found the page, never what somebody typed. `header` takes a name, and what stands for
    none; `kept` holds what was made for this request and need not be made again.
    """

    method: str
    route: str
    query: Mapping[str, str]
    header: Callable[[str, str], str]
    read_form: Callable[[], Mapping[str, str]]
    render: Callable[..., str]
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> Mapping[str, str]:
        """The posted form. Raises HTTPException when it is too large to be read."""
        return self.read_form()


class Answer(NamedTuple):
    """What a view answers, in a form that Flask takes as well."""

    body: str | bytes
    status: int
    headers: Mapping[str, str]

    def with_status(self, status: int) -> "Answer":
        """The same under another status."""
        return self._replace(status=status)


View = Callable[[], ResponseReturnValue]
Crowd = Mapping[tuple[str, str], View]  # views by method and path

_NOW: ContextVar[Asked | None] = ContextVar("asked", default=None)


def now() -> Asked:
    """The request that this thread answers."""
    return _NOW.get() or _by_flask()


@contextmanager
def answering(asked: Asked) -> Iterator[None]:
    """What happens within answers this request."""
    token = _NOW.set(asked)
    try:
        yield
    finally:
        _NOW.reset(token)


def _by_flask() -> Asked:
    found: Asked | None = g.get("asked")
    if found is None:
        rule = request.url_rule.rule if request.url_rule else ""
        found = g.asked = Asked(
            request.method, rule, request.args, request.headers.get, lambda: request.form, render_template
        )
    return found
