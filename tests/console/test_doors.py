"""Who may open what: every route of the console, walked as everybody."""

import re

import pytest

pytestmark = pytest.mark.slow

# What each may do: o = let in, d = denied (403), s = sent to the sign-in page.
ROUTES = {  # route and method: (anonymous, viewer, operator, admin)
    ("/", "GET"): "sooo",
    ("/access-points", "GET"): "sooo",
    ("/access-points/<path:external_id>", "GET"): "sooo",
    ("/pushes", "GET"): "sooo",
    ("/pushes/<number>/approve", "POST"): "sdoo",
    ("/pushes/<number>/cancel", "POST"): "sdoo",
    ("/coverage", "GET"): "sooo",
    ("/coverage/picture.png", "GET"): "sooo",
    ("/drift", "GET"): "sooo",
    ("/drift/<path:external_id>", "GET"): "sooo",
    ("/drift/<path:external_id>/adopt", "POST"): "sdoo",
    ("/drift/<path:external_id>/restore", "POST"): "sdoo",
    ("/drift/<path:external_id>/ignore", "POST"): "sdoo",
    ("/rollouts", "GET"): "sooo",
    ("/rollouts", "POST"): "sdoo",
    ("/rollouts/<number>", "GET"): "sooo",
    ("/rollouts/<number>/access-points", "GET"): "sooo",
    ("/rollouts/<number>/groups", "GET"): "sooo",
    ("/rollouts/<number>/groups/<position>", "GET"): "sooo",
    ("/rollouts/<number>/<any(approve, pause, resume, abort):deed>", "POST"): "sdoo",
    ("/rollouts/<number>/undo", "POST"): "sdoo",
    ("/rollouts/<number>/any-hour", "POST"): "sdoo",
    ("/intents", "GET"): "sooo",
    ("/intents/layer", "GET"): "sooo",
    ("/intents/of", "GET"): "sooo",
    ("/intents/propose", "POST"): "sdoo",
    ("/intents/approve", "POST"): "sdoo",
    ("/intents/withdraw", "POST"): "sdoo",
    ("/windows", "GET"): "sooo",
    ("/windows", "POST"): "sdoo",
    ("/windows/remove", "POST"): "sdoo",
    ("/visits", "GET"): "sooo",
    ("/vouchers", "GET"): "sooo",
    ("/vouchers", "POST"): "sdoo",
    ("/vouchers/revoke", "POST"): "sdoo",
    ("/accounts", "GET"): "sdoo",
    ("/accounts", "POST"): "sdoo",
    ("/accounts/<number>/code", "POST"): "sdoo",
    ("/accounts/<number>/address", "GET"): "sdoo",
    ("/accounts/<number>/address", "POST"): "sdoo",
    ("/accounts/<number>/disable", "POST"): "sdoo",
    ("/accounts/<number>/enable", "POST"): "sdoo",
    ("/faces", "GET"): "sooo",
    ("/faces/edit", "GET"): "sooo",
    ("/faces/edit", "POST"): "sdoo",
    ("/faces/<number>/restore", "POST"): "sdoo",
    ("/posters", "GET"): "sooo",
    ("/posters/print", "GET"): "sooo",
    ("/visits/running", "GET"): "sdoo",
    ("/visits/<public_id>", "GET"): "sdoo",
    ("/visits/<public_id>/end", "POST"): "sdoo",
    ("/visits/<public_id>/block", "POST"): "sdoo",
    ("/reports", "GET"): "sdoo",
    ("/reports/<number>", "GET"): "sdoo",
    ("/reports/<number>/take", "POST"): "sdoo",
    ("/reports/<number>/answer", "POST"): "sdoo",
    ("/reports/<number>/close", "POST"): "sdoo",
    ("/emergencies", "GET"): "sooo",
    ("/emergencies", "POST"): "sddo",
    ("/emergencies/<number>/close", "POST"): "sddo",
    ("/audit", "GET"): "sooo",
    ("/account", "GET"): "sooo",
    ("/account", "POST"): "sooo",
    ("/operators", "GET"): "sddo",
    ("/operators", "POST"): "sddo",
    ("/operators/<name>/role", "POST"): "sddo",
    ("/operators/<name>/disable", "POST"): "sddo",
    ("/operators/<name>/enable", "POST"): "sddo",
    ("/operators/<name>/password", "POST"): "sddo",
    ("/sign-in", "GET"): "oooo",
    ("/sign-in", "POST"): "oooo",
    ("/sign-out", "POST"): "sooo",
    ("/healthz", "GET"): "oooo",
    ("/style.css", "GET"): "oooo",
}
NUMBER = re.compile("<int[^>]*:(number|position)>")
EVERYBODY = ("anonymous", "viewer", "operator", "admin")


def shown(rule):
    return "/style.css" if rule.startswith("/style-") else NUMBER.sub(r"<\1>", rule)


def real(rule):
    return (
        NUMBER.sub(r"<\1>", rule)
        .replace("<path:external_id>", "HAN00001")
        .replace("<name>", "viewer")
        .replace("<number>", "1")
        .replace("<position>", "1")
        .replace("<any(approve, pause, resume, abort):deed>", "pause")
    )


def outcome(answer):
    if answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next="):
        return "s"
    if answer.status_code == 303 and answer.headers["Location"] == "/sign-in":
        return "s"
    return "d" if answer.status_code == 403 and "which is not enough" in answer.text else "o"


@pytest.mark.parametrize("who", range(4), ids=EVERYBODY)
def test_every_route_lets_in_whom_it_should_and_nobody_else(app, signed_in, anonymous, fleet, who):
    found = {(shown(rule.rule), method): rule.rule for rule in app.url_map.iter_rules() for method in rule.methods}
    walked = {key: rule for key, rule in found.items() if key[1] not in {"HEAD", "OPTIONS"}}
    assert walked.keys() == ROUTES.keys(), "a new route needs a line in this table"
    seen = {}
    for (route, method), rule in walked.items():
        browser = anonymous if who == 0 else signed_in(EVERYBODY[who])
        if method == "GET":
            answer = browser.get(real(rule))
        else:
            answer = browser.post(real(rule), {"name": "nobody", "password": "wrong", "role": "viewer"})
        if route == "/sign-out" and who:
            assert answer.headers["Location"] == "/sign-in"
            seen[route, method] = "o"
            continue
        seen[route, method] = outcome(answer)
        assert answer.status_code < 500
    assert seen == {key: letters[who] for key, letters in ROUTES.items()}


def test_an_address_that_does_not_exist_tells_a_stranger_nothing(anonymous):
    assert anonymous.get("/secret-page").headers["Location"] == "/sign-in?next=/secret-page"


def test_a_view_without_a_mark_that_changes_something_is_for_admins_alone(app, signed_in):
    app.add_url_rule("/unmarked", "unmarked", lambda: "done", methods=["POST"])
    assert signed_in("operator").post("/unmarked").status_code == 403
    assert signed_in("admin").post("/unmarked").text == "done"


def test_a_form_from_another_site_is_refused(signed_in):
    admin = signed_in("admin")
    assert admin.client.post("/operators/viewer/disable").status_code == 400
    assert admin.client.post("/sign-in", data={"name": "admin", "password": "x"}).status_code == 400
