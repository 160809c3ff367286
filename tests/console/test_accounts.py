"""Accounts in the console: for operators, codes once."""

import re

CODE = re.compile(r"<code>((?:[2-9A-Z]{3}-){2}[2-9A-Z]{3})</code>")


def test_an_account_is_opened_with_a_code_that_is_shown_once(signed_in, store):
    operator = signed_in("operator")
    first = CODE.search(operator.post("/accounts", {"name": "First.Last"}).text)[1]
    page = operator.get("/accounts").text
    assert "first.last" in page
    assert "Waits for its citizen" in page
    assert first not in page
    assert CODE.search(operator.post("/accounts/1/code").text)[1] != first
    with store.read() as tx:
        trail = [(each.actor, each.action, each.subject) for each in tx.audit.newest(2, noun="account")]
    assert trail == [("operator", "gave a new code to", "1"), ("operator", "added", "1")]


def test_what_was_typed_stays_when_it_is_refused(signed_in):
    operator = signed_in("operator")
    refused = operator.post("/accounts", {"name": "first last"})
    assert (refused.status_code, 'value="first last"' in refused.text) == (422, True)
    operator.post("/accounts", {"name": "first.last"})
    assert operator.post("/accounts", {"name": "FIRST.LAST"}).status_code == 409


def test_an_address_is_put_on_record_and_shown_nowhere(signed_in, store):
    operator = signed_in("operator")
    operator.post("/accounts", {"name": "first.last", "address": "mina@mail.example"})
    refused = operator.post("/accounts", {"name": "other", "address": "mina at mail"})
    assert (refused.status_code, 'value="mina at mail"' in refused.text) == (422, True)
    again = operator.post("/accounts/1/address", {"address": "x@y"})
    assert (again.status_code, 'value="x@y"' in again.text) == (422, True)
    page = operator.get("/accounts/1/address").text
    assert "An address is on record" in page
    assert "mina" not in page + operator.get("/accounts").text + operator.get("/audit").text
    operator.post("/accounts/1/address", {"address": ""})
    assert "No address is on record" in operator.get("/accounts/1/address").text
    with store.read() as tx:
        assert tx.accounts.address(1) is None
    assert operator.get("/accounts/9/address").status_code == 404
    assert operator.post("/accounts/9/address", {"address": ""}).status_code == 404


def test_an_account_is_disabled_and_enabled_and_viewers_see_no_names(signed_in):
    operator = signed_in("operator")
    operator.post("/accounts", {"name": "first.last"})
    operator.post("/accounts/1/disable")
    assert "Account 1 is disabled" in operator.get("/accounts").text
    operator.post("/accounts/1/enable")
    assert "Account 1 is enabled" in operator.get("/accounts").text
    assert operator.post("/accounts/9/disable").status_code == 404
    viewer = signed_in("viewer")
    assert viewer.get("/accounts").status_code == 403
    assert "/accounts" not in viewer.get("/").text
