"""Which levels and compartments an officer may grant: of the schemes in use at his facilities.

INVARIANT: a scheme comes into use by an area's label or by a mandate that lab and facility have
approved, never by a draft, which one officer writes alone.
"""

from django.db.models import Q, QuerySet

from access.models import Engagement
from scif.facilities.models import Area, Compartment, Level, SecurityScheme
from scif.kernel.actor import Actor, ActorKind
from scif.people.access import facilities_with


def schemes_used(actor: Actor, permission: str) -> QuerySet[SecurityScheme]:
    """The schemes in use where the actor holds a permission."""
    if actor.kind is not ActorKind.USER:
        return SecurityScheme.objects.all()
    held = facilities_with(actor, permission)
    areas = Area.objects.filter(facility__in=held)
    mandates = Engagement.objects.filter(areas__in=areas).exclude(
        Q(lab_approved_by=None) | Q(facility_approved_by=None)
    )
    return SecurityScheme.objects.filter(
        Q(pk__in=areas.values("level__scheme"))
        | Q(pk__in=areas.values("compartments__scheme"))
        | Q(pk__in=mandates.values("level__scheme"))
        | Q(pk__in=mandates.values("compartments__scheme"))
    )


def levels_granted(actor: Actor, permission: str) -> QuerySet[Level]:
    """The levels that the actor may grant; one of another facility's scheme is not there."""
    return Level.objects.filter(scheme__in=schemes_used(actor, permission))


def compartments_granted(actor: Actor, permission: str) -> QuerySet[Compartment]:
    """The compartments that the actor may record a read-in to."""
    used = schemes_used(actor, permission)
    return Compartment.objects.filter(scheme__in=used).select_related("scheme")
