"""Alarms about a badge: locked out after wrong PINs, copied, or lost under another's number."""

from datetime import datetime

from django.db import transaction
from django.db.models import CharField, F, Func, Q
from django.utils.translation import gettext as _

from access.models import Badge
from access.rules.case import local_words_from
from access.rules.states import CredentialState
from hardware.models import PinFailures
from hardware.services.ingest import EdgeEvent
from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.clock import now

LOCKED_OUT, COPIED = "badge_locked_out", "badge_copied"
ENCODED_OVER = "badge_encoded_over"
UID_ONLY = "uid_only"  # the gateway's objection to a card that proves nothing
UNKNOWN = "unknown_badge"  # where such cards count as badges, that it is none of them


class _UidDigest(Func):
    """What a gateway makes of a card that tells its chip's number only."""

    template = (
        "CASE WHEN %(expressions)s ~ '^([0-9a-fA-F]{2})+$'"
        " THEN encode(sha256(decode(%(expressions)s, 'hex')), 'hex') END"
    )
    output_field = CharField()


def pin_failed(event: EdgeEvent) -> None:
    """Raise an alarm when a gateway locks a badge out; the wrong PIN before the last is none."""
    body = event.body
    if not body["until"]:
        return
    badge = Badge.objects.filter(number_sha256=body["credential"]).first()
    if badge is None:
        return
    facility = event.gateway.facility
    until = datetime.fromisoformat(body["until"])
    alarm_raise(
        facility=facility,
        gravity=Gravity.CHECK,
        kind=LOCKED_OUT,
        subject=badge.code,
        message=_(
            "Badge %(badge)s is locked out until %(until)s: wrong PINs, last at door %(door)s"
        )
        % {
            "badge": badge.code,
            # Rounded as the door says it: the first full minute without the lock-out.
            "until": local_words_from(until, facility.time_zone),
            "door": body.get("portal") or "?",
        },
        actor=event.actor,
    )


@transaction.atomic
def lock_outs_end(*, actor: Actor) -> None:
    """Clear the alarm of each badge whose lock-out is over. Repeats do no harm."""
    for alarm in Alarm.objects.filter(kind=LOCKED_OUT, closed_at=None).select_related("facility"):
        numbers = Badge.objects.filter(code=alarm.subject).values("number_sha256")
        lasting = PinFailures.objects.filter(
            facility=alarm.facility, credential__in=numbers, until__gt=now()
        )
        if not lasting.exists():
            alarm_clear(
                facility=alarm.facility,
                kind=LOCKED_OUT,
                subject=alarm.subject,
                note=_("The lock-out is over"),
                actor=actor,
            )


def copy_heard(event: EdgeEvent) -> None:
    """Raise an alarm for a refused card that has the chip's number, and not the proof, of a badge.

    Those come from copiers; a badge itself proves what it is, or is not read at all. Where badges
    that prove nothing once counted, theirs are such numbers too.
    """
    if not {UID_ONLY, UNKNOWN} & {each.get("code") for each in event.body["objections"]}:
        return
    facility, credential = event.gateway.facility, event.body.get("credential")
    badges = Badge.objects.filter(facility=facility).annotate(digest=_UidDigest(F("uid")))
    bears = Q(digest=credential) | Q(number_sha256=credential)
    badge = badges.filter(bears).first() if credential else None
    if badge is not None:
        alarm_raise(
            facility=facility,
            gravity=Gravity.CHECK,
            kind=COPIED,
            subject=badge.code,
            message=_("A card that proves nothing, with the number of badge %(badge)s, at %(door)s")
            % {"badge": badge.code, "door": event.body["portal"]},
            actor=event.actor,
        )


def encoded_over(event: EdgeEvent, badge: Badge) -> None:
    """Raise an alarm for each issued badge whose card has just become this one.

    A gateway refuses that for badges which it knows; another facility's it does not know.
    """
    others = Badge.objects.filter(uid__iexact=badge.uid, state=CredentialState.ISSUED)
    for other in others.exclude(pk=badge.pk).select_related("facility") if badge.uid else ():
        alarm_raise(
            facility=other.facility,
            gravity=Gravity.ACT,
            kind=ENCODED_OVER,
            subject=other.code,
            message=_(
                "The card of badge %(badge)s was encoded as %(now)s: it opens nothing any more. "
                "Give its holder another"
            )
            % {"badge": other.code, "now": badge.code},
            actor=event.actor,
        )
