"""How each device stands, from its events and from its gateway's report of every second."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from hardware.kinds import POWER, TAMPER
from hardware.models import Device, DeviceState, GatewayStatus
from hardware.services.wiring import door_wires
from hardware.words import reason_words
from scif.console.ages import age
from scif.kernel.clock import now

# A gateway reports itself every second (hardware/gateway); three missed reports are silence.
SILENT = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device and what was last heard of it; None where nothing ever was.

    ``report`` is its gateway's last word about it, ``reported_at`` None while that is silent;
    ``gateway_at`` is when that was heard last, silent or not.
    """

    device: Device
    state: DeviceState | None
    report: Mapping[str, Any]
    reported_at: datetime | None
    gateway_at: datetime | None = None

    @property
    def online(self) -> bool:
        """Whether it answers: silence, its own or its gateway's, is never shown as order."""
        return self.state is not None and self.state.online and self.reported_at is not None

    @property
    def keyed(self) -> bool:
        """Whether its kind speaks with a key of its own."""
        kind = self.device.bus.kind
        return kind is not None and kind.keyed

    @property
    def status(self) -> str:
        """The word under which the plan draws it (``scif/console/plan_facts.py``)."""
        if self.state is not None and self.state.tamper:
            return "tamper"
        if not self.online or self.state is None:
            return "off"
        exposed = self.keyed and not self.state.secure
        return "degraded" if exposed or self.state.power_failed else "online"

    @property
    def plan_words(self) -> str:
        """What the plan says of it beside its sign."""
        return "; ".join([self.words, *self.ills])

    @property
    def shape(self) -> str:
        """The shape of its status in a table."""
        return {"tamper": "stop", "off": "off", "degraded": "warn", "online": "ok"}[self.status]

    @property
    def words(self) -> str:
        """Whether it answers, and why not."""
        if self.state is None:
            return _("Never heard")
        if self.reported_at is None:
            return _("Gateway silent")
        if not self.state.online:
            why = reason_words(self.state.reason)
            return _("No answer: %(why)s") % {"why": why} if why else _("No answer")
        return _("Online")

    @property
    def secure(self) -> str:
        """How its wire is protected."""
        if not self.keyed:
            return _("no key by its kind")
        if self.device.key is None:
            return _("no key yet")
        if not self.online or self.state is None:
            return ""
        return _("Secure Channel") if self.state.secure else _("not secure")

    @property
    def cover(self) -> str:
        """Whether its cover was opened, as it said last: `past` tells when, if that is over."""
        return self._of_itself(TAMPER, bad=_("Tamper"), good=_("shut"))

    @property
    def supply(self) -> str:
        """Whether its supply has failed, as it said last."""
        return self._of_itself(POWER, bad=_("failed"), good=_("good"))

    @property
    def cover_told(self) -> str:
        """Its cover, with its age where it is not said any more."""
        return self._aged(self.cover)

    @property
    def supply_told(self) -> str:
        """Its supply, in the same way."""
        return self._aged(self.supply)

    def _aged(self, words: str) -> str:
        if self.past is None or words in {_("not watched"), _("unknown")}:
            return words
        told = {"what": words, "age": age(now() - self.past)}
        return _("%(what)s, when last heard %(age)s ago") % told

    @property
    def past(self) -> datetime | None:
        """When it last said how it is; None while it does, and where it never did."""
        return None if self.online else self.seen

    def _of_itself(self, wire: str, *, bad: str, good: str) -> str:
        kind = self.device.bus.kind
        watched = kind is not None and wire in kind.wires
        if watched and not self.keyed:
            # A board tells of itself through an input, if one is wired for it.
            watched = wire in self.device.options
        if not watched:
            return _("not watched")
        if self.state is None or self.seen is None:
            return _("unknown")
        return bad if (self.state.tamper if wire == TAMPER else self.state.power_failed) else good

    @property
    def seen(self) -> datetime | None:
        """When it last answered: with the last report that it did, else at its last event."""
        if self.state is None:
            return None
        if not self.state.online:
            return self.state.heard_at
        told = [at for at in (self.state.heard_at, self.gateway_at, self.reported_at) if at]
        return max(told, default=None)

    @property
    def frames(self) -> str:
        """Frames without a sound answer, of those sent in the last hour."""
        sent = self.report.get("sent")
        if not isinstance(sent, int):
            return ""
        share = 100 * int(self.report.get("failed", 0)) / sent if sent else 0.0
        return _("%(failed)d of %(sent)d (%(share).2f %%)") % {
            "failed": int(self.report.get("failed", 0)),
            "sent": sent,
            "share": share,
        }

    @property
    def troubles(self) -> list[str]:
        """What is wrong with it, in a few words each."""
        return self.ills if self.online else [_("no answer"), *self.ills]

    @property
    def ills(self) -> list[str]:
        """What it says, or said last, is wrong with itself."""
        found = []
        if self.state is not None and self.state.tamper:
            found.append(self._dated(_("tamper")))
        if self.state is not None and self.state.power_failed:
            found.append(self._dated(_("supply failed")))
        if self.status == "degraded" and self.state is not None and not self.state.secure:
            found.append(_("not secure"))
        return found

    def _dated(self, words: str) -> str:
        """A moment and no age: a live screen may show it for long before it is drawn anew."""
        if self.past is None:
            return words
        at = localtime(self.past)
        shown = date_format(at, "H:i" if at.date() == localdate() else "j M H:i")
        return _("%(what)s when last heard, %(at)s") % {"what": words, "at": shown}


def device_rows(devices: Iterable[Device]) -> list[DeviceRow]:
    """Devices, selected with their bus's gateway, and how each stands."""
    devices = list(devices)
    states = {state.device_id: state for state in DeviceState.objects.filter(device__in=devices)}
    codes = {device.bus.gateway.code for device in devices}
    reports = {each.gateway: each for each in GatewayStatus.objects.filter(gateway__in=codes)}
    return [_row(each, states.get(each.pk), reports.get(each.bus.gateway.code)) for each in devices]


def door_troubles(rows: Sequence[DeviceRow]) -> dict[str, str]:
    """What is wrong with the devices of each door, by the door's code; only where something is."""
    told: dict[str, dict[str, str]] = {}
    for row in rows:
        if not row.troubles:
            continue
        doors = {portal for portal, _wire, _number in door_wires(row.device)}
        if row.device.portal is not None:
            doors.add(row.device.portal.code)
        words = f"{row.device.code} {', '.join(row.troubles)}"
        for door in doors:
            told.setdefault(door, {})[row.device.code] = words
    return {door: "; ".join(each.values()) for door, each in told.items()}


def _row(device: Device, state: DeviceState | None, status: GatewayStatus | None) -> DeviceRow:
    heard = status.heard_at if status else None
    fresh = heard is not None and now() - heard <= SILENT
    report = status.state.get("devices", {}).get(device.code, {}) if status and fresh else {}
    return DeviceRow(device, state, report, heard if fresh else None, heard)
