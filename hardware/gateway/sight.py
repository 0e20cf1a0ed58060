"""A door in sight, while its openings are heard; what to make of the time when they were not."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from hardware.gateway.edge_journal import StatePut
from hardware.gateway.heartbeat import Beat, Heartbeat
from hardware.gateway.site import Site
from hardware.gateway.zones import Zone
from hardware.rules.sight import Unseen, doubt

KIND = "leaf"  # the kind of state that remembers how a door stood, and who was on the way


# What the run before this one kept of a door, and its last sign of life.
Before = tuple[Mapping[str, Any], Heartbeat]


class Sight:
    """Of one door. The caller holds the zone's lock. Times are monotonic seconds.

    INVARIANT: whoever may have passed unseen leaves the zone's count in doubt, at once; a guard who
    counts while the door is still out of sight settles what was before, and no more.
    """

    def __init__(self, portal: str, zone: Zone, site: Site, before: Before | None) -> None:
        self._portal = portal
        self._zone = zone
        self._site = site
        self._shut: bool | None = None
        self._written: bool | None = None
        self._until = Beat("", 0)
        self._since: float | None = site.monotonic()
        self._under_way = False
        self._quiet = True
        self._judged = False
        if before is not None:
            stored, life = before
            self._shut = self._written = bool(stored["shut"])
            self._until = Beat(str(stored["boot"]), int(stored["until"]))
            self._since = life.since
            self._under_way = not life.lived(self._until)

    @property
    def was_open(self) -> bool:
        """Whether it is written down that the leaf stands open."""
        return self._written is False

    def lose(self, since: float, *, under_way: bool) -> None:
        """From then on an opening was not heard, or may not have been."""
        if self._since is None:
            self._since, self._judged, self._quiet = since, False, True
        else:
            self._since = min(self._since, since)
        self._under_way = self._under_way or under_way

    def look(self, *, tells: bool, wired: bool, shut: bool, moving: bool) -> None:
        """See how the door stands; ``wired``: it has a contact; ``moving``: somebody goes through.

        What nobody hears by design, at a door without a contact, is no blindness.
        """
        if self._since is None:
            if tells or not wired:
                self._shut = shut
                return
            self.lose(self._site.monotonic(), under_way=moving)
        if self._judged and self._zone.certain:
            # Somebody has counted since: what happened before is settled.
            self._since, self._judged, self._quiet = self._site.monotonic(), False, True
            self._under_way = False
        if self._zone.inside or moving:
            self._quiet = False
        self._judge(tells=tells, wired=wired, shut=shut)
        if tells or not wired:
            self._since, self._judged, self._quiet, self._under_way = None, False, True, False
            self._shut = shut

    def on_the_way(self, until: float) -> StatePut:
        """Until when somebody may pass, to be kept before the strike is told and afterwards."""
        self._until = Beat(self._site.boot, ceil(until * 1000))
        return self._state()

    def changed(self, *, shut: bool) -> list[StatePut]:
        """How the leaf stands, to be written where it is not what was written last."""
        if self._written == shut:
            return []
        self._written = shut
        return [self._state()]

    def _judge(self, *, tells: bool, wired: bool, shut: bool) -> None:
        since = self._since
        if self._judged or since is None:
            return
        unseen = Unseen(
            seconds=self._site.monotonic() - since if wired else 0.0,
            quiet=self._quiet,
            shut_before=self._shut,
            shut_after=shut if tells else None,
            under_way=self._under_way,
        )
        why = doubt(unseen, self._site.policy.unseen_seconds)
        if why is None:
            return
        self._judged = True
        seconds = None if unseen.seconds == float("inf") else round(unseen.seconds)
        told = self._zone.doubt(self._portal, why, unseen_seconds=seconds)
        if told:
            self._site.recorder.fact(told, self._zone.changed())

    def _state(self) -> StatePut:
        kept = {
            "shut": self._written is not False,
            "boot": self._until.boot,
            "until": self._until.at,
        }
        return StatePut(KIND, self._portal, kept)
