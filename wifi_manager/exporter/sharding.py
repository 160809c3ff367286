"""Into how many parts a fleet is cut for Prometheus, and how it finds them."""

import re
from collections.abc import Mapping

from wifi_manager.domain.errors import BadInput
from wifi_manager.settings.exporter import Exporter
from wifi_manager.storage.monitored import Shard
from wifi_manager.storage.store import Store

PATH = "/metrics/aps"
_NUMBER = re.compile(r"[0-9]{1,4}")
_HOW = f"Ask for {PATH}?shard=0&shards=2, the first half of all access points; /sd/shards lists what there is."


def number_of_shards(store: Store, chosen: Exporter) -> int:
    """0 where the city is small enough to be told on /metrics. Raises OutsideFailure without a database."""
    with store.read() as tx:
        count = tx.monitored.count()
    return 0 if count <= chosen.whole_up_to else -(-count // chosen.shard_size)


def targets(store: Store, chosen: Exporter, address: str) -> list[dict[str, object]]:
    """The shards as Prometheus' HTTP service discovery wants them; `address` is how it has reached us.

    Raises OutsideFailure when the database does not answer: Prometheus then keeps the list that it has.
    """
    shards = number_of_shards(store, chosen)
    return [{"targets": [address], "labels": _labels(number, shards)} for number in range(shards)]


def asked(given: Mapping[str, str]) -> Shard:
    """The shard that a request names. Raises BadInput."""
    texts = given.get("shard", "0"), given.get("shards", "1")
    if not all(map(_NUMBER.fullmatch, texts)):
        raise BadInput(f"shard and shards are whole numbers. {_HOW}")
    shard = Shard(int(texts[0]), int(texts[1]))
    if shard.number >= shard.of:
        raise BadInput(f"There is no shard {shard.number} of {shard.of}: they are numbered from 0. {_HOW}")
    return shard


def _labels(number: int, shards: int) -> dict[str, str]:
    return {
        "__metrics_path__": PATH,
        "__param_shard": str(number),
        "__param_shards": str(shards),
        "shard": f"{number + 1}/{shards}",
    }
