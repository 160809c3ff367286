"""The one place that puts a gateway's parts together and runs them side by side."""

import asyncio
import contextlib
import os
import resource
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import prometheus_client

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.agent import ROUND_SECONDS, Agent
from wifi_manager.gateway.certificates import serving
from wifi_manager.gateway.city_time import SystemTime
from wifi_manager.gateway.control_client import ControlClient, control_http
from wifi_manager.gateway.deciding.drain import Draining
from wifi_manager.gateway.face.face import Face
from wifi_manager.gateway.face.filter_page import filter_pages
from wifi_manager.gateway.face.http_door import open_door
from wifi_manager.gateway.face.neighbours import KernelNeighbours
from wifi_manager.gateway.face.reception import Reception
from wifi_manager.gateway.guard.metrics import GuardMetrics
from wifi_manager.gateway.guard.plan import plan_guard
from wifi_manager.gateway.guard.watch import Guard, leave
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.names.serving import Serving
from wifi_manager.gateway.netfilter.chains import chains
from wifi_manager.gateway.netfilter.conntrack import Conntrack
from wifi_manager.gateway.netfilter.elements import ElementTable
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket, RouteSocket
from wifi_manager.gateway.passing.farewell import LanFarewell
from wifi_manager.gateway.passing.kernel import Kernel
from wifi_manager.gateway.passing.reconcile import Plan
from wifi_manager.gateway.passing.tidier import Tidier
from wifi_manager.gateway.roaming.arrivals import Arrivals
from wifi_manager.gateway.roaming.roaming import Roaming
from wifi_manager.gateway.rules import nft, second_line
from wifi_manager.gateway.rules.declarations import TABLE
from wifi_manager.gateway.rules.ruleset import ruleset
from wifi_manager.gateway.rules.watch import Watch
from wifi_manager.gateway.settings import GatewaySettings
from wifi_manager.gateway.shaping.classes import Classes
from wifi_manager.gateway.shaping.rates import Capacity
from wifi_manager.gateway.shaping.route import Route
from wifi_manager.gateway.shaping.shaper import Shaper
from wifi_manager.gateway.shaping.side import sides
from wifi_manager.gateway.shaping.visits import Visits
from wifi_manager.gateway.state import StateFolder
from wifi_manager.gateway.supervising.interfaces import made_anew
from wifi_manager.gateway.supervising.notifier import Notifier
from wifi_manager.gateway.supervising.watchdog import Progress, keep_watched


@contextlib.contextmanager
def open_kernel() -> Iterator[Kernel]:
    """The kernel's sets of this network namespace. Raises OutsideFailure without CAP_NET_ADMIN."""
    with NetfilterSocket() as sock, NetfilterSocket() as reading:
        yield Kernel(ElementTable(sock, TABLE), ElementTable(reading, TABLE))


async def run(settings: GatewaySettings, clock: Clock) -> None:
    """Be a gateway until SIGTERM or SIGINT. The rules stay when it ends: nobody loses a visit, nobody gets through.

    Raises WifiError when it cannot begin. Rules come first, then all else: whatever fails, fails closed.
    """
    while await _serve(settings, clock):
        pass  # interfaces were made anew: so is all that stood on them, and visits go on


async def _serve(settings: GatewaySettings, clock: Clock) -> bool:
    """Be a gateway; True when it shall begin anew because an interface was taken away and is back."""
    _allow_many_connections()
    kernel_is_filled = await asyncio.to_thread(enforce_rules, settings)
    state = StateFolder(settings.state)
    state.sweep()
    identity = state.identity()
    metrics = GatewayMetrics(prometheus_client.CollectorRegistry())
    tls = serving.prepared(settings.face, clock)
    async with contextlib.AsyncExitStack() as stack:
        kernel = stack.enter_context(open_kernel())
        http = await stack.enter_async_context(control_http(identity.control_url, state.control_ca))
        neighbours = stack.enter_context(contextlib.closing(KernelNeighbours(settings.networks)))
        farewell = stack.enter_context(LanFarewell(settings.networks))
        tidier = Tidier(Conntrack(stack.enter_context(NetfilterSocket())), farewell)
        shaper = stack.enter_context(_open_shaper(settings, metrics))
        client = ControlClient(http, identity, clock)
        own_view = stack.enter_context(open_kernel())  # never waits for a change that is being made
        roaming = Roaming(client, own_view.is_online, settings.networks, Arrivals())
        progress, notifier = Progress(ROUND_SECONDS), Notifier.from_environment(os.environ)
        agent = Agent(
            kernel,
            client,
            state,
            SystemTime(clock),
            metrics,
            changed=_tell(tidier.note, shaper.note, roaming.note),
            came_round=progress.came_round,
        )
        await agent.restore(kernel_is_filled=kernel_is_filled)
        view = stack.enter_context(NetfilterSocket())
        watch = Watch(lambda: chains(view, TABLE), lambda: enforce_rules(settings), agent.refill, metrics)
        guard = _guard(stack.enter_context(NetfilterSocket()), settings, agent, metrics)
        await guard.begin()
        own_url, pages = f"https://{settings.face.name}", filter_pages(settings)
        face = Face(identity, own_url, neighbours, own_view.passage, agent.may_extend, clock, metrics, pages)
        reception = _reception(face, settings.face.name, Draining(state), agent)
        await stack.enter_async_context(_doors(reception, settings, tls))
        stack.enter_context(_metrics_page(settings, metrics))
        helpers = Serving(
            settings, identity.portal_url, state.runtime, metrics, agent.is_out_of_service, agent.eid_hosts
        )
        notifier.tell("READY=1")
        return await _until_told(
            settings,
            agent.follow_control(),
            agent.report_usage(),
            agent.keep_reconciled(),
            agent.keep_saved(),
            agent.keep_drained(),
            watch.keep_loaded(),
            guard.keep_watching(),
            tidier.keep_tidy(),
            shaper.keep_shaped(),
            helpers.keep_serving(),
            *serving.loops(tls, settings.face, client, clock, metrics),
            roaming.keep_listening(),
            roaming.keep_asking(),
            keep_watched(progress, notifier),
        )


def _guard(layer2: NetfilterSocket, settings: GatewaySettings, agent: Agent, metrics: GatewayMetrics) -> Guard:
    ending = agent.end_copied if settings.guard.ends_copied else leave
    return Guard(layer2, partial(plan_guard, settings), GuardMetrics(metrics.registry), ending)


def _reception(face: Face, name: str, draining: Draining, agent: Agent) -> Reception:
    return Reception(face, name, lambda: draining.now() is not None, lambda: agent.offer, agent.give_pass)


@contextlib.contextmanager
def _open_shaper(settings: GatewaySettings, metrics: GatewayMetrics) -> Iterator[Shaper]:
    """Sockets of its own, so that it never waits for a sign-in, and no sign-in for it."""
    uplink = settings.uplink
    capacity = Capacity.of(up_mbps=uplink.up_mbps, down_mbps=uplink.down_mbps)
    with NetfilterSocket() as netfilter, RouteSocket() as route:
        all_sides = sides(Route(route), uplink.interface, settings.lan_interfaces, capacity)
        visits = Visits(ElementTable(netfilter, TABLE), everybody=capacity.is_shared)
        yield Shaper(Classes(all_sides, visits), metrics)


def _tell(*listeners: Callable[[Plan], None]) -> Callable[[Plan], None]:
    def tell(changes: Plan) -> None:
        for listener in listeners:
            listener(changes)

    return tell


def close(settings: GatewaySettings) -> bool:
    """Load the rules and draw the second line; False where grants were not kept. Interfaces need not be there yet."""
    is_kept = nft.load(ruleset(settings))
    second_line.draw((*settings.lan_interfaces, settings.uplink.interface))
    return is_kept


def enforce_rules(settings: GatewaySettings) -> bool:
    """Close the network, then let the kernel route; False where grants were not kept."""
    is_kept = close(settings)
    nft.switch_on_forwarding(ipv6_uplink=settings.uplink.interface if settings.has_ipv6 else None)
    return is_kept


def _allow_many_connections() -> None:
    """Phones of a whole square come at once; the usual 1024 open files are for an editor."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.asynccontextmanager
async def _doors(face: Reception, settings: GatewaySettings, tls: ssl.SSLContext) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        for address in (address for network in settings.networks for address in network.own_addresses):
            try:
                for door in (
                    open_door(face.redirect, address, settings.face.redirect_port),
                    open_door(face.own_page, address, 80),
                    open_door(face.own_secure_page, address, 443, tls),
                ):
                    await stack.enter_async_context(await door)
            except OSError as taken:
                raise OutsideFailure(f"The gateway's face cannot listen on {address}: {taken.strerror}.") from taken
        yield


@contextlib.contextmanager
def _metrics_page(settings: GatewaySettings, metrics: GatewayMetrics) -> Iterator[None]:
    where = settings.metrics
    try:
        server, thread = prometheus_client.start_http_server(where.port, str(where.address), metrics.registry)
    except OSError as taken:
        raise OutsideFailure(f"metrics cannot listen on {where.address}:{where.port}: {taken.strerror}.") from taken
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def _until_told(settings: GatewaySettings, *work: "asyncio._CoroutineLike[None]") -> bool:
    """Run all loops until a signal comes, or until interfaces are made anew, which is True.

    When one of them breaks, all end and the error goes up.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(made_anew((*settings.lan_interfaces, settings.uplink.interface)))
        watching.add_done_callback(lambda _: told.set())
        tasks = [watching, *(group.create_task(each) for each in work)]
        await told.wait()
        is_anew = watching.done()
        for task in tasks:
            task.cancel()
    return is_anew
