"""A gateway's agent whose wall clock stands as many seconds off as a file says: `jumping_clock CONFIG FILE`.

The kernel's clock cannot be set for one process. The agent is handed its clock, so nothing else of it is another one.
"""

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wifi_manager.gateway import service
from wifi_manager.gateway.settings_file import load


@dataclass(frozen=True, slots=True)
class JumpingClock:
    file: Path

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=int(self.file.read_text()))


if __name__ == "__main__":
    asyncio.run(service.run(load(Path(sys.argv[1])), JumpingClock(Path(sys.argv[2]))))
