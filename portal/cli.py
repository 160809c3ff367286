"""`wifi-manager portal`: the process that citizens talk to."""

import sys
from pathlib import Path

import click

from wifi_manager import log
from wifi_manager.cli.installation import Installation, pass_installation


@click.group()
def portal() -> None:
    """Pages that citizens sign in on."""


@portal.command()
@pass_installation
def run(installation: Installation) -> None:
    """Serve the sign-in pages until told to stop."""
    from portal import serving
    from wifi_manager import assembly

    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    serving.run(settings, assembly.admission(settings))


@portal.command()
@click.argument("district")
@click.argument("site")
@click.option("--ssid", required=True, help="Name of the Wi-Fi, as phones see it.")
@click.option("--language", multiple=True, help="A language of the city, the large one first; all without it.")
@click.option("--paper", type=click.Choice(["a4", "a3"]), default="a4", show_default=True, help="Size of the paper.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("poster.html"),
    show_default=True,
    help="File to write: open it in a browser and print it.",
)
@pass_installation
def poster(
    installation: Installation,
    district: str,
    site: str,
    ssid: str,
    language: tuple[str, ...],
    paper: str,
    output: Path,
) -> None:
    """Make a poster for SITE in DISTRICT: a code that joins the Wi-Fi, and the steps in the city's languages."""
    from portal.poster import posters
    from wifi_manager.web.posters import Paper, Wanted

    made = posters(installation.settings, installation.store()).make(
        Wanted((district, site), ssid, language, Paper(paper))
    )
    output.write_text(made, encoding="utf-8")
    click.echo(f"{output}: open it in a browser and print it on {paper.upper()}, without margins.")
