"""`wifi-manager site`: what a site has of its own."""

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.domain.visits import OFFERED, Method

COMMAND_LINE = "command line"


@click.group()
def site() -> None:
    """Give a site something of its own; the rest is as the city is."""


@site.command()
@click.argument("district")
@click.argument("name")
@click.option("--way", multiple=True, type=click.Choice(OFFERED), help="A way in to offer, the main one first.")
@pass_installation
def ways(installation: Installation, district: str, name: str, way: list[str]) -> None:
    """Let the portal at site NAME in DISTRICT offer these ways in; without any, those of [portal] ways."""
    from wifi_manager.services.places import Places

    places = Places(installation.store(), installation.services.clock)
    places.offer((district, name), tuple(map(Method, way)), COMMAND_LINE)
    said = ", ".join(way) if way else "what the city offers"
    click.echo(f"From the next sign-in on, {name} offers {said}.")
