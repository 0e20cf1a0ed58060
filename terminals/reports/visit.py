"""The laptop in a visit's record, from the journal's entries alone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.reports.facts import ConcernFact, SignatureFact
from access.reports.laptop import LaptopLine, LaptopUse
from access.reports.told import Named, Told, gone, of_kind
from scif.kernel.figures import measured
from terminals.models import Anomaly, AnomalyVerdict, HandOver, TerminalSignature
from terminals.reports.anomaly_words import anomaly_shape, seen_words
from terminals.reports.use_told import ToldAnomaly, anomalies_told, sessions_told
from terminals.reports.wording import running_text

ISSUED, RETURNED, ENDED = "terminal.issued", "terminal.returned", "session.ended"
LOST, FOUND = "terminal.lost", "terminal.found"
_PARTIES = {ISSUED: (HandOver.ISSUE, "visitor"), RETURNED: (HandOver.RETURN, "guard")}


class VisitLaptop:
    """The laptop of a visit: issued, its sessions and their bytes, what was seen, returned."""

    kinds = (
        ISSUED,
        RETURNED,
        LOST,
        FOUND,
        "session.requested",
        "session.granted",
        "session.connected",
        "session.disconnected",
        "session.paused",
        "session.resumed",
        "session.warned",
        "session.cut",
        ENDED,
        "session.counted",
        "anomaly.raised",
    )
    # It is reviewed when it is, days later too.
    things = (Anomaly._meta.label_lower,)

    def used(self, entries: Sequence[Told]) -> LaptopUse | None:
        """One that is not back, or that came back with other seals, is not as it should be."""
        issued = of_kind(entries, ISSUED)
        if not issued:
            return None
        at, sessions = issued[0].at, sessions_told(entries)
        running = sum(each.ended is None for each in sessions)
        words = ngettext("%(count)d session", "%(count)d sessions", len(sessions)) % {
            "count": len(sessions)
        }
        words += running_text(running)
        words += f", {measured(sum(each.total for each in sessions))}"
        if of_kind(entries, LOST):
            wrong = _("laptop reported lost")
            if of_kind(entries, FOUND):
                wrong = _("laptop reported lost and found again")
            said = _("lost, found again") if of_kind(entries, FOUND) else _("lost")
            return LaptopUse(at, f"{words}, {said}", "stop", wrong)
        returned = of_kind(entries, RETURNED)
        if len(returned) < len(issued):
            return LaptopUse(at, _("%(words)s, not returned") % {"words": words}, "wait")
        if all(each.data.get("intact") is True for each in returned):
            return LaptopUse(at, words, "ok")
        return LaptopUse(at, words, "stop", _("laptop came back with other seals"))

    def lines(self, entries: Sequence[Told]) -> list[LaptopLine]:
        """Every hand-over, loss and finding of a laptop, every anomaly and its review."""
        anomalies = {each.raised.position: each for each in anomalies_told(entries)}
        found: list[LaptopLine] = []
        for entry in entries:
            anomaly = anomalies.get(entry.position)
            if anomaly is not None:
                found += _anomaly_lines(anomaly)
            elif entry.kind in {ISSUED, RETURNED, LOST, FOUND}:
                found.append(_custody_line(entry))
        return sorted(found, key=lambda each: each.told.at)

    def concerns(self, entries: Sequence[Told]) -> list[ConcernFact]:
        """Anomalies, but for those that were a false alarm."""
        return [
            ConcernFact(
                told=anomaly.raised,
                zone=anomaly.raised.text("terminal"),
                concern=f"{seen_words(anomaly)} {_verdict(anomaly)}.",
                at=anomaly.raised.at,
                overdue_at=None,
                until=None,
            )
            for anomaly in anomalies_told(entries)
            if not anomaly.cleared
        ]

    def signatures(self, entries: Sequence[Told]) -> list[SignatureFact]:
        """The visitor's as he took a laptop over, the guard's as it came back."""
        return [
            SignatureFact(
                told=entry,
                gone=gone([entry]),
                locker=entry.text("terminal"),
                purpose=_PARTIES[entry.kind][0].value,
                party=_PARTIES[entry.kind][1],
                signer=Named(entry.text("signer"), entry.text("signer_name"))
                if entry.text("signer")
                else None,
                at=entry.at,
                digest=entry.text("strokes_sha256"),
            )
            for entry in of_kind(entries, *_PARTIES)
        ]

    def strokes(self, visit_id: UUID) -> Iterable[Mapping[str, Any]]:
        """As they are kept; which of them an entry tells of is for the record to find out."""
        rows = TerminalSignature.objects.filter(custody__visit_id=visit_id)
        return rows.values_list("strokes", flat=True)


def _custody_line(entry: Told) -> LaptopLine:
    shape, what, said = "note", "", ""
    if entry.kind == ISSUED:
        shape, what, said = "ok", _("Issued"), _seals(entry)
    elif entry.kind == LOST:
        shape, what = "stop", _("Reported lost")
        where = entry.text("last_seen_where")
        seen = _("last seen: %(where)s") % {"where": where} if where else ""
        said = "; ".join(filter(None, (entry.text("circumstances"), seen)))
    elif entry.kind == FOUND:
        shape, what, said = "warn", _("Found again"), entry.text("reason")
    elif entry.data.get("intact") is True:
        shape, what, said = "ok", _("Taken back, seals whole"), _seals(entry)
    else:
        shape, what, said = "stop", _("Taken back, seals differ"), _seals(entry)
    if entry.erased:
        shape = "note"
    return LaptopLine(
        told=entry,
        gone=gone([entry]),
        laptop=entry.text("terminal"),
        shape=shape,
        what=what,
        said=said,
    )


def _seals(entry: Told) -> str:
    seals = ", ".join(entry.texts("seals"))
    return _("seals %(seals)s") % {"seals": seals} if seals else ""


def _anomaly_lines(anomaly: ToldAnomaly) -> Iterable[LaptopLine]:
    laptop, reviewed = anomaly.raised.text("terminal"), anomaly.reviewed
    yield LaptopLine(
        told=anomaly.raised,
        gone=gone([anomaly.raised]),
        laptop=laptop,
        shape="warn" if reviewed else "wait",
        what=_("Anomaly"),
        said=seen_words(anomaly),
    )
    if reviewed is not None:
        yield LaptopLine(
            told=reviewed,
            gone=gone([reviewed]),
            laptop=laptop,
            shape=anomaly_shape(anomaly),
            what=_verdict(anomaly),
            said=reviewed.text("reason"),
        )


def _verdict(anomaly: ToldAnomaly) -> str:
    """What an officer found of it."""
    reviewed = anomaly.reviewed
    if reviewed is None:
        return _("Not reviewed yet")
    if reviewed.text("verdict") == AnomalyVerdict.UPHELD:
        return _("Upheld by an officer")
    if reviewed.text("verdict") == AnomalyVerdict.FALSE_ALARM:
        return _("A false alarm")
    return _("Reviewed")
