"""The mandate: drafted, proposed, approved by lab and facility, closed (R45)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import BookingChanged, PersonChanged
from access.models import AccessKind, Engagement, EngagementMember, ModelAsset
from access.rules.states import ENGAGEMENT, HOLDS_SLOT, EngagementAction, EngagementState
from access.selectors.engagement import engagement_reached, engagements_for
from access.selectors.people import people_of
from scif.facilities.models import Area, Compartment, Level
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted, require
from scif.kernel.events import publish
from scif.kernel.ids import reference
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.models import Organisation
from scif.people.naming import named, person_named

CHANGE = "access.change_engagement"
DISCLOSE = "access.disclose_engagement"


@transaction.atomic
def engagement_draft(
    *,
    title: str,
    asset_id: UUID,
    organisation_id: UUID,
    kind: AccessKind,
    level_id: UUID,
    area_ids: Sequence[UUID],
    valid_from: datetime,
    valid_until: datetime,
    compartment_ids: Sequence[UUID] = (),
    actor: Actor,
) -> Engagement:
    """Draft a mandate in areas of the officer's facilities; the asset's sponsor discloses."""
    areas = list(visible(Area.objects.filter(pk__in=area_ids), actor, CHANGE))
    require(
        bool(areas) and len(areas) == len(set(area_ids)),
        "area_missing",
        _("Name the rooms of your facility in which the material is shown."),
    )
    asset = ModelAsset.objects.select_related("sponsor").get(pk=asset_id)
    engagement = Engagement(
        reference=reference("ENG"),
        title=title.strip(),
        sponsor=asset.sponsor,
        organisation=Organisation.objects.get(pk=organisation_id),
        kind=kind,
        asset=asset,
        level=Level.objects.get(pk=level_id),
        state=EngagementState.DRAFT,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    engagement.full_clean()
    engagement.save(force_insert=True)
    engagement.areas.set(areas)
    compartments = Compartment.objects.filter(pk__in=compartment_ids)
    require(
        compartments.count() == len(set(compartment_ids)),
        "compartment_missing",
        _("A compartment of the draft is not on record."),
    )
    engagement.compartments.set(compartments)
    _tell(engagement, "engagement.drafted", actor, **_terms(engagement), **_scope(engagement))
    return engagement


@transaction.atomic
def engagement_member_add(
    *, engagement_id: UUID, person_id: UUID, lead: bool = False, actor: Actor
) -> EngagementMember:
    """Name a person in a mandate that is not closed; nobody else can be booked under it (R46)."""
    engagement = lock(engagements_for(actor, CHANGE), engagement_id)
    engagement_officer_require(engagement, actor)
    _open(engagement)
    person = people_of(actor, CHANGE).get(pk=person_id)
    member = EngagementMember(engagement=engagement, person=person, lead=lead)
    member.full_clean()
    member.save(force_insert=True)
    _tell(
        engagement,
        "engagement.member_added",
        actor,
        person=str(person_id),
        member=person_named(person),
        lead=lead,
    )
    publish(PersonChanged(person_id))
    return member


@transaction.atomic
def engagement_member_remove(*, engagement_id: UUID, person_id: UUID, actor: Actor) -> None:
    """Take a person out of a mandate; what he has booked is decided anew at the door."""
    engagement = lock(engagements_for(actor, CHANGE), engagement_id)
    engagement_officer_require(engagement, actor)
    _open(engagement)
    engagement.members.get(person_id=person_id).delete()
    _tell(engagement, "engagement.member_removed", actor, person=str(person_id))
    publish(PersonChanged(person_id))


@transaction.atomic
def engagement_propose(*, engagement_id: UUID, actor: Actor) -> Engagement:
    """Put a drafted mandate before lab and facility."""
    engagement = _step(engagement_id, EngagementAction.PROPOSE, actor)
    require(
        engagement.members.filter(lead=True).exists(),
        "no_lead",
        _("The engagement names no lead."),
        _("Name its members, one of them as lead."),
    )
    return _keep(engagement, "engagement.proposed", actor)


@transaction.atomic
def engagement_approve_lab(*, engagement_id: UUID, actor: Actor) -> Engagement:
    """The lab's approval, by its sponsor's officer alone. The second approval makes it active."""
    engagement = lock(engagements_for(actor, DISCLOSE), engagement_id)
    if actor.person_id is None or actor.person_id != engagement.sponsor.officer_id:
        raise NotPermitted(
            "not_permitted",
            _("Only the sponsor's officer approves for the lab."),
            _("Ask the sponsor's officer."),
        )
    engagement.lab_approved_by_id = actor.person_id
    return _approved(engagement, "engagement.approved_by_lab", actor)


@transaction.atomic
def engagement_approve_facility(*, engagement_id: UUID, actor: Actor) -> Engagement:
    """The facility's approval, by one of its officers. The second approval makes it active."""
    engagement = lock(engagements_for(actor, CHANGE), engagement_id)
    engagement_officer_require(engagement, actor)
    require(actor.person_id is not None, "no_person", _("A mandate is approved by a person."))
    engagement.facility_approved_by_id = actor.person_id
    return _approved(engagement, "engagement.approved_by_facility", actor)


@transaction.atomic
def engagement_refuse(*, engagement_id: UUID, reason: str, actor: Actor) -> Engagement:
    """Refuse a proposed mandate, with a reason."""
    engagement = _step(engagement_id, EngagementAction.REFUSE, actor)
    return _keep(engagement, "engagement.refused", actor, reason=_reason(reason))


@transaction.atomic
def engagement_suspend(*, engagement_id: UUID, reason: str, actor: Actor) -> Engagement:
    """Suspend a mandate: nobody enters under it until it is resumed."""
    engagement = _step(engagement_id, EngagementAction.SUSPEND, actor)
    return _keep(engagement, "engagement.suspended", actor, reason=_reason(reason))


@transaction.atomic
def engagement_resume(*, engagement_id: UUID, reason: str, actor: Actor) -> Engagement:
    """Resume a suspended mandate."""
    engagement = _step(engagement_id, EngagementAction.RESUME, actor)
    return _keep(engagement, "engagement.resumed", actor, reason=_reason(reason))


@transaction.atomic
def engagement_close(*, engagement_id: UUID, reason: str, actor: Actor) -> Engagement:
    """Close a mandate for good."""
    engagement = _step(engagement_id, EngagementAction.CLOSE, actor)
    return _keep(engagement, "engagement.closed", actor, reason=_reason(reason))


def _step(engagement_id: UUID, action: EngagementAction, actor: Actor) -> Engagement:
    engagement = lock(engagements_for(actor, CHANGE), engagement_id)
    engagement_officer_require(engagement, actor)
    engagement.state = ENGAGEMENT.next(EngagementState(engagement.state), action)
    return engagement


def _approved(engagement: Engagement, kind: str, actor: Actor) -> Engagement:
    """INVARIANT: active only after two different people approved, for lab and facility (R45)."""
    # Both approvals belong to the proposed state; the table refuses any other.
    following = ENGAGEMENT.next(EngagementState(engagement.state), EngagementAction.ACTIVATE)
    require(
        engagement.lab_approved_by_id != engagement.facility_approved_by_id,
        "same_person",
        _("One person cannot approve for both lab and facility."),
        _("Another person approves for the other side."),
    )
    if engagement.lab_approved_by_id and engagement.facility_approved_by_id:
        engagement.state = following
    return _keep(engagement, kind, actor, **_terms(engagement))


def _keep(engagement: Engagement, kind: str, actor: Actor, **body: object) -> Engagement:
    engagement.save(update_fields=["state", "lab_approved_by", "facility_approved_by"])
    _tell(engagement, kind, actor, **body)
    for pk in engagement.bookings.filter(state__in=HOLDS_SLOT).values_list("pk", flat=True):
        publish(BookingChanged(pk))
    return engagement


def _tell(engagement: Engagement, kind: str, actor: Actor, **body: object) -> None:
    facility = engagement.areas.values_list("facility_id", flat=True).first()
    append(
        kind=kind,
        actor=actor,
        subject=engagement,
        facility=facility,
        body={
            "reference": engagement.reference,
            "state": engagement.state,
            **named(actor),
            **body,
        },
    )


def _terms(engagement: Engagement) -> dict[str, object]:
    """What is approved, in the words of the day: a mandate is not changed after its draft."""
    return {
        "sponsor": str(engagement.sponsor),
        "sponsor_id": str(engagement.sponsor_id),
        "organisation": str(engagement.organisation),
        "access": engagement.kind,
        "valid_from": engagement.valid_from,
        "valid_until": engagement.valid_until,
    }


def _scope(engagement: Engagement) -> dict[str, object]:
    """What bears the mandate's label: only its draft tells it."""
    return {
        "title": engagement.title,
        "asset": str(engagement.asset),
        "asset_id": str(engagement.asset_id),
        "level": str(engagement.level_id),
        "compartments": sorted(str(each.pk) for each in engagement.compartments.all()),
    }


def engagement_officer_require(engagement: Engagement, actor: Actor) -> None:
    """An officer of every facility that the mandate touches."""
    if not engagement_reached(engagement, actor):
        raise NotPermitted(
            "not_permitted",
            _("Your role does not reach every room of this engagement."),
            _("Ask an officer of each of its facilities."),
        )


def _open(engagement: Engagement) -> None:
    require(
        engagement.state not in {EngagementState.CLOSED, EngagementState.REFUSED},
        "wrong_state",
        _("The engagement is closed."),
        _("Draft a new one."),
    )


def _reason(reason: str) -> str:
    return text_of(reason, "reason", missing=_("Say why."))
