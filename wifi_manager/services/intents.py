"""What the city wants on its access points, in layers: proposed by one person, approved by one, kept for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import tomli_w

from wifi_manager.clock import Clock
from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import Forbidden, NotFound
from wifi_manager.domain.intent_channels import has_plan, places_in_sites, with_channels
from wifi_manager.domain.intent_documents import parse_toml
from wifi_manager.domain.intent_layers import (
    Combined,
    Layer,
    LayerVersion,
    Level,
    Scope,
    combine,
    default_layer,
    scopes_of,
)
from wifi_manager.domain.intent_secrets import filled, secrets_in, with_secrets
from wifi_manager.services.enrolment import site_of
from wifi_manager.storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Wants:
    """The layers in force at one moment, with one draft in place of the one it would replace, if one was named.

    `secrets` are those that layers name; `places` says of each access point how many of its site come before it.
    """

    layers: Mapping[Scope, Layer]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    places: Mapping[str, int] = field(default_factory=dict, repr=False)
    _shared: dict[tuple[Scope, ...], Combined] = field(default_factory=dict, repr=False, compare=False)

    def of(self, point: AccessPoint) -> Combined:
        """What is wanted on an access point. Raises BadInput for layers that cannot be joined.

        What many access points share is joined once.
        """
        *shared, own = scopes_of(point)
        common = self._joined(tuple(each for each in shared if each in self.layers))
        last = [self.layers[own]] if own in self.layers else []
        joined = combine([_name(point, common), *last], on=common)
        if last and secrets_in(last[0].document):
            joined = with_secrets(joined, self.secrets)
        return with_channels(joined, self.places.get(point.external_id, 0))

    def _joined(self, scopes: tuple[Scope, ...]) -> Combined:
        if scopes not in self._shared:
            self._shared[scopes] = with_secrets(combine(self.layers[each] for each in scopes), self.secrets)
        return self._shared[scopes]


@dataclass(frozen=True, slots=True)
class Intents:
    """Layers and their versions. With `second_person` nobody approves what they have proposed themselves."""

    store: Store
    clock: Clock
    second_person: bool = False

    def propose(self, scope: Scope, text: str, reason: str, *, by: str) -> LayerVersion:
        """Add a version. Raises BadInput for what is no TOML, NotFound for an unknown site or access point.

        Whether every access point gets a whole intent by it, the plan tells.
        """
        parse_toml(text)
        with self.store.begin() as tx:
            _exists(tx, scope)
            new = tx.intents.propose(scope, text, reason, by=by, at=self.clock.now())
            self._note(tx, by, "proposed", new)
            return new

    def approve(self, scope: Scope, version: int, *, by: str) -> None:
        """Let it hold. Raises Conflict when it does not wait for approval, Forbidden for whoever proposed it."""
        with self.store.begin() as tx:
            waiting = tx.intents.get(scope, version)
            if self.second_person and waiting.proposed_by == by:
                raise Forbidden("Somebody else has to approve this: the city wants two persons for each change.")
            tx.intents.approve(scope, version, by=by, at=self.clock.now())
            self._note(tx, by, "approved", waiting)

    def withdraw(self, scope: Scope, version: int, *, by: str) -> None:
        """Take it back. Raises Conflict when it does not wait for approval."""
        with self.store.begin() as tx:
            tx.intents.withdraw(scope, version, by=by, at=self.clock.now())
            self._note(tx, by, "withdrew", tx.intents.get(scope, version))

    def wants(self, draft: LayerVersion | None = None) -> Wants:
        """What holds now, or would hold with this draft. Raises BadInput where a text is no TOML."""
        with self.store.read() as tx:
            versions = tx.intents.in_force()
            if draft is not None:
                versions[draft.scope] = draft
            layers = {scope: version.layer() for scope, version in versions.items()}
            planned = any(has_plan(layer.document) for layer in layers.values())
            places = places_in_sites(tx.access_points.all().values()) if planned else {}
            return Wants(layers, tx.intent_secrets.values(), places)

    def with_secrets(self, text: str) -> str:
        """An intent's text with the secrets that it names put in; the same where it names none. Raises BadInput."""
        document = parse_toml(text)
        if not secrets_in(document):
            return text
        with self.store.read() as tx:
            return tomli_w.dumps(filled(document, tx.intent_secrets.values()))

    def access_point(self, external_id: str) -> AccessPoint:
        """One of them. Raises NotFound."""
        with self.store.read() as tx:
            return _access_point(tx, external_id)

    def fleet(self) -> Sequence[AccessPoint]:
        """Every access point that is ours to configure."""
        with self.store.read() as tx:
            return [each for each in tx.access_points.all().values() if each.management is not None]

    def running(self) -> Mapping[str, str]:
        """The intent of the last committed push of each access point, as it was written, by external id."""
        with self.store.read() as tx:
            return tx.pushes.all_wanted()

    def digests(self) -> Mapping[str, str]:
        """What that has rendered to on each, by external id."""
        with self.store.read() as tx:
            return tx.pushes.digests()

    def _note(self, tx: Transaction, by: str, deed: str, version: LayerVersion) -> None:
        subject, after = f"{version.scope} version {version.version}", {"reason": version.reason}
        tx.audit.add(AuditEntry(self.clock.now(), by, deed, "intent", subject, after=after))


def _name(point: AccessPoint, shared: Combined) -> Layer:
    """The name that every access point has without a word from anybody, where the layers give it none."""
    default = default_layer(point)
    return Layer(
        default.scope, {name: each for name, each in default.document.items() if name not in shared.document}
    )


def _exists(tx: Transaction, scope: Scope) -> None:
    if scope.level is Level.SITE:
        district, _, name = scope.name.partition("/")
        site_of(tx, (district, name))
    if scope.level is Level.ACCESS_POINT:
        _access_point(tx, scope.name)


def _access_point(tx: Transaction, external_id: str) -> AccessPoint:
    found = tx.access_points.get(external_id)
    if found is None:
        raise NotFound(f"No access point is numbered {external_id!r}. `wifi-manager fleet list` shows them.")
    return found
