"""Makes the secrets that a new installation lacks, so that nobody has to invent one."""

from pathlib import Path

from wifi_manager.settings import make_secret_file


def ensure_secret(path: Path) -> bool:
    """Make a secret with mode 0600 where there is none; True if one was made. Raises SettingsError if it fails."""
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_secret_file(path)
    return True
