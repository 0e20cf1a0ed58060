"""Badges of staff from the office: encoded by order, replaced after a loss, taken back.

INVARIANT: the centre learns the digest of a badge's number, never the number.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import BadgeChanged
from access.models import Badge, BadgeAssignment
from access.rules.states import CREDENTIAL, CredentialAction, CredentialState
from access.selectors.badges import ENCODE, FREE, STAFF_KINDS
from access.selectors.people import people_of
from access.services.badge_end import REVOKE, badge_report_lost
from access.services.badge_watch import encoded_over
from access.services.orders import desk_reader, order_request
from hardware.models import Command, DeviceKind, DeviceState
from hardware.services.ingest import EdgeEvent
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.people.access import lock, visible
from scif.people.models import Person
from scif.people.naming import named

CHANGE = "access.change_roster"


@transaction.atomic
def staff_badge_issue(*, person_id: UUID, badge_id: UUID, actor: Actor) -> Person:
    """Give a member of staff a badge: a blank one is encoded on the desk reader by order.

    It is issued when the reader reports the card's number. One that was encoded beforehand is
    issued at once, and only while no desk reader of its facility answers.
    """
    person = _holder_lock(person_id, actor)
    badges = Badge.objects.select_related("facility").filter(kind__in=STAFF_KINDS)
    _give(person, lock(visible(badges, actor, CHANGE), badge_id), actor)
    return person


@transaction.atomic
def staff_badge_replace(*, lost_id: UUID, badge_id: UUID, reason: str, actor: Actor) -> Person:
    """Record a staff badge as lost, which every door learns at once, and give another for it.

    One act: if no other badge can be given, the loss is not recorded either, and the refusal says
    how to record it alone.
    """
    lost = visible(Badge.objects.all(), actor, REVOKE).get(pk=lost_id)
    held = BadgeAssignment.objects.filter(badge=lost, returned_at=None, visit=None).first()
    if held is None:
        raise Refused("not_held", _("No member of staff holds this badge."))
    person = _holder_lock(held.person_id, actor)
    badge_report_lost(badge_id=lost_id, reason=reason, actor=actor)
    badges = Badge.objects.select_related("facility").filter(
        kind__in=STAFF_KINDS, facility=lost.facility_id
    )
    badge = lock(visible(badges, actor, CHANGE), badge_id)
    try:
        _give(person, badge, actor)
    except Refused as error:
        raise Refused(
            error.code,
            error.message,
            _("%(remedy)s Or record the badge as lost, and issue another later.")
            % {"remedy": error.remedy},
        ) from error
    return person


@transaction.atomic
def staff_badge_return(*, badge_id: UUID, actor: Actor) -> Badge:
    """Take a badge back from a member of staff: no door knows it; its card waits to be erased."""
    badges = Badge.objects.filter(kind__in=STAFF_KINDS)
    badge = lock(visible(badges, actor, REVOKE), badge_id)
    badge.state = CREDENTIAL.next(CredentialState(badge.state), CredentialAction.RETURN)
    badge.save(update_fields=["state"])
    BadgeAssignment.objects.filter(badge=badge, returned_at=None).update(returned_at=now())
    append(
        kind="badge.returned",
        actor=actor,
        subject=badge,
        facility=badge.facility_id,
        body={"badge": badge.code, **named(actor)},
    )
    publish(BadgeChanged(badge.pk))
    return badge


def staff_card_heard(event: EdgeEvent) -> None:
    """Take the desk reader's word that it encoded a card for a member of staff.

    Orders for a visit change nothing here (``access/services/badge.py``).
    """
    ordered = event.body.get("command_id")
    command = Command.objects.filter(pk=ordered).first() if ordered else None
    if command is None or command.gateway_id != event.gateway.pk or "person" not in command.args:
        return
    person = lock(Person.objects.all(), UUID(command.args["person"]))
    badges = Badge.objects.select_for_update(of=("self",), no_key=True)
    badge = badges.filter(
        facility=event.gateway.facility, code=command.args.get("badge", "")
    ).first()
    if badge is None or badge.state != CredentialState.BLANK or _held(person, badge.facility_id):
        card_unassigned(event, command)
        return
    badge.uid = str(event.body.get("uid", ""))[:20]
    badge.number_sha256 = event.body["number_sha256"]
    badge.save(update_fields=["uid", "number_sha256"])
    encoded_over(event, badge)
    _hand_over(badge, person, event.occurred_at, event.actor)


def card_unassigned(event: EdgeEvent, command: Command) -> None:
    """Raise an alarm: a number is on a card, and no door knows it."""
    alarm_raise(
        facility=event.gateway.facility,
        gravity=Gravity.CHECK,
        kind="card_unassigned",
        subject=command.target,
        message=_("A card was encoded as badge %(code)s, which nobody takes now")
        % {"code": command.args.get("badge", "")},
        actor=event.actor,
    )


def _holder_lock(person_id: UUID, actor: Actor) -> Person:
    """Lock whoever is to get a badge; nobody issues one to himself."""
    require(
        actor.person_id != person_id,
        "own_badge",
        _("Nobody issues a badge to himself."),
        _("Another officer issues it."),
    )
    return lock(people_of(actor, CHANGE), person_id)


def _give(person: Person, badge: Badge, actor: Actor) -> None:
    require(
        not _held(person, badge.facility_id),
        "has_badge",
        _("This person has a badge of this facility."),
        _("Replace that one, or take it back first."),
    )
    require(
        badge.state in FREE,
        "badge_taken",
        _("This badge is not free any more."),
        _("Choose another one."),
    )
    if badge.state == CredentialState.ENCODED:
        require(
            not _answers(badge.facility),
            "reader_answers",
            _("The desk reader answers."),
            _("Encode a blank card on it."),
        )
        _hand_over(badge, person, now(), actor)
        return
    encode_order(badge, {"person": str(person.pk)}, actor)


def encode_order(badge: Badge, args: dict[str, str], actor: Actor) -> Command:
    """Order a blank badge's card to be encoded; refuses where the desk reader is silent."""
    reader = desk_reader(badge.facility)
    require(
        not DeviceState.objects.filter(device=reader, online=False).exists(),
        "reader_silent",
        _("The desk reader %(reader)s gives no answer.") % {"reader": reader.code},
        _("Mend the reader, or give a badge that was encoded beforehand."),
    )
    return order_request(
        device=reader,
        target=reader.code,
        verb=ENCODE,
        args={"badge": badge.code, **args},
        lifetime="card_lifetime",
        actor=actor,
    )


def _hand_over(badge: Badge, person: Person, at: datetime, actor: Actor) -> None:
    badge.state = CREDENTIAL.next(CredentialState(badge.state), CredentialAction.ISSUE)
    badge.save(update_fields=["state"])
    BadgeAssignment.objects.create(badge=badge, person=person, issued_at=at)
    append(
        kind="badge.issued",
        actor=actor,
        subject=badge,
        facility=badge.facility_id,
        body={"badge": badge.code, "person": str(person.pk), **named(actor)},
    )
    publish(BadgeChanged(badge.pk))


def _held(person: Person, facility_id: UUID) -> bool:
    """Whether the person holds a badge of the facility that doors know, apart from any visit."""
    return BadgeAssignment.objects.filter(
        person=person,
        visit=None,
        returned_at=None,
        badge__facility=facility_id,
        badge__state=CredentialState.ISSUED,
    ).exists()


def _answers(facility: Facility) -> bool:
    return DeviceState.objects.filter(
        device__kind=DeviceKind.DESK_READER,
        device__retired_at=None,
        device__bus__gateway__facility=facility,
        online=True,
    ).exists()
