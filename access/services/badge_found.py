"""A lost badge that was found, and a badge that is destroyed: neither opens anything again.

Nobody knows in whose hand a lost badge was. So it is taken back as one that was returned: no door
takes its number, and its card is of use again only after the desk reader has erased that number and
written a fresh one.
"""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import BadgeChanged
from access.models import Badge
from access.rules.states import CREDENTIAL, CredentialAction, CredentialState
from access.services.badge import ISSUE
from access.services.badge_end import REVOKE
from scif.alarms.services import alarm_clear
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.naming import named

LONGEST = 200


@transaction.atomic
def badge_find(*, badge_id: UUID, where: str, actor: Actor) -> Badge:
    """Take a lost badge back: it waits to be erased, or is destroyed.

    ``where`` says where it was and who handed it in. The alarm about its loss is over.
    """
    badge = lock(visible(Badge.objects.select_related("facility"), actor, ISSUE), badge_id)
    where = text_of(
        where, "where", most=LONGEST, missing=_("Say where it was and who handed it in.")
    )
    badge.state = CREDENTIAL.next(CredentialState(badge.state), CredentialAction.FIND)
    badge.found_at, badge.found_where = now(), where
    badge.save(update_fields=["state", "found_at", "found_where"])
    alarm_clear(
        facility=badge.facility,
        kind="badge_lost",
        subject=badge.code,
        note=_("The badge was found: %(where)s") % {"where": where},
        actor=actor,
    )
    _tell("badge.found", badge, actor, where=where)
    return badge


@transaction.atomic
def badge_destroy(*, badge_id: UUID, reason: str, actor: Actor) -> Badge:
    """Record that a badge in nobody's hand was destroyed: it is never issued again.

    The digest of its number stays, so that a copy of it is known at every door for what it is.
    """
    badge = lock(visible(Badge.objects.all(), actor, REVOKE), badge_id)
    reason = text_of(reason, "reason", missing=_("Say how it was destroyed, and why."))
    badge.state = CREDENTIAL.next(CredentialState(badge.state), CredentialAction.DESTROY)
    badge.save(update_fields=["state"])
    _tell("badge.destroyed", badge, actor, reason=reason)
    return badge


def _tell(kind: str, badge: Badge, actor: Actor, **body: str) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=badge,
        facility=badge.facility_id,
        body={"badge": badge.code, **body, **named(actor)},
    )
    publish(BadgeChanged(badge.pk))
