"""Puts this room together: all that phones need to find the way, in each network, kept running."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wifi_manager.domain.probes import PROBE_HOSTS
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.names import chrony, dnsmasq, pools
from wifi_manager.gateway.names.advertiser import Advertiser
from wifi_manager.gateway.names.doorstep import Doorstep
from wifi_manager.gateway.names.filtering import Filtering
from wifi_manager.gateway.names.helper import Helper, stop_all_but
from wifi_manager.gateway.names.metrics import NamesMetrics
from wifi_manager.gateway.names.program import Program
from wifi_manager.gateway.settings import GatewaySettings, Network

Work = Callable[[], Coroutine[Any, Any, None]]


class Serving:
    """Addresses, names, the time and router advertisements for the phones of all networks."""

    def __init__(
        self,
        settings: GatewaySettings,
        portal_url: str,
        folder: Path,
        metrics: GatewayMetrics,
        is_out_of_service: Callable[[], bool],
        eid_hosts: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        """`folder` is where configurations, leases and process ids are kept.

        `is_out_of_service` is asked every few seconds; while it is true, phones are told that this is no router.
        `eid_hosts`, asked as often, are the names that phones reach while their citizens sign in there.
        """
        self._settings = settings
        self._portal_url = portal_url
        self._folder = folder
        self._metrics = NamesMetrics(metrics)
        pools.watch(settings.networks, folder, metrics.registry)
        self._is_out_of_service = is_out_of_service
        self._eid_hosts = eid_hosts
        self._programs: list[Program] = []

    async def keep_serving(self) -> None:
        """Until cancelled. The programs go on even then: phones that are online need no agent."""
        work = list(self._work())
        await stop_all_but(self._programs, self._folder)
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(each())

    def _work(self) -> Iterator[Work]:
        settings, place = self._settings, (self._portal_url, self._folder)
        for network in settings.networks:
            yield self._helper(dnsmasq.lender(settings, network, *place)).keep_running
            yield from self._doorstep(partial(dnsmasq.doorstep, settings, network, *place))
            if network.filter:
                yield from self._filtering(network, network.filter)
        for told in dnsmasq.advertised(settings):
            yield Advertiser(told, self._metrics, self._is_out_of_service).keep_advertising
        if settings.ntp.servers:
            phones = [prefix for network in settings.networks for prefix in network.prefixes]
            yield self._helper(chrony.program(settings.ntp.servers, phones, self._folder)).keep_running

    def _doorstep(self, program: Callable[[tuple[str, ...]], Program]) -> Iterator[Work]:
        doorstep = Doorstep(program, self._eid_hosts, self._metrics)
        helper = self._helper(doorstep.first())
        yield helper.keep_running
        yield partial(doorstep.keep_fresh, helper)

    def _filtering(self, network: Network, name: str) -> Iterator[Work]:
        program = partial(dnsmasq.filtered, self._settings, network, self._portal_url, self._folder)
        filtering = Filtering(
            self._settings.filters.file(name),
            self._folder / f"filter-{network.name}.txt",
            program,
            never_filtered(self._settings, self._portal_url),
            self._metrics,
        )
        helper = self._helper(filtering.first())
        yield helper.keep_running
        yield partial(filtering.keep_fresh, helper)

    def _helper(self, program: Program) -> Helper:
        self._programs.append(program)
        starts = self._metrics.clock_starts if program.task == "clock" else self._metrics.resolver_starts
        return Helper(program, self._metrics, starts.inc)


def never_filtered(settings: GatewaySettings, portal_url: str = "") -> tuple[str, ...]:
    """Names that phones need to be online: probes, the portal, this gateway and the garden."""
    portal = urlsplit(portal_url).hostname
    return (*PROBE_HOSTS, settings.face.name, *settings.garden.domains, *([portal] if portal else ()))
