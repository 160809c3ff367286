"""Secrets that somebody else has chosen, such as a provider's: a file each, with a text that is used as it is."""

import stat
from pathlib import Path

from wifi_manager.settings import SettingsError


def secret_text(path: Path) -> str:
    """The text in a file, without space around it. Raises SettingsError: missing, open to all, empty, more lines."""
    try:
        mode, content = path.stat().st_mode, path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as missing:
        raise SettingsError(
            [f"{path}: this secret cannot be read. Write it there, and run: chmod 600 {path}"]
        ) from missing
    if mode & stat.S_IRWXO:
        raise SettingsError([f"{path}: every user of this machine can open this secret. Run: chmod 600 {path}"])
    if not content or not content.isprintable():
        raise SettingsError([f"{path}: this secret is one line of text, and not empty."])
    return content
