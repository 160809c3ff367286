"""Secrets that layers name and do not hold, `key = { stored = "staff" }`: layers can be shown and kept in git.

They are put in when all layers of an access point are laid over one another: what is pushed holds them, sealed, and
another value of a secret is a change like any other, planned, approved and undone.
"""

import re
from collections.abc import Mapping
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_layers import Combined, Path
from wifi_manager.domain.intent_tables import STORED

# Of an intent's document; nobody is shown what they hold.
SECRET_KEYS = frozenset({"key", "secret", "community", "auth_key", "privacy_key"})
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def check_secret(name: str, value: str) -> None:
    """Raise BadInput for a name or a value that no intent could use; the intent's own rules say what exactly fits."""
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name for a secret: small letters, digits and hyphens, such as radius-main.")
    if not value or any(character in value for character in "\0\r\n"):
        raise BadInput("A secret is one line that is not empty.")


def secrets_in(document: Any) -> frozenset[str]:
    """Names of the stored secrets that a document asks for."""
    if isinstance(document, Mapping):
        named = document.get(STORED)
        if isinstance(named, str) and len(document) == 1:
            return frozenset({named})
        return frozenset().union(*map(secrets_in, document.values()))
    return frozenset().union(*map(secrets_in, document)) if isinstance(document, list) else frozenset()


def with_secrets(combined: Combined, secrets: Mapping[str, str]) -> Combined:
    """The same with its secrets put in. What is not stored stays a name, and the intent's reader complains of it."""
    origins = {_place(path): scope for path, scope in combined.origins.items()}
    if origins.keys() == combined.origins.keys():
        return combined
    return Combined(filled(combined.document, secrets), origins)


def filled(document: Any, secrets: Mapping[str, str]) -> Any:
    """A document with its secrets put in."""
    if isinstance(document, list):
        return [filled(each, secrets) for each in document]
    if not isinstance(document, Mapping):
        return document
    if set(document) == {STORED} and document[STORED] in secrets:
        return secrets[document[STORED]]
    return {key: filled(value, secrets) for key, value in document.items()}


def _place(path: Path) -> Path:
    return path[:-1] if path[-1] == STORED else path
