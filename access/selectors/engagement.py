"""Engagements as their members, sponsors and officers may see them."""

from django.db.models import QuerySet

from access.models import Engagement
from access.rules.states import EngagementState
from scif.facilities.models import Area
from scif.kernel.actor import Actor
from scif.people.access import facilities_with, visible
from scif.people.models import Person


def engagements_for(
    actor: Actor, permission: str = "access.view_engagement"
) -> QuerySet[Engagement]:
    """The engagements on which the actor holds a permission, by role or as his own."""
    related = ("sponsor__organisation", "asset", "level__scheme", "organisation")
    return visible(Engagement.objects.all(), actor, permission).select_related(*related)


def engagements_disclosed(actor: Actor) -> QuerySet[Engagement]:
    """The engagements whose sponsor's officer the actor is: he discloses, nobody else (R31)."""
    found = engagements_for(actor, "access.disclose_engagement")
    return found.filter(sponsor__officer_id__in=[actor.person_id])


def engagement_reached(engagement: Engagement, actor: Actor) -> bool:
    """Whether the actor is an officer of every facility that the mandate touches."""
    held = facilities_with(actor, "access.change_engagement")
    return held.exists() and not engagement.areas.exclude(facility__in=held).exists()


def bookable_engagements(actor: Actor) -> QuerySet[Engagement]:
    """Active engagements under which the actor may ask for a slot: as a member, or by role."""
    found = engagements_for(actor, "access.request_booking").filter(state=EngagementState.ACTIVE)
    by_role = found.filter(areas__facility__in=facilities_with(actor, "access.request_booking"))
    as_member = found.filter(members__person_id__in=[actor.person_id])
    return found.filter(pk__in=by_role.values("pk").union(as_member.values("pk")))


def areas_of(engagement: Engagement) -> QuerySet[Area]:
    """The bookable areas of an engagement."""
    related = ("facility__policy", "level__scheme")
    return engagement.areas.filter(bookable=True).select_related(*related).order_by("name")


def team_choices(engagement: Engagement) -> QuerySet[Person]:
    """Who can be booked under an engagement: those whom it names."""
    return Person.objects.filter(memberships__engagement=engagement).order_by("name")
