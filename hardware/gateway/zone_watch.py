"""Watches who remains in a zone: says what is wrong when it begins, when it lasts, when it ends."""

import logging

from hardware.decider import ZoneConcern
from hardware.gateway.edge_journal import Draft
from hardware.gateway.site import Site
from hardware.gateway.zones import Zone

logger = logging.getLogger(__name__)
MINUTE = 60  # seconds


class ZoneWatch:
    """Asks the decider after each change of a zone or of the snapshot, and once a minute.

    The minute is for what time alone ends: a review that falls due, an hour until which a room is
    sanitised.

    INVARIANT: it holds no door; an error here is logged, and the next change asks again.
    """

    def __init__(self, zone: Zone, site: Site) -> None:
        self.zone = zone
        self._site = site
        self._seen: tuple[int, int, int] | None = None
        # Monotonic times after which a concern is overdue; a restart begins them anew.
        self._worse_at: dict[str, float] = {}

    def tick(self) -> None:
        """Let time pass."""
        with self.zone.lock:
            minute = int(self._site.monotonic()) // MINUTE
            seen = (self.zone.version, self._site.snapshot.version, minute)
            if seen != self._seen:
                self._seen = seen
                self._look()
            self._wait()

    def _look(self) -> None:
        try:
            with self._site.snapshot.held() as snapshot:
                view = self.zone.view()
                found = self._site.decider.watch(snapshot, view, self._site.clock())
        except Exception:
            logger.exception("zone %s cannot be watched", self.zone.code)
            return
        if found is None:
            return
        now = {concern.code: concern for concern in found}
        drafts = [self._mended(code) for code in sorted(self.zone.concerns.keys() - now.keys())]
        for concern in found:
            if concern.grace_seconds is not None:
                until = self._site.monotonic() + concern.grace_seconds
                self._worse_at.setdefault(concern.code, until)
            known = self.zone.concerns.get(concern.code)
            if known is None or list(known["people"]) != list(concern.people):
                drafts.append(self._begun(concern))
        if drafts:
            self._site.recorder.fact(drafts, [self.zone.state()])

    def _begun(self, concern: ZoneConcern) -> Draft:
        known = self.zone.concerns.get(concern.code, {})
        self.zone.concerns[concern.code] = {
            "people": list(concern.people),
            "overdue": bool(known.get("overdue", False)),
        }
        return self._draft("zone.concern", concern.code, grace_seconds=concern.grace_seconds)

    def _mended(self, code: str) -> Draft:
        draft = self._draft("zone.mended", code)
        del self.zone.concerns[code]
        self._worse_at.pop(code, None)
        return draft

    def _wait(self) -> None:
        now = self._site.monotonic()
        for code in [code for code, at in self._worse_at.items() if now > at]:
            known = self.zone.concerns.get(code)
            if known is None or known["overdue"]:
                continue
            self.zone.concerns[code] = {**known, "overdue": True}
            draft = self._draft("zone.overdue", code)
            self._site.recorder.fact([draft], [self.zone.state()])

    def _draft(self, kind: str, code: str, **more: object) -> Draft:
        body = {
            "zone": self.zone.code,
            "zone_version": self.zone.version,
            "concern": code,
            "people": list(self.zone.concerns[code]["people"]),
            **more,
        }
        return Draft(kind, body)
