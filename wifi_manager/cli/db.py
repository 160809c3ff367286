"""`wifi-manager db`: brings the database to the newest schema, or says what it lacks."""

import click

from wifi_manager import assembly
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.storage import migrate


@click.group()
def db() -> None:
    """Make the database and keep it up to date."""


@db.command()
@pass_installation
def upgrade(installation: Installation) -> None:
    """Apply every missing migration and add the city; the first time, this makes the database."""
    city = assembly.city(installation.settings)
    applied = migrate.upgrade(assembly.engine(installation.settings), city)
    click.echo(f"Applied {', '.join(applied)}." if applied else "The database was up to date.")
    click.echo(f"City: {city.name} ({city.slug}).")


@db.command()
@pass_installation
def check(installation: Installation) -> None:
    """Say what the database lacks; exit code 1 if anything."""
    engine = assembly.engine(installation.settings)
    missing = migrate.pending(engine)
    if missing:
        raise click.ClickException(f"Migrations are missing: {', '.join(missing)}. Run: wifi-manager db upgrade")
    different = migrate.differences(engine)
    if different:
        raise click.ClickException(f"The tables are not as this program made them: {different}")
    click.echo("The database is up to date.")
