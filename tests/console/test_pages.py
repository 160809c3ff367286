"""What city IT sees and does."""

import re

from tests.builders import an_audit_entry

OTHERS = ("/audit", "/operators", "/account", "/pushes", "/visits", "/vouchers")


def cells(text):
    return re.findall(r'class="number" href="[^"]*">([^<]*)<', text)


def test_an_empty_city_is_told_the_command_that_fills_it(signed_in):
    viewer = signed_in("viewer")
    for page in ("/", "/access-points"):
        assert "wifi-manager fleet import FILE" in viewer.get(page).text
    assert "wifi-manager provision push ACCESS_POINT" in viewer.get("/pushes").text
    assert "wifi-manager gateway add NAME" in viewer.get("/visits").text
    assert "No change" not in viewer.get("/audit").text


def test_the_overview_counts_what_is_in_service(signed_in, fleet):
    text = signed_in("viewer").get("/").text
    assert "<strong>61</strong><span>access points in service</span>" in text
    assert "<strong>2</strong><span>districts</span>" in text
    assert 'href="/access-points?district=%EA%B0%95%EB%8F%99%EA%B5%AC"' in text


def test_the_list_has_fifty_a_page_and_ways_to_the_others(signed_in, fleet):
    viewer = signed_in("viewer")
    first, second = viewer.get("/access-points").text, viewer.get("/access-points?page=2").text
    assert (len(cells(first)), len(cells(second))) == (50, 11)
    assert set(cells(first) + cells(second)) == {point.external_id for point in fleet}
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert "1–50 of <strong>61</strong>" in first


def test_a_page_beyond_the_last_is_the_last(signed_in, fleet):
    assert len(cells(signed_in("viewer").get("/access-points?page=99").text)) == 11


def test_search_and_filters_work_together_and_stay_while_paging(signed_in, fleet):
    viewer = signed_in("viewer")
    text = viewer.get("/access-points?q=광나루+한강&district=강동구&kind=park").text
    assert "1–50 of <strong>60</strong>" in text
    assert "kind=park" in re.search(r'rel="next" href="([^"]*)"', text)[1]
    assert cells(viewer.get("/access-points?q=han00007").text) == ["HAN00007"]
    assert cells(viewer.get("/access-points?kind=bus").text) == ["BUS-0143/1"]


def test_a_search_without_a_hit_says_what_to_try(signed_in, fleet):
    viewer = signed_in("viewer")
    for query in ("q=nothing-like-it", "q=100%25", "district=Atlantis", "life_cycle=retired"):
        assert "Nothing matches" in viewer.get(f"/access-points?{query}").text


def test_what_was_typed_is_shown_as_text_and_never_run(signed_in, fleet):
    text = signed_in("viewer").get("/access-points", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script" not in text
    assert "&#34;&gt;&lt;script&gt;" in text


def test_the_page_of_an_access_point_has_its_facts_and_its_history(signed_in, fleet, store):
    with store.begin() as tx:
        tx.audit.add(
            an_audit_entry(
                actor="somebody",
                action="moved",
                subject="HAN00001",
                before={"place": "gate"},
                after={"place": "lake"},
            )
        )
    text = signed_in("viewer").get("/access-points/HAN00001").text
    for fact in ("한강공원 광나루", "north gate", "37.560000, 126.970000", "Outdoors", "2024", "5 GHz", "channel 36"):
        assert fact in text
    assert "<strong>somebody</strong> moved" in text
    assert "<del>gate</del>" in text
    assert "<ins>lake</ins>" in text


def test_a_number_with_a_slash_has_a_page_and_an_unknown_position_says_so(signed_in, fleet):
    text = signed_in("viewer").get("/access-points/BUS-0143/1").text
    assert "Not known: it is left out of maps" in text


def test_an_unknown_access_point_is_a_page_that_leads_back(signed_in):
    answer = signed_in("viewer").get("/access-points/NONE")
    assert answer.status_code == 404
    assert "Search for it in the list" in answer.text


def test_the_trail_is_paged_by_fifty_and_filtered(signed_in, store):
    with store.begin() as tx:
        tx.audit.add_all(an_audit_entry(subject=f"AP-{number:04}") for number in range(120))
    viewer = signed_in("viewer")
    text, seen = viewer.get("/audit?noun=access+point").text, []
    for _ in range(3):
        seen += re.findall(r">(AP-\d{4})</a>", text)
        older = re.search(r'rel="next" href="([^"]*)"', text)
        text = viewer.get(older[1].replace("&amp;", "&")).text if older else ""
    assert seen == [f"AP-{number:04}" for number in reversed(range(120))]
    assert "AP-0042" in viewer.get("/audit?subject=AP-0042").text
    assert "No change fits" in viewer.get("/audit?noun=site").text


def test_moments_are_in_the_citys_time(signed_in, store):
    with store.begin() as tx:
        tx.audit.add(an_audit_entry())
    assert (
        '<time datetime="2026-06-01T12:00:00+00:00">2026-06-01 21:00</time>' in signed_in("viewer").get("/audit").text
    )


def test_an_admin_adds_an_operator_whose_password_is_shown_once_and_works(signed_in, app, anonymous):
    admin = signed_in("admin")
    page = admin.post("/operators", {"name": "First.Last", "role": "operator"})
    password = re.search(r'class="password"><code>([^<]+)<', page.text)[1]
    assert page.headers["Cache-Control"] == "no-store"
    assert password not in admin.get("/operators").text
    assert anonymous.sign_in("first.last", password).status_code == 303


def test_a_name_that_is_taken_or_does_not_fit_is_said_beside_the_form(signed_in):
    admin = signed_in("admin")
    taken = admin.post("/operators", {"name": "viewer", "role": "viewer"})
    assert (taken.status_code, "already" in taken.text) == (409, True)
    odd = admin.post("/operators", {"name": "이 름", "role": "viewer"})
    assert (odd.status_code, 'value="이 름"' in odd.text) == (422, True)
    assert admin.post("/operators", {"name": "somebody", "role": "king"}).status_code == 422


def test_an_admin_changes_roles_disables_enables_and_renews_passwords(signed_in, anonymous, passwords):
    admin = signed_in("admin")
    assert "another role" in admin.post("/operators/viewer/role", {"role": "operator"}, follow_redirects=True).text
    assert "cannot sign in" in admin.post("/operators/viewer/disable", follow_redirects=True).text
    assert anonymous.sign_in("viewer", passwords["viewer"]).status_code == 403
    assert "may sign in again" in admin.post("/operators/viewer/enable", follow_redirects=True).text
    page = admin.post("/operators/viewer/password")
    assert anonymous.sign_in("viewer", passwords["viewer"]).status_code == 403
    assert anonymous.sign_in("viewer", re.search(r"<code>([a-z2-9-]+)<", page.text)[1]).status_code == 303


def test_the_last_admin_cannot_be_disabled(signed_in):
    answer = signed_in("admin").post("/operators/admin/disable")
    assert (answer.status_code, "last active admin" in answer.text) == (409, True)


def test_a_new_password_of_ones_own_keeps_this_browser_and_ends_the_others(signed_in, passwords, app):
    here, there = signed_in("viewer"), signed_in("viewer")
    wrong = here.post("/account", {"current": "wrong", "wanted": "a heron stands in the river"})
    assert wrong.status_code == 403
    fields = {"current": passwords["viewer"], "wanted": "a heron stands in the river"}
    assert "Your new password is set" in here.post("/account", fields, follow_redirects=True).text
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303


def test_no_page_has_a_script_or_a_style_of_its_own(signed_in, fleet):
    admin = signed_in("admin")
    for page in ("/", "/access-points", "/access-points/HAN00001", *OTHERS, "/nowhere"):
        text = admin.get(page).text
        assert not re.search(r"<script|<style| style=| on[a-z]+=|https?://", text), page
