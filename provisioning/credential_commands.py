"""`wifi-manager provision credentials`: the keys that sign in to access points."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import click

from provisioning.fleet_commands import actor, make_link
from provisioning.platforms import WATCHED
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.domain.errors import BadInput, NotFound, WifiError

if TYPE_CHECKING:
    from provisioning.credentials import Rotation


@click.group()
def credentials() -> None:
    """The keys that sign in to access points; they lie sealed in the database."""


@credentials.command()
@click.argument("access_points", metavar="[ACCESS_POINT]...", nargs=-1)
@click.option("--site", help="All of a site: DISTRICT/NAME.")
@click.option("--all", "everywhere", is_flag=True, help="All of the city.")
@click.option("--parallel", default=8, show_default=True, help="Access points at the same time.")
@pass_installation
def rotate(
    installation: Installation, access_points: tuple[str, ...], site: str | None, parallel: int, *, everywhere: bool
) -> None:
    """Give each of these access points a new key of its own, and take the old one away once the new one was tried.

    May be stopped and repeated at any time: a stored key is always one that works.
    """
    rotation = _rotation(installation)
    names = _chosen(rotation, access_points, site, everywhere=everywhere)
    with ThreadPoolExecutor(parallel, "rotate") as pool:
        problems = dict(zip(names, pool.map(lambda name: _problem(rotation, name), names), strict=True))
    failed = {name: why for name, why in problems.items() if why}
    click.echo("".join(f"{name}: {why}\n" for name, why in failed.items()), nl=False)
    click.echo(f"{len(names) - len(failed)} of {len(names)} have a new key.")
    raise SystemExit(1 if failed else 0)


def _chosen(rotation: "Rotation", names: tuple[str, ...], site: str | None, *, everywhere: bool) -> list[str]:
    if sum((bool(names), site is not None, everywhere)) != 1:
        raise BadInput("Say which: the numbers of access points, or --site DISTRICT/NAME, or --all.")
    if names:
        return [rotation.keeping.access_point(name).external_id for name in names]
    ours = [each for each in rotation.keeping.managed() if each.platform not in WATCHED]
    found = [each for each in ours if everywhere or "/".join(each.site.key) == site]
    if not found:
        raise NotFound("No managed access point is there. `wifi-manager fleet list` shows districts and sites.")
    return [each.external_id for each in found]


def _problem(rotation: "Rotation", name: str) -> str:
    """What went wrong, in words; empty when nothing did."""
    try:
        rotation.rotate(name)
    except WifiError as why:
        return str(why)
    return ""


def _rotation(installation: Installation) -> "Rotation":
    from provisioning.credentials import Rotation
    from wifi_manager import assembly

    keeping = assembly.credential_keeping(installation.settings)
    click.get_current_context().call_on_close(keeping.store.dispose)
    return Rotation(keeping, make_link, actor())


COMMANDS = (credentials,)
