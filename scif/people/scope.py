"""Of which facilities is a person? Rosters, mandates and bookings say so; they stand above people.

INVARIANT: until the composition of the installation has answered, no role shows anybody.
"""

from collections.abc import Callable, Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from scif.people.models import Person

# A condition on persons: something ties them to one of the facilities, or with None to any at all.
Ties = Callable[[Collection[UUID] | None], Q]

_ties: list[Ties] = []


def ties_set(ties: Ties) -> None:
    """Say what ties a person to a facility; called once, from ``AppConfig.ready``."""
    _ties[:] = [ties]


def people_tied(facilities: Collection[UUID]) -> QuerySet[Person]:
    """Who is of one of the facilities."""
    return Person.objects.filter(_ties[0](facilities)) if _ties else Person.objects.none()


def people_within(facilities: Collection[UUID]) -> QuerySet[Person]:
    """Who is of one of the facilities, and who is of none at all yet: somebody has to place him."""
    if not (_ties and facilities):
        return Person.objects.none()
    return Person.objects.filter(_ties[0](facilities) | ~_ties[0](None))
