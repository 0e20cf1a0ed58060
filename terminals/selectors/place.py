"""Registered places as whoever may see them lists them, and what is out for them."""

from uuid import UUID

from django.db.models import Q, QuerySet

from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import visible
from scif.people.models import Person
from terminals.models import RegisteredPlace, TerminalCustody
from terminals.rules.place_states import PlaceState

VIEW = "access.view_engagement"


def places_for(actor: Actor, permission: str = VIEW) -> QuerySet[RegisteredPlace]:
    """The places on which the actor holds a permission, by role or as his engagement's."""
    related = ("facility__policy", "engagement__sponsor__organisation", "engagement__asset")
    return visible(RegisteredPlace.objects.all(), actor, permission).select_related(*related)


def places_of_member(actor: Actor) -> QuerySet[RegisteredPlace]:
    """Where the actor himself may work: approved, of his engagements, and not over."""
    found = places_for(actor).filter(
        state=PlaceState.APPROVED,
        valid_until__gt=now(),
        engagement__members__person_id__in=[actor.person_id],
    )
    return found.order_by("engagement__reference", "name")


def places_to_approve(actor: Actor) -> QuerySet[RegisteredPlace]:
    """What waits for the actor as the sponsor's officer."""
    return places_for(actor, "access.disclose_engagement").filter(
        state=PlaceState.PROPOSED,
        lab_approved_by=None,
        engagement__sponsor__officer_id__in=[actor.person_id],
    )


def places_of_lab(actor: Actor) -> QuerySet[RegisteredPlace]:
    """What the actor may revoke as the sponsor's officer: whatever is open of his engagements."""
    found = places_for(actor, "access.disclose_engagement").filter(
        state=PlaceState.APPROVED, engagement__sponsor__officer_id__in=[actor.person_id]
    )
    return found.order_by("engagement__reference", "name")


def places_to_equip(facility: Facility) -> QuerySet[RegisteredPlace]:
    """The places of a facility for which a laptop may go out now."""
    at = now()
    open_now = Q(state=PlaceState.APPROVED, valid_from__lte=at, valid_until__gt=at)
    found = RegisteredPlace.objects.filter(open_now, facility=facility)
    related = ("facility__policy", "engagement__sponsor__organisation", "engagement__asset",
               "engagement__level__scheme")  # fmt: skip
    return found.select_related(*related).order_by("engagement__reference", "name")


def members_of(place: RegisteredPlace) -> QuerySet[Person]:
    """Whom a place is for: the members of its engagement."""
    return Person.objects.filter(memberships__engagement=place.engagement_id)


def custody_at(place: RegisteredPlace, person: Person) -> TerminalCustody | None:
    """Under which a person has a laptop out for a place."""
    out = TerminalCustody.objects.filter(place=place, person=person, ended_at=None)
    return out.select_related("terminal").first()


def custodies_outside(person_id: UUID) -> QuerySet[TerminalCustody]:
    """The laptops that a person has outside."""
    out = TerminalCustody.objects.filter(person_id=person_id, place__isnull=False, ended_at=None)
    return out.select_related("terminal", "place__facility")
