"""Models of people: users, organisations, persons, roles, enrolled devices."""

from scif.people.models.user import User

__all__ = ["User"]
