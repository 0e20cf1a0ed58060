"""Emergency response: declared by two, responders admitted at once, held until debriefed (R20)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import EmergencyChanged
from access.models import Emergency, Responder, Response
from access.rules.reach import has_full_access
from access.selectors.emergency import responders_at, responders_inside
from access.selectors.facts_person import person_facts
from access.selectors.facts_place import area_facts, policy_facts
from access.selectors.people import people_of
from access.services.emergency_call import second_called, second_came
from access.services.grant import by_two
from access.services.orders import policy_number
from scif.alarms.models import Alarm, Gravity
from scif.facilities.models import Area, Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, require
from scif.kernel.events import publish
from scif.kernel.ids import reference
from scif.people.access import lock, visible

DECLARE = "access.declare_emergency"
DEBRIEF = "access.debrief_responder"
CHANGE_ROSTER = "access.change_roster"


@transaction.atomic
def emergency_declare(
    *, facility_id: UUID, alarm_id: UUID | None, incident: str, actor: Actor
) -> Emergency:
    """Declare an emergency that names its incident; a second person makes it hold.

    An open RESPOND alarm that somebody else has taken stands for the first of the two.
    """
    facility = lock(visible(Facility.objects.all(), actor, DECLARE), facility_id)
    person = _person(actor)
    require(bool(incident.strip()), "incident_missing", _("Name the incident."))
    standing = Emergency.objects.filter(facility=facility, ended_at=None)
    require(not standing.exists(), "wrong_state", _("An emergency is declared already."))
    alarm = _alarm(facility, alarm_id) if alarm_id else None
    taken_by = alarm.acknowledged_by_id if alarm else None
    by_alarm = taken_by is not None and taken_by != person
    emergency = Emergency.objects.create(
        facility=facility,
        reference=reference("E"),
        alarm=alarm,
        incident=incident.strip()[:200],
        declared_by_id=taken_by if by_alarm and taken_by else person,
        declared_at=now(),
    )
    append(
        kind="emergency.declared",
        actor=actor,
        subject=emergency,
        facility=facility.pk,
        body={
            "reference": emergency.reference,
            "incident": emergency.incident,
            "alarm": str(alarm.pk) if alarm else None,
        },
    )
    if by_alarm:
        _confirm(emergency, person, actor)
    else:
        second_called(emergency, actor)
    return emergency


@transaction.atomic
def emergency_confirm(*, emergency_id: UUID, actor: Actor) -> Emergency:
    """Be the second of the two people; from now on every door opens to the responders."""
    emergency = lock(visible(Emergency.objects.all(), actor, DECLARE), emergency_id)
    require(
        emergency.confirmed_at is None and emergency.ended_at is None,
        "wrong_state",
        _("The emergency is confirmed already, or over."),
    )
    person = _person(actor)
    require(
        emergency.declared_by_id != person,
        "same_person",
        _("You have declared it."),
        _("Another person confirms it."),
    )
    _confirm(emergency, person, actor)
    return emergency


@transaction.atomic
def emergency_end(*, emergency_id: UUID, reason: str, actor: Actor) -> Emergency:
    """Let no more responders in; who came is held until debriefed. One person is enough."""
    emergency = lock(visible(Emergency.objects.all(), actor, DECLARE), emergency_id)
    require(emergency.ended_at is None, "wrong_state", _("The emergency has ended already."))
    require(bool(reason.strip()), "reason_missing", _("Say how it ended."))
    emergency.ended_by_id, emergency.ended_at = _person(actor), now()
    emergency.save(update_fields=["ended_by", "ended_at"])
    second_came(emergency, "The emergency has ended.", actor)
    append(
        kind="emergency.ended",
        actor=actor,
        subject=emergency,
        facility=emergency.facility_id,
        body={"reason": reason.strip()},
    )
    publish(EmergencyChanged(emergency.pk))
    _close_if_done(emergency, actor)
    return emergency


@transaction.atomic
def response_debrief(*, response_id: UUID, actor: Actor) -> Response:
    """Record that a responder was debriefed, by a person who is read into all that he entered.

    The last one closes an emergency that has ended.
    """
    responses = visible(Response.objects.all(), actor, DEBRIEF)
    response = lock(responses, response_id)
    person = _person(actor)
    require(response.entered_at is not None, "not_entered", _("This responder has not entered."))
    require(response.debriefed_at is None, "wrong_state", _("Debriefed already."))
    require(
        may_debrief(response, person),
        "not_indoctrinated",
        _("Whoever debriefs is read into everything that the responder may have seen."),
        _("Call a person of the facility who is."),
    )
    require(
        not responders_inside(response.emergency.facility)
        .filter(person=response.person_id)
        .exists(),
        "still_inside",
        _("This responder is counted inside still."),
        _("Debrief him once he is out. If he has left by the handle, put the count right first."),
    )
    response.debriefed_by_id, response.debriefed_at = person, now()
    response.save(update_fields=["debriefed_by", "debriefed_at"])
    append(
        kind="emergency.debriefed",
        actor=actor,
        subject=response,
        facility=response.emergency.facility_id,
        body={"person": str(response.person_id)},
    )
    _close_if_done(lock(Emergency.objects.all(), response.emergency_id), actor)
    return response


def may_debrief(response: Response, person: UUID) -> bool:
    """Whether a person is another one, and read into all that the responder may have seen."""
    areas = response.areas.all()
    return response.person_id != person and all(_may_debrief(person, area) for area in areas)


@transaction.atomic
def response_entered(*, response_id: str, area: Area, at: datetime, actor: Actor) -> None:
    """A responder went in, as the door's gateway reports: from now on he owes a debrief.

    One who was debriefed before owes another, even where the emergency was closed meanwhile: a
    gateway that was cut off lets him in by what it was last told.
    """
    response = Response.objects.select_for_update(of=("self",), no_key=True).get(pk=response_id)
    response.areas.add(area)
    if response.entered_at is None or response.debriefed_at is not None:
        response.entered_at = at
        response.debriefed_by = response.debriefed_at = None
        response.save(update_fields=["entered_at", "debriefed_by", "debriefed_at"])
        Emergency.objects.filter(pk=response.emergency_id).update(closed_at=None)
        append(
            kind="emergency.entered",
            actor=actor,
            subject=response,
            facility=response.emergency.facility_id,
            occurred_at=at,
            body={"person": str(response.person_id), "area": area.code},
        )


@by_two(permission=CHANGE_ROSTER)
@transaction.atomic
def responder_appoint(
    *, facility_id: UUID, person_id: UUID, valid_until: datetime, actor: Actor
) -> Responder:
    """Enter a person into the response force; an emergency that holds lets him in as well."""
    facility = lock(visible(Facility.objects.all(), actor, CHANGE_ROSTER), facility_id)
    at = now()
    require(person_id != actor.person_id, "same_person", _("Nobody appoints himself."))
    require(valid_until > at, "window_empty", _("An appointment ends after it begins."))
    responder = Responder(
        facility=facility,
        person=people_of(actor, CHANGE_ROSTER).get(pk=person_id),
        valid_from=at,
        valid_until=valid_until,
    )
    responder.full_clean()
    responder.save(force_insert=True)
    append(
        kind="responder.appointed",
        actor=actor,
        subject=responder,
        facility=facility.pk,
        body={"person": str(person_id), "valid_until": valid_until},
    )
    for emergency in Emergency.objects.filter(
        facility=facility, confirmed_at__isnull=False, ended_at=None
    ):
        Response.objects.get_or_create(emergency=emergency, person=responder.person)
        publish(EmergencyChanged(emergency.pk))
    return responder


@transaction.atomic
def responder_end(*, responder_id: UUID, reason: str, actor: Actor) -> Responder:
    """Take a person out of the response force; an emergency already declared is not changed."""
    responder = lock(visible(Responder.objects.all(), actor, CHANGE_ROSTER), responder_id)
    at = now()
    require(at < responder.valid_until, "wrong_state", _("The appointment has ended already."))
    require(bool(reason.strip()), "reason_missing", _("Say why it ends."))
    responder.valid_until = max(at, responder.valid_from + timedelta(microseconds=1))
    responder.save(update_fields=["valid_until"])
    append(
        kind="responder.ended",
        actor=actor,
        subject=responder,
        facility=responder.facility_id,
        body={"person": str(responder.person_id), "reason": reason.strip()},
    )
    return responder


def _confirm(emergency: Emergency, person: UUID, actor: Actor) -> None:
    at = now()
    longest = timedelta(minutes=policy_number(emergency.facility, "emergency_longest"))
    emergency.confirmed_by_id, emergency.confirmed_at = person, at
    emergency.ends_at = at + longest
    emergency.save(update_fields=["confirmed_by", "confirmed_at", "ends_at"])
    second_came(emergency, "A second person has confirmed it.", actor)
    force = responders_at(emergency.facility, at)
    people = sorted(set(force.values_list("person_id", flat=True)))
    Response.objects.bulk_create(Response(emergency=emergency, person_id=pk) for pk in people)
    append(
        kind="emergency.confirmed",
        actor=actor,
        subject=emergency,
        facility=emergency.facility_id,
        body={"responders": [str(pk) for pk in people], "ends_at": emergency.ends_at},
    )
    publish(EmergencyChanged(emergency.pk))


def _close_if_done(emergency: Emergency, actor: Actor) -> None:
    owed = emergency.responses.filter(entered_at__isnull=False, debriefed_at=None)
    if emergency.ended_at is None or emergency.closed_at is not None or owed.exists():
        return
    emergency.closed_at = now()
    emergency.save(update_fields=["closed_at"])
    append(kind="emergency.closed", actor=actor, subject=emergency, facility=emergency.facility_id)


def _alarm(facility: Facility, alarm_id: UUID) -> Alarm:
    """An alarm that calls for a response, which somebody has taken and nobody has closed."""
    alarm = Alarm.objects.filter(pk=alarm_id, facility=facility, closed_at=None).first()
    fits = alarm is not None and alarm.gravity == Gravity.RESPOND
    require(
        fits and alarm is not None and alarm.acknowledged_by_id is not None,
        "alarm_not_taken",
        _("This is no open RESPOND alarm that somebody has taken."),
        _("Acknowledge the alarm, or declare without it."),
    )
    return Alarm.objects.get(pk=alarm_id)


def _may_debrief(person: UUID, area: Area) -> bool:
    label = area_facts(area).label
    if label is None:
        return True
    today = now().date()
    facts = person_facts([person], area.facility)[person]
    return has_full_access(facts, label, policy_facts(area.facility), (today, today))


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotPermitted("not_permitted", _("This is done by a person, not by a process."))
    return actor.person_id
