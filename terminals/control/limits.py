"""The limits of budgets as the bastion takes them."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from access.models import Engagement
from terminals.models import Session
from terminals.rules.session_states import OPEN_STATES
from terminals.selectors.ledger import Budgets, budgets_of

# The budget of an engagement's registered places, as the bastion knows it.
OFFSITE: Final = "offsite"


def budget_lines(said: str) -> list[dict[str, Any]]:
    """The limits of an engagement that has an open session, as the bastion takes them.

    ``said`` comes from a channel that every role of the database can speak on: what names no
    engagement has none.
    """
    try:
        engagement_id = UUID(said)
    except ValueError:
        return []
    session = (
        Session.objects.select_related("engagement__asset", "terminal")
        .filter(engagement=engagement_id, state__in=OPEN_STATES)
        .first()
    )
    if session is None:
        return []
    budgets = budgets_of(session.engagement, session.terminal.facility_id)
    return list(lines(session.engagement, budgets, outside=True))


def lines(engagement: Engagement, budgets: Budgets, *, outside: bool) -> Iterator[dict[str, Any]]:
    """The budgets that a session draws on: ``outside`` on one more, which is smaller."""
    # What is exported does not pass the bastion: it makes the limit smaller instead.
    yield {
        "key": f"engagement:{engagement.pk}",
        "limit": max(0, budgets.of_engagement - budgets.exported),
        "charged": budgets.spent - budgets.exported,
    }
    if budgets.of_model is not None:
        yield {
            "key": f"model:{engagement.asset_id}",
            "limit": max(0, budgets.of_model - budgets.exported_of_model),
            "charged": budgets.spent_of_model - budgets.exported_of_model,
        }
    if outside:
        # The bastion stops at the first that is used up, so that the lowest of them counts.
        yield {
            "key": f"{OFFSITE}:{engagement.pk}",
            "limit": budgets.of_offsite,
            "charged": budgets.spent_offsite,
        }
