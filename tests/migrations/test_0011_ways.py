"""Revision 0011 keeps visits, sites and networks, which have no ways of their own yet."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate

NETWORK = "INSERT INTO network (city_id, gateway_id, name, greetings) SELECT city_id, id, 'guests', '{}' FROM gateway"
KEPT = {
    "visit": "SELECT public_id, method, holder, own_volume_bytes FROM visit",
    "site": "SELECT name, ways FROM site",
    "network": "SELECT name, ways FROM network",
}


def test_0011_keeps_visits_sites_and_networks(bare_engine):
    migrate.upgrade_to(bare_engine, "0010")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
        connection.execute(sa.text(NETWORK))
    migrate.upgrade_to(bare_engine, "0011")
    with bare_engine.begin() as connection:
        assert {name: connection.execute(sa.text(query)).all() for name, query in KEPT.items()} == {
            "visit": [("v-1", "click_through", None, None)],
            "site": [("Park", None)],
            "network": [("guests", None)],
        }
