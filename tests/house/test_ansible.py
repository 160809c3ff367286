import json
import re
from pathlib import Path

import jinja2
import yaml

from tests.house import commands
from tests.house.sources import ROOT, name_of, tracked_files
from wifi_manager.settings import load

ANSIBLE = ROOT / "ansible"
ROLE = ANSIBLE / "roles" / "city"
FILES = [path for path in tracked_files() if path.is_relative_to(ANSIBLE)]
INVENTORY = yaml.safe_load((ANSIBLE / "inventories" / "example" / "hosts.yml").read_text(encoding="utf-8"))


def defaults(role: Path) -> dict:
    return yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8"))


DEFAULTS = defaults(ROLE)


def tasks() -> list[tuple[Path, dict]]:
    """Every task and handler, with the folder of its role."""
    return [
        (path.parent.parent, task)
        for path in FILES
        if path.suffix == ".yml" and path.parent.name in {"tasks", "handlers"}
        for task in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def combine(one: dict, other: dict, *, recursive: bool) -> dict:
    """What Ansible's filter of this name does with sections and keys; a list takes the place of another."""
    tables = {name: {**one.get(name, {}), **table} for name, table in other.items() if isinstance(table, dict)}
    return one | other | (tables if recursive else {})


def rendered(template: str, role: Path = ROLE, **variables) -> str:
    surroundings = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False)
    surroundings.filters |= {"to_json": json.dumps, "combine": combine}
    text = (role / "templates" / template).read_text(encoding="utf-8")
    return surroundings.from_string(text).render({**defaults(role), **variables})


def test_every_file_is_yaml_and_none_makes_this_folder_a_package():
    for path in FILES:
        assert path.suffix != ".py", "it would hide Ansible's own package"
        if path.suffix == ".yml":
            assert yaml.safe_load(path.read_text(encoding="utf-8")), name_of(path)


def test_every_process_that_a_unit_starts_is_a_command_with_those_options():
    processes = DEFAULTS["city_processes"]
    lines = [line for each in processes for line in commands.in_shell(rendered("wifi-manager.service.j2", item=each))]

    assert lines == [f"wifi-manager {DEFAULTS['city_commands'][each]}" for each in processes]
    assert [problem for line in lines if (problem := commands.problem(line))] == []


def test_every_command_that_a_task_runs_exists():
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES if path.suffix == ".yml")
    lines = list(commands.in_shell(text))

    assert "wifi-manager db upgrade" in lines
    assert [problem for line in lines if (problem := commands.problem(line))] == []


def test_a_host_runs_only_processes_that_the_role_knows():
    chosen = {name for host in INVENTORY["city"]["hosts"].values() for name in (host or {}).get("city_processes", [])}

    assert chosen <= set(DEFAULTS["city_processes"])


def test_every_template_handler_role_and_task_file_that_is_named_exists():
    handlers = [task for path in FILES if path.parent.name == "handlers" for task in yaml.safe_load(path.read_text())]
    heard = {task["name"] for task in handlers} | {task["listen"] for task in handlers if "listen" in task}
    for role, task in tasks():
        assert {task["notify"]} <= heard if "notify" in task else True
        if template := task.get("ansible.builtin.template"):
            assert (role / "templates" / template["src"]).is_file()
        if imported := task.get("ansible.builtin.import_tasks"):
            assert (role / "tasks" / imported).is_file()
        if other := task.get("ansible.builtin.import_role"):
            assert set(other.keys()) == {"name"}
            assert set(task["vars"]) == set(defaults(role.parent / other["name"]))


def test_nothing_that_handles_a_secret_is_logged():
    secret = re.compile(r"database_url|city_keys|environment\.j2|gateway_token")

    assert [task["name"] for _, task in tasks() if secret.search(json.dumps(task)) and not task.get("no_log")] == []


def test_the_example_hosts_settings_and_database_are_accepted_by_the_program(tmp_path):
    variables = INVENTORY["city"]["vars"]
    path = tmp_path / "wifi-manager.toml"
    path.write_text(rendered("wifi-manager.toml.j2", city_settings=variables["city_settings"]), encoding="utf-8")
    environment = dict(re.findall(r"^(\w+)='(.*)'$", rendered("environment.j2", **variables), re.MULTILINE))

    found = load(path, environment)

    assert found.city.slug == "haneul"
    assert found.database.url == variables["city_database_url"]
    assert str(found.keys.master_key_file) == "/etc/wifi-manager/master.key"
    assert str(found.console.secret_key_file) == "/etc/wifi-manager/console.key"


def test_a_host_with_no_settings_of_its_own_starts_with_the_defaults(tmp_path):
    path = tmp_path / "wifi-manager.toml"
    path.write_text(rendered("wifi-manager.toml.j2"), encoding="utf-8")

    assert load(path, {}).portal.host == "127.0.0.1"
