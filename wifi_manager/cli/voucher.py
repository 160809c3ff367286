"""`wifi-manager voucher`: codes on cards that let citizens in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.cli.secret_files import new_files, write
from wifi_manager.domain.days import end_of_day, last_day
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.vouchers import MOST_CODES, Allowance, Batch, read_code, show_code

if TYPE_CHECKING:
    from wifi_manager.services.vouchers import Vouchers
    from wifi_manager.storage.vouchers import KeptBatch

COMMAND_LINE = "command line"
_PATH = click.Path(path_type=Path, dir_okay=False)
_ALL = click.IntRange(min=0)


@click.group()
def voucher() -> None:
    """Issue codes on cards that let citizens in, and revoke them."""


@voucher.command()
@click.argument("name")
@click.option("--count", type=click.IntRange(1, MOST_CODES), required=True, help="How many codes.")
@click.option("--codes", type=_PATH, help="New file for the codes, one a line, that only you can open.")
@click.option("--cards", type=_PATH, help="New file for cards to print (HTML), that only you can open.")
@click.option("--plan", help="What a visit may use.  [default: the plan of the place]")
@click.option("--uses", type=_ALL, default=1, show_default=True, help="Devices a code lets in in all; 0: no limit.")
@click.option("--devices", type=_ALL, default=1, show_default=True, help="Of them at a time; 0: no limit.")
@click.option("--until", help="The last day, in the city's time: YYYY-MM-DD.")
@click.option("--hours", type=click.FloatRange(min=0.1), help="How long a code lasts from its first use.")
@click.option("--megabytes", type=click.IntRange(min=1), help="Data of all visits with a code together.")
@pass_installation
def issue(
    installation: Installation,
    name: str,
    count: int,
    codes: Path | None,
    cards: Path | None,
    plan: str | None,
    uses: int,
    devices: int,
    until: str | None,
    hours: float | None,
    megabytes: int | None,
) -> None:
    """Make a batch called NAME. Its codes are written to the files this once; the database keeps digests alone."""
    if codes is None and cards is None:
        raise BadInput("Say where the codes go: --cards FILE to print them, --codes FILE for a list, or both.")
    zone = ZoneInfo(installation.settings.city.time_zone)
    allowance = Allowance(
        plan=plan,
        uses=uses or None,
        devices=devices or None,
        good_until=None if until is None else end_of_day(until, zone),
        lasts=None if hours is None else timedelta(hours=hours),
        volume_bytes=None if megabytes is None else megabytes * 1_000_000,
    )
    with _vouchers(installation) as vouchers, new_files(codes, cards) as files:
        issued = vouchers.issue(name, allowance, count, COMMAND_LINE)
        write(files.get(codes), "".join(f"{show_code(each)}\n" for each in issued.codes))
        write(files.get(cards), _page(installation, issued.batch, list(enumerate(issued.codes, 1))))
    click.echo(
        f"Batch {name}: {count} codes in {' and '.join(str(each) for each in files)}. They are kept nowhere else."
    )


@voucher.command(name="list")
@json_option
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show every batch with how many of its codes are used and revoked."""
    with _vouchers(installation) as vouchers:
        now, zone = vouchers.clock.now(), ZoneInfo(installation.settings.city.time_zone)
        found = [_line(each, now, zone) for each in vouchers.all()]
    if as_json:
        say_json(found)
    elif found:
        say_table(
            [name.upper() for name in found[0]],
            [["" if cell is None else str(cell) for cell in each.values()] for each in found],
        )
    else:
        click.echo("There is no batch yet. Make one: wifi-manager voucher issue NAME --count 40 --cards FILE")


@voucher.command()
@click.argument("name")
@click.option("--number", type=click.IntRange(min=1), help="Only the code with this number on its card.")
@pass_installation
def revoke(installation: Installation, name: str, number: int | None) -> None:
    """Revoke batch NAME, or one of its codes, and end the visits that were opened with it."""
    with _vouchers(installation) as vouchers:
        count = vouchers.revoke(name, COMMAND_LINE, number)
    click.echo(f"{count} codes are revoked; visits that ran with them have ended.")


@voucher.command(name="print")
@click.argument("name")
@click.option("--codes", type=click.File(encoding="utf-8"), required=True, help="The file that `issue` wrote.")
@click.option("--cards", type=_PATH, required=True, help="New file for the cards (HTML), that only you can open.")
@pass_installation
def print_(installation: Installation, name: str, codes: IO[str], cards: Path) -> None:
    """Make cards of codes of batch NAME that were kept in a file."""
    typed = [read_code(line) for line in codes if line.strip()]
    with _vouchers(installation) as vouchers, new_files(None, cards) as files:
        numbers, batch = vouchers.numbers(name, typed), vouchers.batch(name)
        write(files.get(cards), _page(installation, batch, list(zip(numbers, typed, strict=True))))
    click.echo(f"{len(typed)} cards in {cards}.")


@contextmanager
def _vouchers(installation: Installation) -> "Iterator[Vouchers]":
    from wifi_manager import assembly

    vouchers = assembly.vouchers(installation.settings)
    try:
        yield vouchers
    finally:
        vouchers.store.dispose()


def _page(installation: Installation, batch: Batch, codes: Sequence[tuple[int, str]]) -> str:
    from wifi_manager.web.cards import Card, design, page

    return page(design(installation.settings), batch, [Card(*each) for each in codes])


def _line(kept: "KeptBatch", now: datetime, zone: ZoneInfo) -> dict[str, object]:
    batch, allowed = kept.batch, kept.batch.allowance
    return {
        "name": batch.name,
        "state": batch.state(now).value,
        "codes": kept.codes,
        "used": kept.used,
        "revoked": kept.revoked,
        "plan": allowed.plan,
        "uses": allowed.uses,
        "devices": allowed.devices,
        "until": None if allowed.good_until is None else last_day(allowed.good_until, zone),
        "seconds": None if allowed.lasts is None else int(allowed.lasts.total_seconds()),
        "bytes": allowed.volume_bytes,
    }
