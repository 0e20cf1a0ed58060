"""The bytes of an item, read or taken; each time they must still be those that were sealed."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted, Refused, require
from terminals.models import AirlockVersion
from terminals.rules.airlock_states import AIRLOCK, AirlockAction, AirlockState
from terminals.selectors.airlock import items_for, sees_content
from terminals.services.airlock import airlock_advance, airlock_lock, airlock_tell
from terminals.services.airlock_vault import vault_read

ALTERED = "airlock_altered"


def airlock_read(*, item_id: UUID, version_id: UUID, actor: Actor) -> tuple[AirlockVersion, bytes]:
    """The bytes of a sealed version, for those who may see them.

    Refuses (``bytes_changed``) where they are not those that were sealed; then approvals of the
    item are void and an alarm is raised.
    """
    item = items_for(actor).get(pk=item_id)
    version = item.versions.get(pk=version_id, sealed_at__isnull=False)
    if not sees_content(item, actor, version):
        raise NotPermitted(
            "not_permitted",
            _("You do not see the content of this version."),
            _("Its team sees what is released, its checkers what is sealed."),
        )
    data = vault_read(version.sha256)
    if data is None:
        _altered(item_id=item_id, version_id=version_id, actor=actor)
        raise _changed()
    return version, data


def airlock_take(*, item_id: UUID, version_id: UUID, actor: Actor) -> tuple[AirlockVersion, bytes]:
    """The bytes as a file to take along; who took it is journaled."""
    # Read on its own: what it finds altered is kept, and not rolled back with the refusal.
    version, data = airlock_read(item_id=item_id, version_id=version_id, actor=actor)
    with transaction.atomic():
        item = airlock_lock(item_id=item_id, actor=actor)
        airlock_tell(item=item, what="taken", actor=actor, taken=version.number)
    return version, data


def airlock_bytes_stand(*, item_id: UUID, actor: Actor) -> None:
    """Refuse unless the item's bytes are those that were sealed; else approvals are void."""
    item = items_for(actor).get(pk=item_id)
    require(item.version is not None, "nothing_to_seal", _("It has no bytes yet."))
    if item.version is not None and vault_read(item.version.sha256) is None:
        _altered(item_id=item_id, version_id=item.version.pk, actor=actor)
        raise _changed()


@transaction.atomic
def _altered(*, item_id: UUID, version_id: UUID, actor: Actor) -> None:
    item = airlock_lock(item_id=item_id, actor=actor)
    current = item.version_id == version_id
    if current and AirlockAction.VOID in AIRLOCK.allowed(AirlockState(item.state)):
        airlock_advance(item=item, action=AirlockAction.VOID, what="voided", actor=actor)
    alarm_raise(
        facility=item.facility,
        gravity=Gravity.ACT,
        kind=ALTERED,
        subject=item.reference,
        message=_(
            "The bytes of %(item)s are not those that were sealed; every approval is void. Call "
            "the facility officer to find out who changed them; its author takes the file again"
        )
        % {"item": item.reference},
        actor=actor,
    )


def _changed() -> Refused:
    return Refused(
        "bytes_changed",
        _("The bytes are no longer those that were sealed: every approval is void."),
        _("The facility finds out why; its author takes the file again and seals it."),
    )
