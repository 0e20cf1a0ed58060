"""Models of people: organisations, persons, users, roles at facilities."""

from scif.people.models.person import Citizenship, Organisation, OrganisationKind, Person
from scif.people.models.role import FacilityRole
from scif.people.models.user import User

__all__ = [
    "Citizenship",
    "FacilityRole",
    "Organisation",
    "OrganisationKind",
    "Person",
    "User",
]
