"""The section [provisioning]."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class Provisioning:
    """How access points are changed."""

    second_person: bool = key(
        False,
        rules.yes_or_no(),
        "Whether somebody else than whoever proposed it must approve a layer of intent and a rollout.",
    )
    starts_a_second: float = key(
        10.0, rules.number(0.1, 1000), "How many pushes a worker may begin in a second, of all rollouts together."
    )
