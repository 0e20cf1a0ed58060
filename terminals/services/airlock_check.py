"""Checks of sealed items by lab and facility (R47), from a closed list of security grounds."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused, require
from scif.kernel.text import text_of
from terminals.models import AirlockCheck, AirlockItem, Direction, Ground, Side, Verdict
from terminals.rules.airlock import Said, approved
from terminals.rules.airlock_states import AIRLOCK, AirlockAction, AirlockState
from terminals.selectors.airlock import side_of, upheld
from terminals.services.airlock import airlock_advance, airlock_lock, airlock_tell, require_active
from terminals.services.airlock_read import airlock_bytes_stand
from terminals.services.terminal import person_of

_STEPS = {
    Verdict.CHANGES: (AirlockAction.ASK_CHANGES, "changes_asked"),
    Verdict.REJECT: (AirlockAction.REJECT, "rejected"),
}


def airlock_approve(
    *, item_id: UUID, version_id: UUID, inspection: str = "", actor: Actor
) -> AirlockItem:
    """Approve a sealed version, byte for byte; the second approval makes it ready to go.

    ``version_id`` is the one that was looked at. ``inspection`` of an intake says with what it was
    searched for harm and what that found. Bytes that are no longer those that were sealed are
    refused, and the item is a draft again.
    """
    airlock_bytes_stand(item_id=item_id, actor=actor)
    return _approve(item_id=item_id, version_id=version_id, inspection=inspection, actor=actor)


@transaction.atomic
def _approve(*, item_id: UUID, version_id: UUID, inspection: str, actor: Actor) -> AirlockItem:
    item, side = _to_check(item_id, version_id, actor)
    require(item.state == AirlockState.SEALED, "wrong_state", _("It waits for no approval."))
    intake = item.direction == Direction.INTAKE
    inspection = text_of(
        inspection,
        "inspection",
        missing=_("Say what it was searched with, and what that found.") if intake else "",
    )
    _say(item, side, actor, Verdict.APPROVE, inspection=inspection)
    checks = AirlockCheck.objects.filter(version=item.version_id)
    said = [
        Said(each.person_id, each.side == Side.LAB, each.verdict == Verdict.APPROVE)
        for each in checks
    ]
    if approved(item.author_id, said):
        airlock_advance(item=item, action=AirlockAction.PASS, what="checked", actor=actor)
    return item


@transaction.atomic
def airlock_refuse(
    *,
    item_id: UUID,
    version_id: UUID,
    verdict: Verdict,
    ground: Ground,
    reason: str,
    actor: Actor,
) -> AirlockItem:
    """Ask for changes, or reject; on a ground of the closed list, saying where it applies."""
    item, side = _to_check(item_id, version_id, actor)
    if verdict not in _STEPS or ground not in Ground.values:
        raise Refused(
            "ground_missing",
            _("An item is sent back on a security ground of the list, and on no other."),
        )
    reason = text_of(
        reason, "reason", most=1_000, missing=_("Say where in the item the ground applies.")
    )
    action, what = _STEPS[verdict]
    AIRLOCK.next(AirlockState(item.state), action)
    _say(item, side, actor, verdict, ground=ground, reason=reason)
    airlock_advance(
        item=item, action=action, what=what, actor=actor,
        side=str(side), ground=str(ground), reason=reason,
    )  # fmt: skip
    return item


def _to_check(item_id: UUID, version_id: UUID, actor: Actor) -> tuple[AirlockItem, Side]:
    item = airlock_lock(item_id=item_id, actor=actor)
    side = side_of(item, actor)
    if side is None:
        raise NotPermitted(
            "not_permitted",
            _("You do not check this item."),
            _("The lab's reviewers and the facility's officers do; never its author's team."),
        )
    require_active(item)
    require(
        item.version_id == version_id,
        "changed_meanwhile",
        _("Another version has been sealed since you opened it."),
        _("Look at that one."),
    )
    require(not upheld(item), "appeal_decided", _("The appeal body has decided about it."))
    mine = AirlockCheck.objects.filter(version=item.version_id, person_id=person_of(actor))
    require(not mine.exists(), "checked_already", _("You have said what you think of it."))
    return item, side


def _say(
    item: AirlockItem,
    side: Side,
    actor: Actor,
    verdict: Verdict,
    *,
    ground: str = "",
    reason: str = "",
    inspection: str = "",
) -> None:
    AirlockCheck(
        version=item.version,
        person_id=person_of(actor),
        side=side,
        verdict=verdict,
        ground=ground,
        reason=reason,
        inspection=inspection,
        at=now(),
    ).save(force_insert=True)
    if verdict == Verdict.APPROVE:
        airlock_tell(item=item, what="approved", actor=actor, side=str(side), inspection=inspection)
