"""The last step: an export leaves and is debited, an intake reaches the harness."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted, Refused
from terminals.models import (
    AirlockCheck,
    AirlockItem,
    AirlockVersion,
    Direction,
    EgressKind,
    Verdict,
)
from terminals.rules.airlock import NEEDED
from terminals.rules.airlock_states import AirlockAction, AirlockState
from terminals.selectors.airlock import decides_appeal, side_of, upheld
from terminals.services.airlock import airlock_advance, airlock_lock, require_active
from terminals.services.airlock_read import airlock_bytes_stand
from terminals.services.airlock_vault import inbox_deliver, vault_read
from terminals.services.ledger import egress_debit
from terminals.services.terminal import person_of

ENDINGS = {
    "text": "txt",
    "image": "img",
    "document": "pdf",
    "archive": "archive",
    "program": "bin",
    "other": "bin",
}


def airlock_release(*, item_id: UUID, actor: Actor) -> AirlockItem:
    """Release a checked item; debits an export's bytes in the same transaction.

    Refuses (``budget_exceeded``) what the budgets do not reach, and (``bytes_changed``) bytes that
    are not those that were approved. One of the checkers' sides does it, or the appeal body where
    it has upheld the author.
    """
    airlock_bytes_stand(item_id=item_id, actor=actor)
    return _release(item_id=item_id, actor=actor)


@transaction.atomic
def _release(*, item_id: UUID, actor: Actor) -> AirlockItem:
    item = airlock_lock(item_id=item_id, actor=actor)
    body = upheld(item) and decides_appeal(item, actor)
    if side_of(item, actor) is None and not body:
        raise NotPermitted(
            "not_permitted", _("You do not release this item."), _("Its checkers do.")
        )
    require_active(item)
    _approved_require(item)
    version = item.version
    data = vault_read(version.sha256) if version is not None else None
    if version is None or data is None:
        raise Refused("bytes_changed", _("The bytes are no longer those that were sealed."))
    item.released_by_id = person_of(actor)
    if item.direction == Direction.EXPORT:
        egress_debit(
            engagement=item.engagement,
            facility=item.facility,
            kind=EgressKind.EXPORT,
            reference=item.reference,
            amount=version.bytes,
            actor=actor,
        )
    airlock_advance(item=item, action=AirlockAction.RELEASE, what="released", actor=actor)
    if item.direction == Direction.INTAKE:
        # Last of all: where the commit fails after it, a file lies there that two have approved.
        inbox_deliver(item.engagement.reference, filename(version), data)
    return item


def _approved_require(item: AirlockItem) -> None:
    """Say what is missing where the table alone would say that it is not the time."""
    if item.state != AirlockState.SEALED:
        return
    given = AirlockCheck.objects.filter(version=item.version_id, verdict=Verdict.APPROVE)
    said = (
        _("One approval of the two that it needs has been given.")
        if given.count() == 1
        else _("No approval of the two that it needs has been given.")
    )
    if given.count() >= NEEDED:
        said = _("It has been approved, but not by anybody of the lab.")
    raise Refused(
        "not_approved",
        said,
        _("Two approve it first, one of them of the lab and neither of its author's team."),
    )


def filename(version: AirlockVersion) -> str:
    """What the bytes are called outside: by our reference, never by a name that somebody gave."""
    return f"{version.item.reference}-{version.number}.{ENDINGS[version.kind]}"
