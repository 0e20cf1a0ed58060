"""The terms of an engagement's sessions: proposed, approved by lab and facility, in force."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from access.models import Engagement
from access.selectors.engagement import engagements_for
from access.services.engagement import CHANGE, DISCLOSE, engagement_officer_require
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import FieldRefused, NotPermitted, Refused, require
from scif.kernel.events import publish
from scif.kernel.figures import grouped, measured
from scif.people.access import lock
from scif.people.naming import named
from terminals.events import BudgetChanged
from terminals.harness.policy import PolicyError
from terminals.models import EngagementTerms
from terminals.rules.harness_policy import policy_part
from terminals.selectors.ledger import budget_bound
from terminals.services.terminal import person_of


@transaction.atomic
def terms_propose(
    *,
    engagement_id: UUID,
    harness_host: str,
    harness_port: int,
    egress_bytes: int | None,
    rate_bytes: int,
    burst_bytes: int,
    channels: int,
    two_persons: bool,
    moderated: bool,
    harness_policy: object = None,
    offsite: bool = False,
    actor: Actor,
) -> EngagementTerms:
    """Propose terms; those in force go on until these are. What was proposed before is dropped.

    Refuses (``policy_unfit``) a part of the lab's that the adapter before its harness would not
    take, and (``budget_above_policy``) a budget of which only a part would count.
    """
    engagement = lock(engagements_for(actor, CHANGE), engagement_id)
    engagement_officer_require(engagement, actor)
    policy = None if harness_policy is None else _fit(engagement, harness_policy)
    own_budget_require(engagement, egress_bytes)
    waiting = _rows(engagement).filter(in_force_at=None, ended_at=None).first()
    if waiting is not None:
        waiting.ended_at = now()
        waiting.save(update_fields=["ended_at"])
    terms = EngagementTerms(
        engagement=engagement,
        harness_host=harness_host.strip(),
        harness_port=harness_port,
        egress_bytes=egress_bytes,
        rate_bytes=rate_bytes,
        burst_bytes=burst_bytes,
        channels=channels,
        harness_policy=policy,
        two_persons=two_persons,
        moderated=moderated,
        offsite=offsite,
        proposed_by_id=person_of(actor),
        proposed_at=now(),
    )
    terms.full_clean()
    terms.save(force_insert=True)
    _tell(terms, "terms.proposed", actor)
    return terms


@transaction.atomic
def terms_approve_lab(*, terms_id: UUID, actor: Actor) -> EngagementTerms:
    """The lab's approval, by its sponsor's officer alone; the second one puts them in force."""
    terms = _waiting(terms_id, actor, DISCLOSE)
    if actor.person_id is None or actor.person_id != terms.engagement.sponsor.officer_id:
        raise NotPermitted(
            "not_permitted",
            _("Only the sponsor's officer approves for the lab."),
            _("Ask the sponsor's officer."),
        )
    _open(terms.lab_approved_by_id)
    terms.lab_approved_by_id = actor.person_id
    return _approved(terms, "terms.approved_by_lab", actor)


@transaction.atomic
def terms_approve_facility(*, terms_id: UUID, actor: Actor) -> EngagementTerms:
    """The facility's approval, by another officer than proposed them; the second one puts them in
    force.
    """
    terms = _waiting(terms_id, actor, CHANGE)
    engagement_officer_require(terms.engagement, actor)
    _open(terms.facility_approved_by_id)
    terms.facility_approved_by_id = person_of(actor)
    return _approved(terms, "terms.approved_by_facility", actor)


def _open(approver_id: UUID | None) -> None:
    require(
        approver_id is None,
        "wrong_state",
        _("These terms do not wait for your approval any more."),
        _("Look at their page."),
    )


def _approved(terms: EngagementTerms, kind: str, actor: Actor) -> EngagementTerms:
    """INVARIANT: in force only after two different people approved, for lab and facility, neither
    of whom proposed them.
    """
    require(
        terms.proposed_by_id not in {terms.lab_approved_by_id, terms.facility_approved_by_id},
        "own_request",
        _("Whoever proposed terms does not approve them."),
        _("Another person of your side does."),
    )
    require(
        terms.lab_approved_by_id != terms.facility_approved_by_id,
        "same_person",
        _("One person cannot approve for both lab and facility."),
        _("Another person approves for the other side."),
    )
    if terms.lab_approved_by_id and terms.facility_approved_by_id:
        before = _rows(terms.engagement).filter(ended_at=None).exclude(in_force_at=None).first()
        if before is not None:
            before.ended_at = now()
            before.save(update_fields=["ended_at"])
        terms.in_force_at = now()
    terms.save(update_fields=["lab_approved_by", "facility_approved_by", "in_force_at"])
    _tell(terms, kind, actor)
    if terms.in_force_at is not None:
        # Sessions on the terms before them end; whoever signs in again has these.
        publish(BudgetChanged(terms.engagement_id))
    return terms


def _fit(engagement: Engagement, part: object) -> dict[str, Any]:
    try:
        return policy_part(engagement.reference, engagement.kind, part, engagement.valid_until)
    except PolicyError as error:
        raise Refused(
            "policy_unfit",
            _("The harness would not take this policy: %(why)s") % {"why": error},
            _("The lab writes it in the adapter's format."),
        ) from error


def own_budget_require(engagement: Engagement, egress_bytes: int | None) -> None:
    """INVARIANT: what two approve is what counts on that day."""
    bound = budget_bound(engagement)
    if egress_bytes is not None and bound is not None and egress_bytes > bound.most:
        raise FieldRefused(
            "budget_above_policy",
            "egress_bytes",
            _(
                "The policy of %(facility)s leaves one engagement at most %(most)s bytes of this "
                "model's weights (%(measured)s)."
            )
            % {
                "facility": bound.facility,
                "most": grouped(bound.most),
                "measured": measured(bound.most),
            },
            _("Name no more than that, or nothing: then the policy's share is the budget."),
        )


def _waiting(terms_id: UUID, actor: Actor, permission: str) -> EngagementTerms:
    seen = EngagementTerms.objects.get(pk=terms_id)
    engagement = lock(engagements_for(actor, permission), seen.engagement_id)
    terms = _rows(engagement).get(pk=terms_id)
    terms.engagement = engagement
    if terms.in_force_at is not None or terms.ended_at is not None:
        raise Refused(
            "wrong_state",
            _("These terms wait for nobody any more."),
            _("Look at what is in force and what is proposed now."),
        )
    return terms


def _rows(engagement: Engagement) -> QuerySet[EngagementTerms]:
    rows = EngagementTerms.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(engagement=engagement)


def _tell(terms: EngagementTerms, kind: str, actor: Actor) -> None:
    facility = terms.engagement.areas.values_list("facility_id", flat=True).first()
    append(
        kind=kind,
        actor=actor,
        subject=terms,
        facility=facility,
        body={
            "reference": terms.engagement.reference,
            "harness": f"{terms.harness_host}:{terms.harness_port}",
            "egress_bytes": terms.egress_bytes,
            "rate_bytes": terms.rate_bytes,
            "burst_bytes": terms.burst_bytes,
            "channels": terms.channels,
            "two_persons": terms.two_persons,
            "moderated": terms.moderated,
            "harness_policy": terms.harness_policy,
            "offsite": terms.offsite,
            "in_force": terms.in_force_at is not None,
            **named(actor),
        },
    )
