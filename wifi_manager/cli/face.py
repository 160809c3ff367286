"""`wifi-manager face`: what the portal shows of its own in the city, a district or at a site."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.faces import Scope

if TYPE_CHECKING:
    from wifi_manager.services.faces import FaceControl

COMMAND_LINE = "command line"
_district = click.option("--district", default="", help="A district; without it, the whole city.")
_site = click.option("--site", default="", help="A site of that district.")


@click.group()
def face() -> None:
    """Name, colour, logo, notices and venue page that the portal shows; every version stays."""


@face.command(name="set")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_district
@_site
@pass_installation
def set_(installation: Installation, file: Path, district: str, site: str) -> None:
    """Show what FILE says (docs/faces.md has an example) in the city, a district or at a site, within 5 seconds."""
    from wifi_manager.services import face_files

    scope = _scope(district, site)
    number, made = _control(installation).set(scope, face_files.read(file), COMMAND_LINE)
    for remark in made.accent.remarks if made.accent else ():
        click.echo(f"Note: {remark}")
    click.echo(f"Version {number} is shown for {scope}.")


@face.command()
@_district
@_site
@pass_installation
def show(installation: Installation, district: str, site: str) -> None:
    """Print the document that is in force, as `face set` reads it."""
    from wifi_manager.services import face_files

    found = _control(installation).history(_scope(district, site))
    if not found:
        raise NotFound("Nothing of its own is shown there. `wifi-manager face set` sets it.")
    click.echo(face_files.write(found[0].document), nl=False)


@face.command()
@_district
@_site
@json_option
@pass_installation
def history(installation: Installation, district: str, site: str, *, as_json: bool) -> None:
    """List all versions, the newest first: the first one is in force."""
    found = _control(installation).history(_scope(district, site))
    if as_json:
        say_json([{"version": v.number, "by": v.set_by, "at": v.set_at, "document": dict(v.document)} for v in found])
        return
    say_table(("VERSION", "BY", "AT"), [(str(v.number), v.set_by, f"{v.set_at:%Y-%m-%d %H:%M} UTC") for v in found])


@face.command()
@click.argument("version", type=int)
@pass_installation
def restore(installation: Installation, version: int) -> None:
    """Show an older VERSION again, as a new one."""
    number = _control(installation).restore(version, COMMAND_LINE)
    click.echo(f"Version {version} is shown again, as version {number}.")


def _scope(district: str, site: str) -> Scope:
    if site and not district:
        raise BadInput("A site is named by its district and its name: give --district too.")
    return Scope(district, site)


def _control(installation: Installation) -> "FaceControl":
    from wifi_manager.services.faces import FaceControl

    languages = installation.settings.city.languages
    return FaceControl(installation.store(), installation.services.clock, languages)
