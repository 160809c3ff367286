"""`wifi-manager db`: brings the database to the newest schema, or says what it lacks."""

import click

from wifi_manager.cli.installation import Installation, pass_installation


@click.group()
def db() -> None:
    """Make the database and keep it up to date."""


@db.command()
@pass_installation
def upgrade(installation: Installation) -> None:
    """Apply every missing migration, add the city and new plans; the first time, this makes the database."""
    applied, added = bring_up_to_date(installation)
    city = installation.settings.city
    click.echo(f"Applied {', '.join(applied)}." if applied else "The database was up to date.")
    if added:
        click.echo(f"Plans added: {', '.join(added)}.")
    click.echo(f"City: {city.name} ({city.slug}).")


def bring_up_to_date(installation: Installation) -> tuple[list[str], list[str]]:
    """Upgrade the database, add what a city begins with: which migrations and plans came. Raises BadInput."""
    from wifi_manager import assembly, shipped
    from wifi_manager.services.plans import seed_plans
    from wifi_manager.storage import migrate

    with assembly.engine(installation.settings) as engine:
        applied = migrate.upgrade(engine, assembly.city(installation.settings))
    return applied, seed_plans(installation.store(), shipped.configs() / "plans.toml")


@db.command()
@pass_installation
def check(installation: Installation) -> None:
    """Say what the database lacks; exit code 1 if anything."""
    from wifi_manager import assembly
    from wifi_manager.storage import migrate

    with assembly.engine(installation.settings) as engine:
        missing = migrate.pending(engine)
        different = "" if missing else migrate.differences(engine)
    if missing:
        raise click.ClickException(f"Migrations are missing: {', '.join(missing)}. Run: wifi-manager db upgrade")
    if different:
        raise click.ClickException(f"The tables are not as this program made them: {different}")
    click.echo("The database is up to date.")
