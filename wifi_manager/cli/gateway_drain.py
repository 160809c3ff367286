"""`wifi-manager gateway drain` and `undrain`: before a gateway is taken away, and after."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from wifi_manager.cli.gateway_options import config_option
from wifi_manager.clock import SystemClock
from wifi_manager.gateway.deciding.drain import Drain, Draining
from wifi_manager.gateway.settings_file import load
from wifi_manager.gateway.state import StateFolder


class Moment(click.ParamType[datetime]):
    """A time of day, the next one that comes, or a date with a time: by this machine's clock if it names no zone."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Raises click.BadParameter for what is neither, or is over."""
        now = SystemClock().now()
        try:
            moment = next_time(value, now)
        except ValueError:
            self.fail(f"{value!r} is no time: it is like 03:30 or 2030-06-03T03:30.", param, ctx)
        if moment <= now:
            self.fail(f"{value} is over.", param, ctx)
        return moment


def next_time(text: str, now: datetime) -> datetime:
    """The moment that is meant, with its time zone. Raises ValueError for what is none."""
    try:
        of_day = time.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text).astimezone()
    today = datetime.combine(now.astimezone(), of_day).astimezone()
    return today if today > now else today + timedelta(days=1)


@click.command()
@config_option
@click.option("--until", type=Moment(), help="End visits that still run then, such as 03:30. Else each has its time.")
def drain(config: Path, until: datetime | None) -> None:
    """Take no newcomers, so that this gateway can be taken away. Also after a restart; `undrain` ends it."""
    Draining(StateFolder(load(config).state)).begin(Drain(until))
    end = "have their time" if until is None else f"stay until {until:%Y-%m-%d %H:%M %Z} at most"
    click.echo(f"No newcomers from now on. Visits {end}; wifi-manager gateway show tells how many are left.")


@click.command()
@config_option
def undrain(config: Path) -> None:
    """Take newcomers again. Visits that a drain has ended and that have time left go on."""
    Draining(StateFolder(load(config).state)).end()
    click.echo("Newcomers are welcome.")
