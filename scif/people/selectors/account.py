"""Whom the words of an operator mean: a person by identifier or exact name, an account by name."""

from uuid import UUID

from django.utils.translation import gettext as _

from scif.kernel.errors import Refused
from scif.people.models import Person, User

MOST_NAMED = 5


def person_meant(words: str) -> Person:
    """The one person of this identifier or exact name; refuses where there is none or several."""
    rows = Person.objects.select_related("organisation").order_by("pk")
    pk = _identifier(words)
    found = list((rows.filter(pk=pk) if pk else rows.filter(name=words))[: MOST_NAMED + 1])
    if not found:
        raise Refused("person_unknown", _("Nobody is called %(words)s.") % {"words": words})
    if len(found) > 1:
        named = "; ".join(f"{each.pk} ({each.organisation})" for each in found[:MOST_NAMED])
        raise Refused(
            "person_ambiguous",
            _("Several people are called %(words)s: %(named)s.") % {"words": words, "named": named},
            _("Name one by the identifier."),
        )
    return found[0]


def account_meant(username: str) -> User:
    """The account of this name; refuses where there is none."""
    found = User.objects.filter(username=username).first()
    if found is None:
        raise Refused("account_unknown", _("No account is called %(name)s.") % {"name": username})
    return found


def _identifier(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
