"""Operators, the people of city IT, and what each role may do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an operator may do; each role may do all that stands before it."""

    VIEWER = "viewer"  # sees everything but secrets
    OPERATOR = "operator"  # changes sites, access points, visits; starts rollouts
    ADMIN = "admin"  # also manages operators and settings


class Action(StrEnum):
    """Things that need a permission, named once."""

    VIEW = "view"
    CHANGE = "change"
    ADMINISTER = "administer"


_NEEDS = {Action.VIEW: Role.VIEWER, Action.CHANGE: Role.OPERATOR, Action.ADMINISTER: Role.ADMIN}
_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Operator:
    """A person of city IT who may sign in to the console. The name is a login name, unique within the city."""

    name: str
    role: Role
    is_active: bool = True

    def may(self, action: Action) -> bool:
        """True if this operator's role allows the action."""
        return self.is_active and _RANK[self.role] >= _RANK[_NEEDS[action]]
