"""Places from which laptops may be used: registered, approved by lab and facility, revoked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from ipaddress import ip_network
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.rules.states import EngagementState
from access.selectors.engagement import engagements_for
from access.selectors.facts_place import week_of
from access.services.engagement import CHANGE, DISCLOSE, engagement_officer_require
from access.services.orders import policy_number
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock
from scif.people.naming import named
from terminals.events import PlaceChanged
from terminals.models import RegisteredPlace
from terminals.rules.place_states import PLACE, PlaceAction, PlaceState
from terminals.selectors.place import places_for
from terminals.selectors.terms import offsite_permitted
from terminals.services.terminal import person_of


@transaction.atomic
def place_register(
    *,
    engagement_id: UUID,
    facility_id: UUID,
    name: str,
    address: str,
    network: str,
    ceiling: int,
    hours: Mapping[str, Sequence[str]],
    valid_from: datetime,
    valid_until: datetime,
    actor: Actor,
) -> RegisteredPlace:
    """Register a place for an engagement; nobody works there before two people approved it.

    Refuses (``offsite_not_permitted``) where the terms in force let nobody work outside.
    ``network``: whence its laptops come, in CIDR notation. ``hours`` by weekday as an area's.
    ``ceiling``: security level, 1 to 5, no higher than the policy's.
    """
    engagement = lock(engagements_for(actor, CHANGE), engagement_id)
    engagement_officer_require(engagement, actor)
    require(
        engagement.state == EngagementState.ACTIVE,
        "engagement_not_active",
        _("The engagement is not active."),
    )
    facility = Facility.objects.select_related("policy").get(pk=facility_id)
    require(
        engagement.areas.filter(facility=facility).exists(),
        "other_facility",
        _("The engagement has no room at this facility."),
    )
    require(
        offsite_permitted(engagement.pk),
        "offsite_not_permitted",
        _("The terms of the engagement do not permit use outside its rooms."),
        _("Ask lab and facility to agree on terms that do, then register it."),
    )
    require(
        ceiling <= policy_number(facility, "offsite_ceiling"),
        "ceiling_above_policy",
        _("The policy lets no such place reach this security level."),
        _("Register it for a lower one."),
    )
    require(bool(week_of(hours)), "hours_missing", _("Name at least one day with its hours."))
    require(
        engagement.valid_from <= valid_from and valid_until <= engagement.valid_until,
        "beyond_engagement",
        _("The place's term goes beyond the engagement."),
        _("Choose days within it."),
    )
    place = RegisteredPlace(
        facility=facility,
        engagement=engagement,
        name=text_of(name, "name", most=80, missing=_("Name the place."), lines=False),
        address=text_of(address, "address", most=200, missing=_("Say where it is."), lines=False),
        network=_network(network, policy_number(facility, "offsite_addresses")),
        ceiling=ceiling,
        hours=dict(hours),
        valid_from=valid_from,
        valid_until=valid_until,
        registered_by_id=person_of(actor),
        registered_at=now(),
    )
    place.full_clean()
    place.save(force_insert=True)
    _tell(
        place,
        "place.registered",
        actor,
        address=place.address,
        network=place.network,
        ceiling=place.ceiling,
        hours=place.hours,
        valid_from=place.valid_from,
        valid_until=place.valid_until,
    )
    return place


@transaction.atomic
def place_approve_lab(*, place_id: UUID, actor: Actor) -> RegisteredPlace:
    """The lab's approval, by its sponsor's officer alone; the second one opens the place."""
    place = _locked(place_id, actor, DISCLOSE)
    _lab_require(place, actor)
    _open(place, place.lab_approved_by_id)
    place.lab_approved_by_id = actor.person_id
    return _approved(place, "place.approved_by_lab", actor)


@transaction.atomic
def place_approve_facility(*, place_id: UUID, actor: Actor) -> RegisteredPlace:
    """The facility's approval, by another officer than registered it; the second one opens it."""
    place = _locked(place_id, actor, CHANGE)
    engagement_officer_require(place.engagement, actor)
    _open(place, place.facility_approved_by_id)
    place.facility_approved_by_id = person_of(actor)
    return _approved(place, "place.approved_by_facility", actor)


@transaction.atomic
def place_revoke(*, place_id: UUID, reason: str, actor: Actor) -> RegisteredPlace:
    """Revoke a place for good, by one person: its sessions end, and no laptop goes out for it."""
    return _revoked(_locked(place_id, actor, CHANGE), reason, actor)


@transaction.atomic
def place_revoke_lab(*, place_id: UUID, reason: str, actor: Actor) -> RegisteredPlace:
    """The lab takes its leave back, by its sponsor's officer: as :func:`place_revoke`."""
    place = _locked(place_id, actor, DISCLOSE)
    _lab_require(place, actor)
    return _revoked(place, reason, actor)


def _lab_require(place: RegisteredPlace, actor: Actor) -> None:
    if actor.person_id is None or actor.person_id != place.engagement.sponsor.officer_id:
        raise NotPermitted(
            "not_permitted",
            _("Only the sponsor's officer decides for the lab."),
            _("Ask the sponsor's officer."),
        )


def _revoked(place: RegisteredPlace, reason: str, actor: Actor) -> RegisteredPlace:
    reason = text_of(reason, "reason", missing=_("Say why."))
    place.state = PLACE.next(PlaceState(place.state), PlaceAction.REVOKE)
    place.revoked_by_id, place.revoked_at, place.revoked_why = person_of(actor), now(), reason
    place.save(update_fields=["state", "revoked_by", "revoked_at", "revoked_why"])
    _tell(place, "place.revoked", actor, reason=reason)
    return place


def _network(text: str, most: int) -> str:
    """As it is kept, without bits behind the prefix; of so many addresses at the most."""
    try:
        network = ip_network(text.strip())
    except ValueError as error:
        raise Refused(
            "network_unfit",
            _("This is no network."),
            _("Write it like 192.0.2.0/28, with nothing behind the prefix."),
        ) from error
    require(
        network.num_addresses <= most,
        "network_too_wide",
        _("The policy lets no place be known by so wide a network."),
        _("Name the addresses that its laptops come from, and no more."),
    )
    return str(network)


def _approved(place: RegisteredPlace, kind: str, actor: Actor) -> RegisteredPlace:
    """INVARIANT: open only after two different people approved, for lab and facility, neither of
    whom registered it.
    """
    require(
        place.registered_by_id not in {place.lab_approved_by_id, place.facility_approved_by_id},
        "own_request",
        _("Whoever registered a place does not approve it."),
        _("Another person of your side does."),
    )
    require(
        place.lab_approved_by_id != place.facility_approved_by_id,
        "same_person",
        _("One person cannot approve for both lab and facility."),
        _("Another person approves for the other side."),
    )
    if place.lab_approved_by_id and place.facility_approved_by_id:
        place.state = PLACE.next(PlaceState(place.state), PlaceAction.APPROVE)
        place.approved_at = now()
    place.save(update_fields=["lab_approved_by", "facility_approved_by", "state", "approved_at"])
    _tell(place, kind, actor)
    return place


def _open(place: RegisteredPlace, approver_id: UUID | None) -> None:
    require(
        place.state == PlaceState.PROPOSED and approver_id is None,
        "wrong_state",
        _("This place does not wait for your approval any more."),
        _("Look at its page."),
    )


def _locked(place_id: UUID, actor: Actor, permission: str) -> RegisteredPlace:
    """Lock order: engagement, then the place."""
    seen = places_for(actor, permission).get(pk=place_id)
    engagement = lock(engagements_for(actor, permission), seen.engagement_id)
    place = lock(places_for(actor, permission), place_id)
    place.engagement = engagement
    return place


def _tell(place: RegisteredPlace, kind: str, actor: Actor, **body: object) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=place,
        facility=place.facility_id,
        body={
            "place": place.name,
            "engagement": place.engagement.reference,
            "state": place.state,
            **body,
            **named(actor),
        },
    )
    publish(PlaceChanged(place.pk))
