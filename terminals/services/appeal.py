"""Disputes: the author appeals once, two of the appeal body decide (docs/airlock.md)."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.services.orders import policy_number
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused, require
from scif.kernel.text import text_of
from terminals.models import Appeal, AppealOutcome, AppealVote
from terminals.rules.airlock import NEEDED, decided
from terminals.rules.airlock_states import AIRLOCK, AirlockAction, AirlockState
from terminals.selectors.airlock import appeal_judges, appealed, decides_appeal
from terminals.services.airlock import airlock_advance, airlock_lock, airlock_tell, require_active
from terminals.services.terminal import person_of

LONGEST = 1_000


@transaction.atomic
def appeal_lodge(*, item_id: UUID, statement: str, actor: Actor) -> Appeal:
    """Appeal against the rejection of one's item; one appeal an item."""
    item = airlock_lock(item_id=item_id, actor=actor)
    if item.author_id != person_of(actor):
        raise NotPermitted("not_permitted", _("Its author appeals."), _("Ask its author."))
    require_active(item)
    require(not appealed(item), "appealed_already", _("This item has had its appeal."))
    statement = text_of(
        statement, "statement", most=LONGEST, missing=_("Say why the ground does not apply.")
    )
    require(
        appeal_judges(item).count() >= NEEDED,
        "no_appeal_body",
        _("The engagement names no appeal body of two people yet."),
        _("Lab and facility name it together; the facility officer begins."),
    )
    if item.version is None:
        raise Refused("nothing_to_seal", _("It has no bytes yet."))
    appeal = Appeal(
        item=item,
        version=item.version,
        lodged_by_id=person_of(actor),
        lodged_at=now(),
        statement=statement,
    )
    # Refused here where it is not rejected; the row stands on the rejected item, the step follows.
    AIRLOCK.next(AirlockState(item.state), AirlockAction.APPEAL)
    appeal.save(force_insert=True)
    item.due_at = now() + timedelta(hours=policy_number(item.facility, "airlock_appeal_hours"))
    airlock_advance(
        item=item, action=AirlockAction.APPEAL, what="appealed", actor=actor, statement=statement
    )
    return appeal


@transaction.atomic
def appeal_vote(*, item_id: UUID, upholds: bool, reason: str, actor: Actor) -> Appeal:
    """One vote of the appeal body; the second that agrees decides.

    Upheld, the item stands as checked: the two take the place of the two approvals.
    """
    item = airlock_lock(item_id=item_id, actor=actor)
    if not decides_appeal(item, actor):
        raise NotPermitted(
            "not_permitted",
            _("You do not decide this appeal."),
            _("The people whom the engagement names do, who have not checked the item."),
        )
    appeal = Appeal.objects.filter(item=item, outcome="").first()
    if appeal is None:
        raise Refused("wrong_state", _("No appeal is open."))
    person = person_of(actor)
    require(
        not appeal.votes.filter(person_id=person).exists(),
        "voted_already",
        _("You have voted already."),
    )
    reason = text_of(reason, "reason", most=LONGEST, missing=_("Say why."))
    AppealVote(appeal=appeal, person_id=person, upholds=upholds, reason=reason, at=now()).save(
        force_insert=True
    )
    airlock_tell(item=item, what="appeal_voted", actor=actor, upholds=upholds, reason=reason)
    word = decided(appeal.votes.values_list("upholds", flat=True))
    if word is None:
        return appeal
    appeal.outcome = AppealOutcome.UPHELD if word else AppealOutcome.DISMISSED
    appeal.decided_at = now()
    appeal.save(update_fields=["outcome", "decided_at"])
    item.appeal = appeal
    if word:
        # Somebody must still hand it out, within the checkers' time.
        item.due_at = now() + timedelta(hours=policy_number(item.facility, "airlock_hours"))
    airlock_advance(
        item=item,
        action=AirlockAction.UPHOLD if word else AirlockAction.DISMISS,
        what=f"appeal_{appeal.outcome}",
        actor=actor,
    )
    return appeal
