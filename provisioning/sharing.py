"""Work that is the same for many access points, done once for as long as one plan is made. Nothing outlives it."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Protocol, TypeVar

T = TypeVar("T")


class Making(Protocol):
    """Makes something of what is handed in, and of nothing else."""

    def __call__(self, make: Callable[..., T], /, *of: Hashable) -> T:
        """What `make` makes of it; raises what that raises."""
        ...


def at_once(make: Callable[..., T], /, *of: Hashable) -> T:
    """Make it, whether or not it was made before."""
    return make(*of)


def sharing(most: int = 4096) -> Making:
    """Make each thing once. Only for functions without any other effect, whose values nobody changes.

    It remembers the `most` that were asked for last: what one access point has for itself is soon forgotten again.
    """
    return lru_cache(maxsize=most)(at_once)
