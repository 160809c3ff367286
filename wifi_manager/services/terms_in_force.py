"""Which version of the terms citizens accept now: a folder a version, the last name is the newest."""

from pathlib import Path

from wifi_manager.domain.errors import BadInput

NEWEST = "newest"


def versions(folder: Path) -> list[str]:
    """All versions, the oldest first."""
    return sorted(each.name for each in folder.iterdir() if each.is_dir())


def in_force(folder: Path, wanted: str) -> str:
    """The wanted version, or the newest. Raises BadInput when it is not there."""
    names = versions(folder)
    current = names[-1] if wanted == NEWEST and names else wanted
    if current not in names:
        known = ", ".join(names) or "none"
        raise BadInput(f"[portal] terms_version: there are no terms {wanted!r} in {folder}, only {known}.")
    return current
