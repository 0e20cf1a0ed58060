"""Alarms about who is in a zone, as its gateway found them; the names are looked up here."""

from collections.abc import Callable, Mapping

from django.db import transaction

from access.rules.wording.remaining import CONCERNS, OVERDUE, PASSBACK, UNSEEN
from hardware.models import Command
from hardware.services.ingest import EdgeEvent
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.facilities.models import Portal, Zone
from scif.people.models import Person

COUNT = "zone_forgive"  # of one person; without a name, of all who are inside
GRAVITY = {
    "right_withdrawn": Gravity.RESPOND,
    "escort_lost": Gravity.RESPOND,
    "escort_unfit": Gravity.RESPOND,
    "not_sanitised": Gravity.RESPOND,
    "two_person_broken": Gravity.ACT,
    "below_minimum": Gravity.CHECK,
}


@transaction.atomic
def _concern(event: EdgeEvent) -> None:
    """Something is wrong with who is inside a zone, or with other people than before."""
    code = event.body["concern"]
    _raise(event, code, GRAVITY.get(code, Gravity.CHECK), CONCERNS[code])


@transaction.atomic
def _overdue(event: EdgeEvent) -> None:
    """It has lasted longer than the policy's grace: an alarm of its own, and a graver one."""
    code = event.body["concern"]
    _raise(event, f"{code}_overdue", Gravity.RESPOND, OVERDUE[code])


@transaction.atomic
def _mended(event: EdgeEvent) -> None:
    """It is over: its alarm needs nobody any more.

    One that outlasted the grace is an alarm of its own and waits for what a guard finds.
    """
    code = event.body["concern"]
    zone = Zone.objects.get(code=event.body["zone"])
    alarm_clear(
        facility=event.gateway.facility,
        kind=code,
        subject=zone.code,
        note=f"{zone.name} is as it should be again",
        actor=event.actor,
    )


@transaction.atomic
def _uncertain(event: EdgeEvent) -> None:
    """Somebody may have passed a door while it was not heard: the room must be counted."""
    zone = Zone.objects.get(code=event.body["zone"])
    portal = Portal.objects.get(code=event.body["portal"])
    alarm_raise(
        facility=event.gateway.facility,
        gravity=Gravity.ACT,
        kind="zone_uncertain",
        subject=zone.code,
        message=UNSEEN[event.body["reason"]].format(zone=zone.name, portal=portal.code),
        actor=event.actor,
    )


@transaction.atomic
def _counted(event: EdgeEvent) -> None:
    """Its gateway has taken a count for right: nobody has to count any more."""
    command = Command.objects.filter(pk=event.body["command_id"], verb=COUNT).first()
    if command is None or command.args.get("person_id"):
        return
    zone = Zone.objects.get(code=command.target)
    alarm_clear(
        facility=event.gateway.facility,
        kind="zone_uncertain",
        subject=zone.code,
        note=f"{zone.name} was counted",
        actor=event.actor,
    )


@transaction.atomic
def passback_flag(*, event: EdgeEvent, portal: Portal) -> None:
    """Somebody entered who was counted inside, where anti-passback lets the badge pass."""
    person = Person.objects.filter(pk=event.body["person_id"]).first()
    alarm_raise(
        facility=event.gateway.facility,
        gravity=Gravity.CHECK,
        kind="passback",
        subject=portal.code,
        message=PASSBACK.format(person=person or event.body["badge"], portal=portal.code),
        actor=event.actor,
    )


def _raise(event: EdgeEvent, kind: str, gravity: Gravity, words: str) -> None:
    zone = Zone.objects.get(code=event.body["zone"])
    people = Person.objects.filter(pk__in=event.body["people"]).order_by("name")
    alarm_raise(
        facility=event.gateway.facility,
        gravity=gravity,
        kind=kind,
        subject=zone.code,
        message=words.format(
            zone=zone.name, people=", ".join(str(person) for person in people), least=zone.minimum
        ),
        actor=event.actor,
    )


HANDLERS: Mapping[str, Callable[[EdgeEvent], None]] = {
    "zone.concern": _concern,
    "zone.mended": _mended,
    "zone.overdue": _overdue,
    "zone.uncertain": _uncertain,
    "command.done": _counted,
}
