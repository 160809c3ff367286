"""Whether frames of phones are guarded on every network."""

import asyncio
import os
from collections.abc import Iterator

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.checking.findings import Finding, good, unknown, warning
from wifi_manager.gateway.guard.plan import plan_guard
from wifi_manager.gateway.settings import GatewaySettings

_ABOUT = "guard"


def layer2(settings: GatewaySettings) -> Iterator[Finding]:
    """One finding for each gap. Only root may ask the kernel."""
    if os.geteuid():
        yield unknown(_ABOUT, "What the kernel can guard, only root can ask.", "sudo wifi-manager gateway check")
        return
    try:
        plan = asyncio.run(plan_guard(settings))
    except OutsideFailure as problem:
        yield unknown(_ABOUT, str(problem))
        return
    yield from (warning(_ABOUT, gap.says, gap.mend) for gap in plan.gaps)
    if not plan.gaps:
        yield good(_ABOUT, "Frames of phones are guarded on every network.")
