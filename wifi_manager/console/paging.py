"""Which lines of how many a page shows."""

from dataclasses import dataclass

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Paging:
    """Page numbers begin with 1; one beyond the last is the last."""

    wanted: int
    total: int

    @property
    def last(self) -> int:
        """Number of the last page."""
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def number(self) -> int:
        """Number of this page."""
        return min(self.wanted, self.last)

    @property
    def first_line(self) -> int:
        """Number of the page's first line, from 1 on."""
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def last_line(self) -> int:
        """Number of the page's last line."""
        return min(self.number * PAGE_SIZE, self.total)
