"""A forgotten password: a code by mail from a real mail server, and one answer to whoever asks for whatever name."""

import html
import re
import ssl
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.app import create_app
from portal.identity import account, account_mail
from portal.identity.mail_carrier import FileCarrier
from tests.builders import A_CITY, A_MASTER_KEY
from tests.fakes.gateway import OTHER_PHONE
from tests.fakes.mail_server import PASSWORD, USER, mail_server
from tests.portal.conftest import Phone, form_of
from tests.portal.sms_pages.test_sms_provider import own_certificate as own_certificate  # noqa: PLC0414 - the fixture
from tests.portal.test_account import OTHER, QUICK, SECRET, sign_in
from wifi_manager.domain.mails import Mail as Written
from wifi_manager.domain.visits import Method
from wifi_manager.services.accounts import Accounts
from wifi_manager.settings import City, Settings, SettingsError
from wifi_manager.settings.mail import Mail
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow

NAME, ADDRESS = "first.last", "mina@mail.example"
SENDER = "wifi@city.example"
FORGOTTEN = "/account/forgotten"
CODE = re.compile(r"\b(?:[2-9A-Z]{3}-){2}[2-9A-Z]{3}\b")
SAID = re.compile(r"<main.*</main>", re.DOTALL)


@pytest.fixture
def face(face):
    return replace(face, admission=replace(face.admission, ways=(Method.CLICK_THROUGH, Method.ACCOUNT)))


@pytest.fixture
def accounts(portal_store, clock, gateway):
    return Accounts(portal_store, Vault(A_MASTER_KEY, A_CITY.slug), clock, passwords=QUICK)


@pytest.fixture
def resident(accounts):
    (opened,) = accounts.add([f"{NAME},{ADDRESS}"], "somebody")
    accounts.complete(NAME, opened.code, SECRET, lambda _tx: None)
    return opened


@pytest.fixture(scope="module")
def tls(own_certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*own_certificate)
    return context


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "mail.secret"
    path.write_text(f"{PASSWORD}\n", encoding="utf-8")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def server(tls):
    with mail_server(tls) as running:
        yield running


@pytest.fixture
def chosen(server, own_certificate, password_file):
    ca, user = str(own_certificate[0]), {"user": USER, "password_file": password_file}
    return Mail(provider="smtp", host="127.0.0.1", port=server.port, ca_file=ca, sender=SENDER, **user)


@pytest.fixture
def phone_at(face, gateway, clock):
    """A function that gives a phone at a portal that sends mails so."""

    def at(chosen, language="en"):
        settings = Settings(city=City(slug=A_CITY.slug), mail=chosen)
        app = create_app(face, {Method.ACCOUNT: lambda given: account.make(settings, given, QUICK)})
        return Phone(app.test_client(use_cookies=False), gateway, clock, language)

    return at


def ask(phone, name=NAME, **given):
    return phone.submit(phone.open(FORGOTTEN, phone.ticket(**given)), FORGOTTEN, name=name)


def arrived(server, count=1):
    """The newest mail, when so many have come."""
    deadline = time.monotonic() + 60
    while len(server.mails) < count:
        assert time.monotonic() < deadline, f"{len(server.mails)} of {count} mails"
        time.sleep(0.02)
    return server.mails[-1]


def code_of(mail):
    return CODE.search(mail.get_content())[0]


def test_a_forgotten_password_is_replaced_by_a_code_that_comes_by_mail_and_works_once(
    phone_at, gateway, chosen, server, resident
):
    phone = phone_at(chosen)
    shown = phone.open("/account/code", phone.ticket())
    assert f'href="{FORGOTTEN}?s=' in shown.text
    answer = ask(phone)
    assert answer.status_code == 200
    assert "a code is on its way" in answer.text
    mail = arrived(server)
    assert (server.recipients, server.was_encrypted, server.signed_in) == ([ADDRESS], [True], [True])
    assert (mail["From"], mail["Auto-Submitted"], "Haneul" in mail["Subject"]) == (SENDER, "auto-generated", True)
    with gateway.acknowledging():
        typed = {"name": NAME, "code": code_of(mail), "wanted": OTHER}
        assert f'value="{NAME}"' in answer.text, "nobody types the name twice"
        assert phone.follow(phone.submit(answer, "/account/code", **typed)).status_code == 200
        assert sign_in(phone, password=SECRET).status_code == 422
        assert sign_in(phone, password=OTHER, device=OTHER_PHONE).status_code == 303
    again = phone.submit(phone.open("/account/code", phone.ticket()), "/account/code", **typed)
    assert again.status_code == 422


def test_a_code_by_mail_is_over_after_half_an_hour_and_the_one_from_the_counter_is_not(
    phone_at, chosen, server, resident, accounts, clock
):
    from_counter = accounts.renew_code(resident.number, "somebody").code
    phone = phone_at(chosen)
    ask(phone)
    by_mail = code_of(arrived(server))
    clock.advance(timedelta(minutes=30))
    page = phone.open("/account/code", phone.ticket())
    given = {"name": NAME, "wanted": OTHER}
    assert phone.submit(page, "/account/code", code=by_mail, **given).status_code == 422
    accounts.complete(NAME, from_counter, OTHER, lambda _tx: None)


def test_s2_nobody_learns_whether_there_is_an_account_or_an_address(phone_at, chosen, server, resident, accounts):
    accounts.add(["no.address", "shut.out,other@mail.example"], "somebody")
    accounts.disable(3, "somebody")
    phone, ticket = phone_at(chosen), ""
    answers = {}
    for last, name in enumerate(("no.address", "shut.out", "nobody.here", "not a name", "", NAME)):
        ticket = phone.ticket(device=replace(OTHER_PHONE, octets=OTHER_PHONE.octets[:5] + bytes([last])))
        answer = phone.submit(phone.open(FORGOTTEN, ticket), FORGOTTEN, name=name)
        said = SAID.search(answer.text)[0].replace(ticket, "").replace(f'name="name" value="{html.escape(name)}"', "")
        answers[answer.status_code, re.sub(r'name="token" value="\w+"', "", said)] = name
    assert len(answers) == 1, answers.keys()
    arrived(server)
    assert server.recipients == [ADDRESS]


@pytest.mark.parametrize(("language", "said"), [("ko", "일회용 코드"), ("ar", "رمز")])
def test_the_mail_is_in_the_citizens_language(phone_at, chosen, server, resident, language, said):
    ask(phone_at(chosen, language))
    mail = arrived(server)
    assert said in mail.get_content()
    assert mail["Content-Language"] == language


def test_s2_devices_and_login_names_have_a_budget_and_a_reload_costs_no_second_mail(
    phone_at, chosen, server, resident, clock
):
    phone = phone_at(replace(chosen, device_a_day=6, account_a_day=3))
    for _ in range(2):
        assert ask(phone).status_code == 200
    arrived(server)
    for _ in range(2):
        clock.advance(timedelta(minutes=2))
        assert ask(phone).status_code == 200
    arrived(server, 2)
    assert ask(phone, "nobody.here").status_code == 200
    assert ask(phone, "nobody.here").status_code == 200
    refused = ask(phone)
    assert (refused.status_code, "enough codes today" in refused.text) == (429, True)
    assert len(server.mails) == 2, "the third of this name went to the reload, and the fourth was hushed"


def test_a_mail_server_that_is_away_is_told_to_everybody_alike_and_costs_no_budget(
    phone_at, chosen, server, resident, clock
):
    phone = phone_at(replace(chosen, port=9, device_a_day=1))
    for name in (NAME, "nobody.here", NAME):
        away = ask(phone, name)
        assert (away.status_code, "cannot be sent" in away.text) == (503, True)
        assert "Choose another way in" in away.text or "Other ways in" in away.text
    page = phone.open(FORGOTTEN, phone.ticket())
    assert (page.status_code, "<form" in SAID.search(page.text)[0]) == (503, False), "it is left alone for a minute"
    clock.advance(timedelta(minutes=1))
    assert phone.open(FORGOTTEN, phone.ticket()).status_code == 200


def test_a_server_that_takes_no_mail_leaves_no_code_behind(phone_at, chosen, server, resident, accounts):
    server.refuses = True
    ask(phone_at(chosen))
    deadline = time.monotonic() + 60
    while not _mailed(accounts) and time.monotonic() < deadline:
        time.sleep(0.02)
    while accounts.all()[0].mailed_digest is not None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert server.mails == []


def _mailed(accounts):
    with accounts.store.read() as tx:
        return [each for each in tx.audit.newest(9, noun="account") if each.action == "mailed a code to"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_nothing_is_said_to_a_server_without_encryption(phone_at, chosen, security, resident):
    with mail_server() as clear:
        asked = ask(phone_at(replace(chosen, port=clear.port, security=security)))
        assert (asked.status_code, clear.mails) == (503, [])


def test_a_server_that_is_encrypted_from_the_start_is_spoken_to(phone_at, chosen, tls, resident):
    with mail_server(tls, implicit=True) as server:
        ask(phone_at(replace(chosen, port=server.port, security="tls", user="", password_file="")))
        assert code_of(arrived(server))
        assert server.was_encrypted == [True]


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(phone_at, chosen, server, resident):
    assert ask(phone_at(replace(chosen, ca_file=""))).status_code == 503
    assert server.mails == []


def test_without_a_mail_server_the_counter_gives_codes_as_ever(phone_at, resident):
    phone = phone_at(Mail())
    assert FORGOTTEN not in phone.open("/account/code", phone.ticket()).text
    assert phone.open(FORGOTTEN, phone.ticket()).status_code == 404


def test_s3_a_form_of_another_device_or_page_sends_nothing(phone_at, chosen, server, resident):
    phone = phone_at(chosen)
    page = phone.open(FORGOTTEN, phone.ticket())
    assert phone.submit(page, FORGOTTEN, name=NAME, token="0" * 32).status_code == 403
    assert phone.submit(page, FORGOTTEN, name=NAME, s=phone.ticket(device=OTHER_PHONE)).status_code == 403
    assert form_of(page, FORGOTTEN)
    assert server.mails == []


def test_d1_no_name_address_or_code_is_in_the_log_a_link_or_the_database(
    phone_at, chosen, server, resident, logged, tmp_path
):
    phone = phone_at(chosen)
    answer = ask(phone)
    code = code_of(arrived(server))
    server.refuses = True
    phone.clock.advance(timedelta(minutes=2))
    ask(phone)
    links = " ".join(re.findall(r'(?:href|action)="([^"]*)"', answer.text))
    written = b"".join(path.read_bytes() for path in tmp_path.glob("portal.db*"))
    for private in (NAME, ADDRESS, code, code.replace("-", ""), PASSWORD):
        assert private not in links + logged.getvalue()
        assert private.encode() not in written


def test_the_twin_for_development_writes_mails_to_a_file_for_its_owner_alone(tmp_path, clock):
    path = tmp_path / "mails.txt"
    with FileCarrier(path, SENDER, clock).open() as line:
        line.send(Written(ADDRESS, "A subject", "A code", "en"))
    assert f"To: {ADDRESS}" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sender": ""}, "sender is needed"),
        ({"host": ""}, "host is needed"),
        ({"user": ""}, "go together"),
        ({"security": "none"}, "not sent in the clear"),
        ({"ca_file": "/nowhere"}, "no PEM file"),
        ({"password_file": "/nowhere"}, "secret of [mail] cannot be read"),
    ],
)
def test_settings_that_do_not_fit_are_named(face, chosen, wrong, said):
    settings = Settings(city=City(slug=A_CITY.slug), mail=replace(chosen, **wrong))
    with pytest.raises(SettingsError, match=re.escape(said)):
        account_mail.codes(settings, face)
