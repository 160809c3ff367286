"""What one installation is told: a TOML file, then environment variables over it. Every error is reported at once.

Each key is described once, where it is declared: `pages.py` makes the reference page and the example file from it.
A variable is named WIFI_MANAGER_<SECTION>_<KEY>, for instance WIFI_MANAGER_DATABASE_URL; commas separate a list.
"""

import base64
import binascii
import os
import secrets
import stat
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from wifi_manager.settings import rules
from wifi_manager.settings.accounts import AccountSettings
from wifi_manager.settings.backups import Backups
from wifi_manager.settings.certificates import Certificates
from wifi_manager.settings.collection import CollectionSettings
from wifi_manager.settings.desk import Emergency, Reports
from wifi_manager.settings.eid import Eid
from wifi_manager.settings.exporter import Exporter
from wifi_manager.settings.logs import Log
from wifi_manager.settings.mail import Mail
from wifi_manager.settings.open_data import OpenDataSettings
from wifi_manager.settings.passes import Passes
from wifi_manager.settings.provisioning import Provisioning
from wifi_manager.settings.radius import Radius
from wifi_manager.settings.relief import Relief
from wifi_manager.settings.returning import Returning
from wifi_manager.settings.rules import Rule, key
from wifi_manager.settings.sms import Sms
from wifi_manager.settings.vouchers import VoucherSettings

PREFIX = "WIFI_MANAGER_"
CONFIG_VARIABLE = f"{PREFIX}CONFIG"  # read by the command line: which file to load
SECRET_BYTES = 32


class SettingsError(Exception):
    """The settings cannot be used. The message has a line for each problem: where, which key, what fits there."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


_HOST = rules.text("a host name or an IP address", r"[0-9A-Za-z.:-]+")
_PORT = rules.whole_number(1, 65535)
_WEB = rules.url("https", "http")
_PEM = rules.text("the path of a PEM file, or empty", ".*")
_LISTEN = "Address that the process listens on. Keep it local behind a balancer or proxy that speaks TLS."


@dataclass(frozen=True, slots=True)
class City:
    """The city whose Wi-Fi this is."""

    slug: str = key(
        "city",
        rules.text("2 to 32 small letters, digits and hyphens", "[a-z][a-z0-9-]{1,31}"),
        "Short name that every row, key and metric of this city carries. Never change it later.",
        "seoul",
    )
    name: str = key(
        "Public Wi-Fi", rules.text("1 to 80 characters", ".{1,80}"), "Name that citizens read.", "Seoul Public WiFi"
    )
    languages: tuple[str, ...] = key(
        ("ko", "en", "zh-Hans", "zh-Hant", "ja", "vi", "fil", "es", "ar"),
        rules.texts("a list of language tags", "[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"),
        "Languages that citizens may choose from; the first one serves whoever asks for none of them.",
    )
    time_zone: str = key("Asia/Seoul", rules.time_zone(), "Where the city's days begin and end: plans and reports.")
    law: str = key(
        "eu-strict",
        rules.text("the name of a profile in configs/law, or the path of a file that ends in .toml", r".{1,200}"),
        "Legal profile: what is kept how long, and by which rule. `wifi-manager law show` says it in plain words.",
        "seoul",
    )


@dataclass(frozen=True, slots=True)
class Database:
    """Where the rows are kept."""

    url: str = key(
        "sqlite:///var/wifi-manager.db",
        rules.database_url(),
        "SQLite for one machine (a relative path starts in the working directory), PostgreSQL for several. "
        "It may hold a password: then give it as a variable, not in the file.",
        "postgresql://wifi@db.example/wifi",
        secret=True,
    )
    busy_timeout_seconds: float = key(
        5.0, rules.number(0.1, 60), "How long SQLite waits for another process's write before it gives up.", unit="s"
    )


@dataclass(frozen=True, slots=True)
class Portal:
    """The pages citizens sign in on: `wifi-manager portal run`."""

    host: str = key("127.0.0.1", _HOST, _LISTEN)
    port: int = key(8000, _PORT, "TCP port of the sign-in pages.")
    public_url: str = key(
        "http://127.0.0.1:8000", _WEB, "Address that gateways send phones to.", "https://wifi.example"
    )
    fresh_ticket_url: str = key(
        "http://wifi.home.arpa",
        _WEB,
        "The gateways' own name as citizens know it from signs: whoever opens it gets a fresh sign-in link.",
    )
    plan: str = key(
        "day",
        rules.text("1 to 80 characters", ".{1,80}"),
        "Plan of whoever signs in with one tap; see configs/plans.toml.",
    )
    ways: tuple[str, ...] = key(
        ("click_through",),
        rules.texts(
            "a list of click_through, sms, voucher, account, eid, radius",
            "click_through|sms|voucher|account|eid|radius",
        ),
        "Ways in that citizens are offered, the main one first; `network set` and `site ways` give a place others.",
        ("click_through", "voucher"),
    )
    contact: str = key(
        "",
        rules.text("at most 120 characters", ".{0,120}"),
        "Whom citizens ask when a page cannot help them, such as a telephone number; empty: the staff of the place.",
        "120, or help@wifi.example",
    )
    terms_version: str = key(
        "newest",
        rules.text("a name of a folder in configs/terms, or newest", "[0-9a-z][0-9a-z.-]{0,39}"),
        "Terms that citizens accept.",
        "2026-11",
    )
    threads: int = key(
        32, rules.whole_number(1, 256), "Requests at a time in each worker. What a crowd asks takes none of them."
    )
    workers: int = key(
        1, rules.whole_number(1, 64), "Processes that answer, one a core; the metrics of each are one port higher."
    )
    certificate_file: str = key(
        "",
        _PEM,
        "Certificate of the public address, with its chain. Without it the portal speaks plain HTTP: then keep it on "
        "loopback, behind a proxy that speaks TLS.",
        "/etc/wifi-manager/portal.pem",
    )
    key_file: str = key("", _PEM, "The certificate's private key.", "/etc/wifi-manager/portal.key")
    metrics_host: str = key("127.0.0.1", _HOST, "Address that the portal's own metrics are read at, never public.")
    metrics_port: int = key(8010, _PORT, "TCP port of the portal's own metrics.")


@dataclass(frozen=True, slots=True)
class Console:
    """The pages of city IT and their REST API: `wifi-manager console run`."""

    host: str = key("127.0.0.1", _HOST, _LISTEN)
    port: int = key(8001, _PORT, "TCP port of the console.")
    public_url: str = key(
        "http://127.0.0.1:8001", _WEB, "Address that operators open.", "https://wifi-console.example"
    )
    secret_key_file: Path = key(  # noqa: RUF009 - it declares a field
        Path("var/console.key"),
        rules.file_path(),
        "File with the key that signs operators' cookies; all console processes share it.",
        Path("/etc/wifi-manager/console.key"),
    )


@dataclass(frozen=True, slots=True)
class Control:
    """Where gateways fetch grants and report usage: `wifi-manager control run`."""

    host: str = key("127.0.0.1", _HOST, _LISTEN)
    port: int = key(8002, _PORT, "TCP port for gateways.")
    public_url: str = key(
        "http://127.0.0.1:8002", _WEB, "Address that gateways call.", "https://wifi-control.example"
    )
    certificate_file: str = key(
        "",
        _PEM,
        "Certificate that gateways pin, with its chain. Without it control speaks plain HTTP: then keep it on "
        "loopback, behind a proxy that speaks TLS and passes paths on as they are.",
        "/etc/wifi-manager/control.pem",
    )
    key_file: str = key("", _PEM, "The certificate's private key.", "/etc/wifi-manager/control.key")
    polls: int = key(
        512,
        rules.whole_number(1, 2048),
        "How many gateways may wait for grants at this process at a time; each takes a thread. For more of them "
        "run several processes behind a balancer.",
    )
    metrics_host: str = key("127.0.0.1", _HOST, "Address that control's own metrics are read at, never public.")
    metrics_port: int = key(8012, _PORT, "TCP port of control's own metrics.")


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys that must not be in the database they protect."""

    master_key_file: Path = key(  # noqa: RUF009 - it declares a field
        Path("var/master.key"),
        rules.file_path(),
        "File with the key that seals credentials of gateways and access points at rest. Keep a copy elsewhere.",
        Path("/etc/wifi-manager/master.key"),
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All sections. A section's name is its table in the TOML file."""

    city: City = field(default_factory=City)
    database: Database = field(default_factory=Database)
    portal: Portal = field(default_factory=Portal)
    open_data: OpenDataSettings = field(default_factory=OpenDataSettings)
    relief: Relief = field(default_factory=Relief)
    sms: Sms = field(default_factory=Sms)
    console: Console = field(default_factory=Console)
    control: Control = field(default_factory=Control)
    passes: Passes = field(default_factory=Passes)
    returning: Returning = field(default_factory=Returning)
    reports: Reports = field(default_factory=Reports)
    emergency: Emergency = field(default_factory=Emergency)
    exporter: Exporter = field(default_factory=Exporter)
    certificates: Certificates = field(default_factory=Certificates)
    provisioning: Provisioning = field(default_factory=Provisioning)
    collection: CollectionSettings = field(default_factory=CollectionSettings)
    backups: Backups = field(default_factory=Backups)
    voucher: VoucherSettings = field(default_factory=VoucherSettings)
    account: AccountSettings = field(default_factory=AccountSettings)
    mail: Mail = field(default_factory=Mail)
    eid: Eid = field(default_factory=Eid)
    radius: Radius = field(default_factory=Radius)
    log: Log = field(default_factory=Log)
    keys: Keys = field(default_factory=Keys)


# Keys of former versions, and what to write instead.
_INSTEAD_OF_RETENTION = (
    'Write law = "NAME" instead: a legal profile in configs/law says how long each kind of record is kept. '
    "To keep visits for another time, copy a profile and give the path of your file."
)
_GONE = {("city", "retention_days"): _INSTEAD_OF_RETENTION}
SECTIONS: Mapping[str, type[Any]] = {each.name: each.default_factory for each in fields(Settings)}  # type: ignore[misc]  # each one has a factory, which is its class


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings from the file (None: none) and the variables over it. Raises SettingsError with all problems."""
    problems: list[str] = []
    values: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for given in (*_from_file(path, problems), *_from_environment(environ, problems)):
        try:
            values[given.section][given.field.name] = given.read()
        except ValueError:
            problems.append(given.problem())
    if problems:
        raise SettingsError(problems)
    return Settings(**{section: kind(**values[section]) for section, kind in SECTIONS.items()})


def variable(section: str, name: str) -> str:
    """The environment variable that overrides this key."""
    return f"{PREFIX}{section}_{name}".upper()


def secret(path: Path) -> bytes:
    """The secret in a file of base64 text (RFC 4648). Raises SettingsError: missing, open to all, short."""
    lines = secret_lines(path)
    if len(lines) != 1 or lines[0][0]:
        raise _bad_secret(path, "is not base64 text")
    return lines[0][1]


def secret_lines(path: Path) -> list[tuple[str, bytes]]:
    """Secrets in a file, a line each: the word before it (empty: none) and its bytes. Raises SettingsError."""
    try:
        mode = path.stat().st_mode
        lines = [line.rpartition(" ") for line in path.read_text(encoding="ascii").strip().splitlines() or [""]]
        values = [(word, base64.b64decode(text, b"-_", validate=True)) for word, _, text in lines]
    except OSError as missing:
        raise _bad_secret(path, f"cannot be read ({missing.strerror})") from missing
    except (UnicodeDecodeError, binascii.Error) as damaged:
        raise _bad_secret(path, "is not base64 text") from damaged
    if mode & stat.S_IRWXO:
        raise SettingsError([f"{path}: every user of this machine can open this secret. Run: chmod 600 {path}"])
    if short := [len(value) for _, value in values if len(value) < SECRET_BYTES]:
        raise _bad_secret(path, f"holds {short[0]} bytes, fewer than {SECRET_BYTES}")
    return values


def make_secret_file(path: Path) -> None:
    """Write 32 new random bytes as URL-safe base64, for the owner alone. Raises SettingsError if it exists."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as refused:
        raise SettingsError([f"{path}: a secret is never overwritten or half made: {refused.strerror}."]) from refused
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)) + b"\n")


@dataclass(frozen=True, slots=True)
class _Given:
    """One value somebody gave, and where."""

    where: str
    section: str
    field: "Field[Any]"
    value: Any
    as_text: bool = False

    def read(self) -> Any:
        rule: Rule = self.field.metadata["rule"]
        return rule.read(rule.from_text(self.value) if self.as_text else self.value)

    def problem(self) -> str:
        about = self.field.metadata
        found = f", not {self.value!r}" if self.field.repr else ""  # a secret is not repeated
        example = f"{self.field.name} = {toml(about['example'])}"
        return (
            f"{self.where}: [{self.section}] {self.field.name} is {about['rule'].expects}{found}. Example: {example}"
        )


def toml(value: Any) -> str:
    """A setting's value as TOML text."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str | Path):
        escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value).lower() if isinstance(value, bool) else repr(value)


def _from_file(path: Path | None, problems: list[str]) -> Iterator[_Given]:
    for section, table in _tables(path, problems).items():
        kind = SECTIONS.get(section)
        if kind is None:
            problems.append(f"{path}: there is no section [{section}]. {_hint(section, SECTIONS)}")
        elif not isinstance(table, dict):
            problems.append(f"{path}: {section} is a section with keys of its own. Example: [{section}]")
        else:
            yield from _known_keys(str(path), section, table, problems)


def _tables(path: Path | None, problems: list[str]) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        problems.append(f"{path}: cannot be read: {missing.strerror}. Start from configs/wifi-manager.example.toml.")
    except ValueError as broken:
        problems.append(f"{path}: is not TOML: {broken}.")
    return {}


def _known_keys(where: str, section: str, table: Mapping[str, Any], problems: list[str]) -> Iterator[_Given]:
    known = {each.name: each for each in fields(SECTIONS[section])}
    for name, value in table.items():
        if name in known:
            yield _Given(where, section, known[name], value)
        else:
            hint = _GONE.get((section, name)) or _hint(name, known)
            problems.append(f"{where}: [{section}] has no key {name}. {hint}")


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> Iterator[_Given]:
    known = {
        variable(section, each.name): (section, each) for section, kind in SECTIONS.items() for each in fields(kind)
    }
    for name in sorted(each for each in environ if each.startswith(PREFIX) and each != CONFIG_VARIABLE):
        if name in known:
            yield _Given(f"environment {name}", *known[name], environ[name], as_text=True)
        else:
            hint = _gone_variables().get(name) or _hint(name, known)
            problems.append(f"environment {name}: no setting has this variable. {hint}")


def _gone_variables() -> Mapping[str, str]:
    return {variable(section, name): hint for (section, name), hint in _GONE.items()}


def _hint(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(sorted(known))}."


def _bad_secret(path: Path, what: str) -> SettingsError:
    make = f"(umask 077; openssl rand -base64 {SECRET_BYTES} > {path})"
    return SettingsError([f"{path}: this secret {what}. If it is a new installation, make one: {make}"])
