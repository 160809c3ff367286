"""Problem reports and their answers, for the gallery's pages."""

from collections.abc import Callable
from datetime import timedelta

from tests.portal.stage import Stage
from wifi_manager.services.report_desk import ReportDesk


def many_reports(stage: Stage) -> str:
    """The device has sent as many as it may today."""
    phone = stage.phone()
    while phone.submit(phone.open("/report", stage.ticket()), "/report", trouble="slow").status_code != 429:
        stage.clock.advance(timedelta(minutes=10))
    return stage.at("/report")


def closed(stage: Stage) -> str:
    """A report that needed no answer."""
    stage.send("/report", "/report", trouble="slow", text="")
    admission = stage.face.admission
    number = stage.face.reporting.of(admission.asking(stage.ticket()))[-1].number
    ReportDesk(admission.store, stage.clock).close(number, "somebody")
    return stage.at("/report")


def answered(path: str) -> Callable[[Stage], str]:
    """A page for a device that has sent two reports, one of them answered."""

    def reach(stage: Stage) -> str:
        _answer_one(stage)
        return stage.at(path)

    return reach


def _answer_one(stage: Stage) -> None:
    for trouble, text in (("slow", "Slow beside the pond.\nYesterday it was fine."), ("code", "")):
        stage.send("/report", "/report", trouble=trouble, text=text)
    admission = stage.face.admission
    number = stage.face.reporting.of(admission.asking(stage.ticket()))[-1].number
    ReportDesk(admission.store, stage.clock).answer(number, "Mended this morning.", "somebody")
