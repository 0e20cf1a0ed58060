"""Set the threat level of a facility."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from access.events import PostureChanged
from access.models import ThreatLevelChange
from access.selectors.facts_place import policy_facts
from access.selectors.threat import threat_choices, threat_code, threat_raised
from access.selectors.threat_stops import visits_stopped_today
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, require
from scif.kernel.events import publish
from scif.people.access import lock, visible

SET = "access.set_threat_level"
STOPPED = "bookings_under_threat"


@transaction.atomic
def threat_level_set(
    *, facility_id: UUID, level: str, reason: str, actor: Actor
) -> ThreatLevelChange:
    """Raise or lower the threat level to one of the policy's list; doors learn of it at once."""
    facility = lock(visible(Facility.objects.all(), actor, SET), facility_id)
    if actor.person_id is None:
        raise NotPermitted("not_permitted", _("A threat level is set by a person."))
    policy = policy_facts(facility)
    before = threat_code(facility, policy)
    require(
        level in {each.code for each in threat_choices(policy)},
        "level_unknown",
        _("The policy lists no such threat level."),
        _("Choose one of its levels, or publish a policy that has it."),
    )
    require(level != before, "wrong_state", _("This threat level is in force already."))
    require(bool(reason.strip()), "reason_missing", _("Say why the threat level changes."))
    change = ThreatLevelChange.objects.create(
        facility=facility,
        level=level,
        reason=reason.strip()[:300],
        set_by_id=actor.person_id,
        set_at=_after_the_last(facility),
    )
    append(
        kind="threat_level.set",
        actor=actor,
        subject=change,
        facility=facility.pk,
        body={"level": level, "before": before, "reason": change.reason},
    )
    publish(PostureChanged(facility.pk))
    _tell(facility, actor)
    return change


def _tell(facility: Facility, actor: Actor) -> None:
    """Raise an alarm that names today's bookings that the level stops; end it where none is.

    Nobody's booking is moved silently: whoever comes is refused at the desk, so the officer tells
    the teams before.
    """
    stopped = visits_stopped_today(facility)
    subject = facility.code
    if not stopped:
        note = _("The threat level stops no booking of today.")
        alarm_clear(facility=facility, kind=STOPPED, subject=subject, note=note, actor=actor)
        return
    alarm_raise(
        facility=facility,
        gravity=Gravity.CHECK,
        kind=STOPPED,
        subject=subject,
        message=_("Threat level %(level)s stops today: %(bookings)s")
        % {
            "level": threat_raised(facility, policy_facts(facility)),
            "bookings": ", ".join(dict.fromkeys(each.booking.reference for each in stopped)),
        },
        actor=actor,
    )


def _after_the_last(facility: Facility) -> datetime:
    """Now, or just after the last change: the newest one holds, whatever the clock did."""
    last = ThreatLevelChange.objects.filter(facility=facility).aggregate(at=Max("set_at"))["at"]
    return now() if last is None else max(now(), last + timedelta(microseconds=1))
