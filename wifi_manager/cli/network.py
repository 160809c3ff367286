"""`wifi-manager network`: what a gateway's networks have of their own."""

from typing import TYPE_CHECKING

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.networks import Network, Place
from wifi_manager.domain.visits import OFFERED, Method

if TYPE_CHECKING:
    from wifi_manager.services.networks import Networks

COMMAND_LINE = "command line"


@click.group()
def network() -> None:
    """Give networks of a gateway a site, a plan or a greeting of their own; the rest is as the gateway is."""


@network.command(name="set")
@click.argument("gateway")
@click.argument("name")
@click.option("--district", default="", help="District of the site that it is at.")
@click.option("--site", default="", help="Name of the site that it is at.")
@click.option("--plan", help="Plan of whoever signs in there.")
@click.option("--greeting", multiple=True, help="What the sign-in page says there: LANGUAGE=TEXT, once a language.")
@click.option("--way", multiple=True, type=click.Choice(OFFERED), help="A way in that its portal offers; repeat it.")
@pass_installation
def set_(
    installation: Installation,
    gateway: str,
    name: str,
    district: str,
    site: str,
    plan: str | None,
    greeting: list[str],
    way: list[str],
) -> None:
    """Say all that network NAME (as in gateway.toml) of GATEWAY has of its own; what was said before is replaced."""
    where = (district, site) if district or site else None
    greetings = dict(_greeting(installation, each) for each in greeting)
    place = Place(where, plan, greetings, tuple(map(Method, way)))
    _networks(installation).set(Network(gateway, name, place), COMMAND_LINE)
    click.echo(f"{name} of {gateway} has this from the next sign-in on.")


@network.command()
@click.argument("gateway")
@click.argument("name")
@pass_installation
def remove(installation: Installation, gateway: str, name: str) -> None:
    """Let network NAME be as its GATEWAY is."""
    _networks(installation).remove(gateway, name, COMMAND_LINE)
    click.echo(f"{name} is as {gateway} is from the next sign-in on.")


@network.command(name="list")
@json_option
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show every network that has something of its own."""
    found = _networks(installation).all()
    if as_json:
        say_json([_document(each) for each in found])
        return
    say_table(("GATEWAY", "NETWORK", "SITE", "PLAN", "WAYS", "GREETINGS"), map(_line, found))


def _networks(installation: Installation) -> "Networks":
    from wifi_manager.services.networks import Networks

    return Networks(installation.store(), installation.services.clock)


def _greeting(installation: Installation, given: str) -> tuple[str, str]:
    language, sign, text = given.partition("=")
    known = installation.settings.city.languages
    if not sign or language not in known:
        raise BadInput(f"A greeting is LANGUAGE=TEXT with one of the city's languages ({', '.join(known)}).")
    return language, text


def _document(network: Network) -> dict[str, object]:
    place = network.place
    told = {"site": place.site, "plan": place.plan, "greetings": dict(place.greetings), "ways": list(place.ways)}
    return {"gateway": network.gateway, "network": network.name, **told}


def _line(network: Network) -> tuple[str, ...]:
    place = network.place
    site = "" if place.site is None else ", ".join(reversed(place.site))
    plan, ways, greetings = place.plan or "", " ".join(place.ways), " ".join(sorted(place.greetings))
    return network.gateway, network.name, site, plan, ways, greetings
