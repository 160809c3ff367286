"""`wifi-manager law`: what the city keeps how long, and whether the database holds to it."""

import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.law import FIXED, NEVER_KEPT, OPTIONAL_CONSENTS, LegalProfile


@click.group()
def law() -> None:
    """What the city keeps how long, and by which rule."""


@law.command()
@pass_installation
def show(installation: Installation) -> None:
    """Say the city's legal profile ([city] law) in plain words."""
    from wifi_manager import assembly

    for line in said(assembly.law(installation.settings)):
        click.echo(line)


@law.command()
@json_option
@pass_installation
def check(installation: Installation, *, as_json: bool) -> None:
    """Compare the database with the legal profile: exit code 1 while it holds what is too old."""
    from wifi_manager import assembly

    stewardship = assembly.stewardship(installation.settings)
    try:
        found = stewardship.holdings()
    finally:
        stewardship.store.dispose()
    if as_json:
        say_json([asdict(each) for each in found])
    else:
        rows = [[str(value) for value in asdict(each).values()] for each in found]
        say_table(("TABLE", "KIND", "ROWS", "TOO OLD", "OLDEST"), rows)
    if any(each.overdue for each in found):
        click.echo(
            "Some records are older than they may be. Run `wifi-manager tidy`, and let it run always.", err=True
        )
        sys.exit(1)


def said(profile: LegalProfile) -> Iterator[str]:
    """The profile, line by line."""
    yield f"{profile.title} ({profile.name})"
    yield profile.not_legal_advice
    yield ""
    yield "Kept, and then erased at the next midnight (UTC) by `wifi-manager tidy`:"
    for kind, keeping in profile.keep.items():
        held = ", also when its citizen asks for erasure" if keeping.held else ""
        yield f"- {_named(kind)}: {_days(keeping.days)}{held}. {keeping.source}."
    for kind, time in FIXED.items():
        yield f"- {_named(kind)}: {int(time.total_seconds() // 60)} minutes, in every city."
    yield ""
    yield f"Never kept: {'; '.join(NEVER_KEPT.values())}. {profile.never_kept_source}."
    yield f"Devices have pseudonyms, whose key is replaced after {_days(profile.key_days)}. {profile.key_source}."
    offered = "; ".join(OPTIONAL_CONSENTS[each] for each in profile.optional_consents) or "none"
    yield f"Optional consents, off until a citizen gives them: {offered}. {profile.consent_source}."
    yield f"{_guardian(profile.guardian_below_age)} {profile.age_source}."


def _named(kind: str) -> str:
    return kind.replace("_", " ")


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _guardian(age: int) -> str:
    if not age:
        return "No consent here needs a guardian."
    return f"Whoever is younger than {age} gives no optional consent. Getting online needs none, and no age is asked."
