"""Whether gateways speak, have what they were told, and whether their clocks agree with ours."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from hardware.models import Gateway, GatewayStatus, SnapshotDelta
from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.clock import now

SILENT = "gateway_silent"
UNDELIVERED, CLOCK, JOURNAL = "not_delivered", "clock_offset", "edge_journal_full"
DEFAULTS = {"delivery_seconds": 3, "clock_tolerance": 5, "gateway_silent_seconds": 10}


@transaction.atomic
def delivery_watch(*, actor: Actor, since: datetime | None = None) -> None:
    """Raise an alarm for each gateway that is silent or has not confirmed in time; clear it after.

    A revocation that has not arrived leaves a badge that still opens: so every change counts.
    Repeats do no harm: what is open already is not raised again. ``since`` is when this watch
    began: the silence before it, while the centre itself was away, is no gateway's.
    """
    heard = {status.gateway: status for status in GatewayStatus.objects.all()}
    for gateway in Gateway.objects.select_related("facility__policy").order_by("code"):
        status = heard.get(gateway.code)
        if status is None:
            continue  # it is not installed yet
        _speaks(gateway, status, since, actor)
        _delivered(gateway, status, actor)
        _clock(gateway, status, actor)
        _journal(gateway, status, actor)


def gateway_silent(gateway: Gateway) -> bool:
    """Whether nothing was heard of a gateway for as long as makes it an alarm, or never yet."""
    status = GatewayStatus.objects.filter(pk=gateway.code).first()
    if status is None or status.heard_at is None:
        return True
    return now() - status.heard_at > timedelta(seconds=_number(gateway, "gateway_silent_seconds"))


def _speaks(gateway: Gateway, status: GatewayStatus, since: datetime | None, actor: Actor) -> None:
    """A gateway that hangs or died, or whose link is cut; the centre cannot tell which."""
    said = [moment for moment in (status.heard_at, since) if moment is not None]
    limit = timedelta(seconds=_number(gateway, "gateway_silent_seconds"))
    if said and now() - max(said) > limit:
        last = _clock_of(gateway, status.heard_at) if status.heard_at else "its start"
        words = f"{gateway.code} is silent since {last}: nobody sees its doors, they may stay shut"
        _raise(gateway, SILENT, Gravity.ACT, words, actor)
    elif status.heard_at is not None and now() - status.heard_at <= limit:
        alarm_clear(
            facility=gateway.facility,
            kind=SILENT,
            subject=gateway.code,
            note=f"{gateway.code} speaks again",
            actor=actor,
        )


def _delivered(gateway: Gateway, status: GatewayStatus, actor: Actor) -> None:
    waiting = SnapshotDelta.objects.filter(gateway=gateway.code, version__gt=status.version)
    since = waiting.order_by("version").values_list("written_at", flat=True).first()
    limit = timedelta(seconds=_number(gateway, "delivery_seconds"))
    if since is not None and now() - since > limit:
        words = f"Not delivered to {gateway.code} since {_clock_of(gateway, since)}"
        _raise(gateway, UNDELIVERED, Gravity.ACT, f"{words}: a badge revoked since opens", actor)
    elif since is None:
        note = f"{gateway.code} has confirmed everything"
        alarm_clear(
            facility=gateway.facility,
            kind=UNDELIVERED,
            subject=gateway.code,
            note=note,
            actor=actor,
        )


def _clock(gateway: Gateway, status: GatewayStatus, actor: Actor) -> None:
    offset = status.clock_offset_ms
    if offset is None:
        return
    if abs(offset) > _number(gateway, "clock_tolerance") * 1000:
        # What is measured is how far the centre's clock is ahead.
        way = "behind" if offset > 0 else "ahead"
        words = f"Clock of {gateway.code} is {abs(offset) / 1000:.1f} s {way}"
        _raise(gateway, CLOCK, Gravity.CHECK, words, actor)
    else:
        alarm_clear(
            facility=gateway.facility,
            kind=CLOCK,
            subject=gateway.code,
            note=f"Off by {abs(offset) / 1000:.1f} s",
            actor=actor,
        )


def _journal(gateway: Gateway, status: GatewayStatus, actor: Actor) -> None:
    """A gateway whose disk takes no more lets nobody in; it says so while it can still speak."""
    if status.state.get("journal_low") or status.state.get("waiting"):
        words = f"The disk of {gateway.code} is full: its doors let nobody in"
        _raise(gateway, JOURNAL, Gravity.ACT, words, actor)
    else:
        alarm_clear(
            facility=gateway.facility,
            kind=JOURNAL,
            subject=gateway.code,
            note=f"{gateway.code} records again",
            actor=actor,
        )


def _raise(gateway: Gateway, kind: str, gravity: Gravity, message: str, actor: Actor) -> None:
    known = Alarm.objects.filter(
        facility=gateway.facility, kind=kind, subject=gateway.code, closed_at=None
    )
    if not known.exists():
        alarm_raise(
            facility=gateway.facility,
            gravity=gravity,
            kind=kind,
            subject=gateway.code,
            message=message,
            actor=actor,
        )


def _number(gateway: Gateway, key: str) -> float:
    """A number of the policy; a profile without it does not switch the watch off."""
    entry = gateway.facility.policy.values.get(key)
    value = entry.get("value") if isinstance(entry, dict) else entry
    return value if isinstance(value, (int, float)) else DEFAULTS[key]


def _clock_of(gateway: Gateway, at: datetime) -> str:
    return f"{timezone.localtime(at, ZoneInfo(gateway.facility.time_zone)):%H:%M:%S}"
