"""Dashboards are what the code says, are valid by Grafana's own schema, and keep the rules of a good dashboard."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from dashboards import every
from tests.grafana.queries import PLACE, every_query, names, panels, rendered
from tests.house.sources import ROOT
from tests.house.test_metric_catalogue import catalogue
from tests.prometheus import alarms
from wifi_manager.clock import SystemClock
from wifi_manager.domain.coverage import Quality
from wifi_manager.exporter.app import create_app
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store

SCHEMA = json.loads((Path(__file__).parent / "grafana_schema.json").read_text(encoding="utf-8"))
GRAFANA = ROOT / "configs" / "grafana"
BOARDS = rendered()
TITLED = {(uid, panel["title"]): panel for uid, board in BOARDS.items() for panel in panels(board)}
WITHOUT_UNIT = {"table", "state-timeline"}  # their columns have units of their own; states are words


def problems(schema, found):
    return [f"{each.json_path}: {each.message}" for each in jsonschema.Draft7Validator(schema).iter_errors(found)]


def test_the_files_are_what_the_code_says():
    there = {path: path.read_text(encoding="utf-8") for path in every.FOLDER.glob("*.json")}

    assert there == every.files(), "run `make pages`"


@pytest.mark.parametrize("uid", BOARDS)
def test_a_dashboard_is_valid_by_the_schema_that_grafana_publishes(uid):
    assert problems(SCHEMA["dashboard"], BOARDS[uid]) == []


@pytest.mark.parametrize("uid", BOARDS)
def test_the_options_of_every_panel_are_valid_by_the_schema_of_its_kind(uid):
    for panel in panels(BOARDS[uid]):
        kind, fields = panel["type"], panel["fieldConfig"]["defaults"]["custom"]
        assert problems(SCHEMA["options"][kind], panel["options"]) == [], panel["title"]
        assert fields == {} or problems(SCHEMA["custom"][kind], fields) == [], panel["title"]


def test_a_dashboard_with_a_mistake_is_noticed():
    good = BOARDS["wifi-city"]

    assert problems(SCHEMA["dashboard"], good | {"title": 5}) != []
    assert problems(SCHEMA["dashboard"], good | {"schemaVersion": "41"}) != []
    assert problems(SCHEMA["options"]["stat"], {"colorMode": "rainbow"}) != []


def test_panels_stand_side_by_side_and_never_upon_one_another():
    for uid, board in BOARDS.items():
        taken = [
            (uid, x, y)
            for place in (panel["gridPos"] for panel in board["panels"])
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]
        assert len(taken) == len(set(taken)), uid
        assert max(x for _, x, _ in taken) == 23, uid


@pytest.mark.parametrize(("uid", "title"), TITLED)
def test_a_panel_says_what_it_shows_in_which_unit_and_asks_the_chosen_prometheus(uid, title):
    panel = TITLED[uid, title]

    assert panel["description"].endswith((".", "?")), "a sentence"
    assert panel["type"] in WITHOUT_UNIT or panel["fieldConfig"]["defaults"]["unit"]
    sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert {each["uid"] for each in sources} == {"${datasource}"}
    letters = [target["refId"] for target in panel["targets"]]
    assert letters == sorted(set(letters)) != []


def test_titles_are_told_once_on_a_dashboard_and_variables_begin_with_the_datasource():
    for uid, board in BOARDS.items():
        titles = [panel["title"] for panel in panels(board)]
        assert len(titles) == len(set(titles)), uid
        assert board["templating"]["list"][0]["type"] == "datasource"


def test_what_grows_is_asked_for_over_the_interval_that_fits_the_zoom():
    for asked in every_query():
        windows = re.findall(r"\b(?:rate|irate|increase)\([^\[]*\[([^\]]+)\]", asked.expr)
        assert set(windows) <= {"$__rate_interval", "$__range", "1h"}, asked.where


def test_what_maps_show_is_a_table_of_one_moment():
    maps = [panel for panel in TITLED.values() if panel["type"] == "geomap"]

    assert maps
    for panel in maps:
        assert {(each["format"], each["instant"]) for each in panel["targets"]} == {("table", True)}
        markers = [each for each in panel["options"]["layers"] if each["type"] == "markers"]
        geohashes = [each["location"].get("geohash") for each in markers]
        assert set(geohashes) <= {"geohash", None}


def test_hexagons_come_through_a_data_source_that_is_provisioned_and_that_nobody_chooses_for_queries(tmp_path):
    source = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))
    (layer,) = [
        each
        for panel in TITLED.values()
        if panel["type"] == "geomap"
        for each in panel["options"]["layers"]
        if each["type"] == "geojson"
    ]
    uid, path = re.fullmatch(r"api/datasources/proxy/uid/([\w-]+)(/.*)", layer["config"]["src"]).groups()
    (exporter,) = [each for each in source["datasources"] if each["uid"] == uid]
    routes = {
        str(rule)
        for rule in create_app(
            Store(open_engine(f"sqlite:///{tmp_path}/none.db"), "x"), SystemClock()
        ).url_map.iter_rules()
    }
    assert (exporter["access"], path in routes) == ("proxy", True)
    for board in BOARDS.values():
        chosen = re.compile(board["templating"]["list"][0]["regex"].strip("/"))
        assert [each["name"] for each in source["datasources"] if chosen.search(each["name"])] == ["Prometheus"]


def test_rules_of_hexagons_ask_for_what_hexagons_tell_by_comparisons_that_grafana_knows():
    (layer,) = [
        each for each in TITLED["wifi-city", "Where it is covered"]["options"]["layers"] if "rules" in each["config"]
    ]
    checks = [each["check"] for each in layer["config"]["rules"]]
    told = set(map(str, Quality)) | {"signal_dbm"}
    assert {each["property"] for each in checks} <= told
    assert "signal_dbm" not in {each["property"] for each in checks}, "nothing at all, null, compares as 0 dBm there"
    assert {each["operation"] for each in checks} <= {"eq", "neq", "lt", "lte", "gt", "gte"}


def test_links_lead_to_dashboards_of_ours_and_give_them_all_that_they_choose_by():
    links = re.findall(r'"/d/([\w-]+)\?([^"]*)"', json.dumps(list(BOARDS.values())))

    assert {uid for uid, _ in links} == {"wifi-district", "wifi-site", "wifi-access-point"}
    for uid, query in links:
        wanted = {each["name"] for each in BOARDS[uid]["templating"]["list"] if not each.get("multi")}  # those: all
        assert set(re.findall(r"var-(\w+)=|\{(\w+):queryparam\}", query)) == {
            ("", name) if name in {"datasource", "city"} else (name, "") for name in wanted
        }


def test_every_row_of_a_table_has_what_its_links_give_on():
    for (uid, title), panel in TITLED.items():
        if title == "Alarms now":
            continue
        needed = set(re.findall(r"__data\.fields\.(\w+)", json.dumps(panel["fieldConfig"])))
        for target in panel["targets"] if needed else []:
            assert needed <= labels_of(target["expr"]), (uid, title)


def labels_of(expr):
    """By which labels the outermost aggregation groups; those of a bare series are all that it has."""
    found = re.search(r"\b(?:sum|max|min|count) by \(([^)]*)\)", expr)
    return set(re.split(r",\s*", found[1])) if found else {"district", "site", "ap"}


def test_tables_are_sorted_by_columns_that_they_have_and_alarms_the_gravest_first():
    for (uid, title), panel in TITLED.items():
        names = {each["displayName"] for each in panel["options"].get("sortBy", [])}
        renamed = {
            name for each in panel["transformations"] for name in each["options"].get("renameByName", {}).values()
        }
        assert names <= renamed | {"severity"}, (uid, title)
        assert title != "Alarms now" or names == {"severity"}


def test_every_query_and_every_rule_is_promql(tmp_path):
    rules = [
        {"record": f"test:query{number}:asked", "expr": asked.filled(**PLACE)}
        for number, asked in enumerate(every_query())
    ]
    path = tmp_path / "queries.yml"
    path.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}), encoding="utf-8")
    done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, check=False)
    assert (done.returncode, f"{len(rules)} rules found" in done.stdout) == (0, True), done.stdout + done.stderr


def test_every_series_that_a_dashboard_or_a_rule_names_exists():
    ending = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    known = {f"{name}{end}" for name, kind, _, _ in catalogue() for end in ending[kind]} | set(alarms.recorded())
    asked = {each.expr for each in every_query()} | {str(rule["expr"]) for rule in alarms.rules().values()}
    asked |= set(alarms.recorded().values())

    assert {name for expr in asked for name in names(expr)} - known == set()


def test_every_series_that_is_recorded_is_asked_for():
    asked = " ".join(
        [*(each.expr for each in every_query()), *(str(rule["expr"]) for rule in alarms.rules().values())]
    )
    recorded = alarms.recorded()

    assert [name for name in recorded if name not in asked + " ".join(recorded.values())] == []


def test_labels_of_the_catalogue_are_the_ones_that_queries_choose_by():
    known = {label for _, _, labels, _ in catalogue() for label in labels} | {
        "instance", "job", "le", "alertstate", "alertname", "severity",
    }  # fmt: skip
    used = {
        label
        for asked in every_query()
        for part in re.findall(r"\{([^}]*)\}|(?:by|on|group_left) \(([^)]*)\)", asked.filled(**PLACE))
        for label in re.findall(r"(\w+)(?=\s*(?:[=!]|,|$))", re.sub(r'"[^"]*"', "", " ".join(part)))
    }
    assert used - known == set()


def test_grafana_finds_source_and_dashboards_where_the_provisioning_says():
    source = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))
    provider = yaml.safe_load((GRAFANA / "provisioning/dashboards/public-wifi.yml").read_text(encoding="utf-8"))

    assert [each["type"] for each in source["datasources"]] == ["prometheus", "prometheus"]
    assert [each["name"] for each in source["datasources"] if each.get("isDefault")] == ["Prometheus"]
    assert [each["type"] for each in provider["providers"]] == ["file"]
    assert "password" not in json.dumps([source, provider]).lower()
