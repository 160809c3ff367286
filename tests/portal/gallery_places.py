"""A city with places, for the gallery's pages that find them."""

from collections.abc import Callable

from tests.builders import a_site, an_access_point
from tests.portal.stage import Stage
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.domain.sites import Position, SiteKind


def a_city_of_places(**query: str) -> Callable[[Stage], str]:
    """In a city with places of all kinds, in two districts; one is not on the map."""

    def reach(stage: Stage) -> str:
        kinds, districts = list(SiteKind), ("River district", "마포구")
        sites = [
            a_site(
                name=f"{kinds[at % 9]} park {at}" if at % 3 else f"한강공원 {at}", kind=kinds[at % 9], district=each
            )
            for each in districts
            for at in range(15)
        ]
        points = [
            an_access_point(f"AP-{at}", site=site, position=Position(37.55 + at % 7 / 300, 126.95 + at / 900))
            for at, site in enumerate(sites)
        ]
        points.append(an_access_point("AP-99", site=a_site(name="Park on no map"), position=None))
        with stage.face.admission.store.begin() as tx:
            tx.sites.save([each.site for each in points])
            tx.access_points.save(points, tx.sites.numbers())
            for number, up in (("AP-1", True), ("AP-2", False)):
                tx.access_points.manage(number, "openwrt", Management("192.0.2.1", 22, "root", "SHA256:key"))
                tx.observations.record([Looked(number, Observation(stage.clock.now(), up=up))])
        return stage.at("/hotspots", **query)

    return reach
