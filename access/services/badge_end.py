"""A badge made worthless from the office: revoked, or reported lost. Doors learn of it at once."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import BadgeChanged
from access.models import Badge, BadgeAssignment, Visit
from access.rules.states import CREDENTIAL, CredentialAction, CredentialState
from access.services.leaving import return_settle
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.naming import named

REVOKE = "access.revoke_badge"


@transaction.atomic
def badge_revoke(*, badge_id: UUID, reason: str, actor: Actor) -> Badge:
    """Make an issued badge worthless; it is still in its holder's hand, who gives it back."""
    badge = lock(visible(Badge.objects.all(), actor, REVOKE), badge_id)
    visit = Visit.objects.filter(badges__badge=badge, badges__returned_at=None).first()
    _end(badge, CredentialAction.REVOKE, "badge.revoked", reason, visit, actor)
    return badge


@transaction.atomic
def badge_report_lost(*, badge_id: UUID, reason: str, actor: Actor) -> Badge:
    """Record that a badge is in nobody's known hand, and raise an alarm.

    A visit that waited for its badge alone goes on without it.
    """
    badges = visible(Badge.objects.select_related("facility"), actor, REVOKE)
    held = BadgeAssignment.objects.filter(badge__in=badges.filter(pk=badge_id), returned_at=None)
    # The visit is locked before the badge, as at the desk.
    visit = (
        Visit.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=held.values("visit_id"))
        .first()
    )
    badge = lock(badges, badge_id)
    _end(badge, CredentialAction.LOSE, "badge.lost", reason, visit, actor)
    for assignment in BadgeAssignment.objects.filter(badge=badge, returned_at=None):
        assignment.returned_at = now()
        assignment.save(update_fields=["returned_at"])
    alarm_raise(
        facility=badge.facility,
        gravity=Gravity.ACT,
        kind="badge_lost",
        subject=badge.code,
        message=_("Badge %(code)s is lost") % {"code": badge.code},
        actor=actor,
    )
    if visit is not None:
        return_settle(visit=visit, actor=actor)
    return badge


def _end(
    badge: Badge,
    action: CredentialAction,
    kind: str,
    reason: str,
    visit: Visit | None,
    actor: Actor,
) -> None:
    """Take the step; ``visit`` is that of whoever had the badge, whose record tells it."""
    reason = text_of(reason, "reason", missing=_("Say why."))
    badge.state = CREDENTIAL.next(CredentialState(badge.state), action)
    badge.save(update_fields=["state"])
    append(
        kind=kind,
        actor=actor,
        subject=badge,
        facility=badge.facility_id,
        body={
            "badge": badge.code,
            "reason": reason,
            "visit": visit.reference if visit else None,
            "visit_id": str(visit.pk) if visit else None,
            **named(actor),
        },
    )
    publish(BadgeChanged(badge.pk))
