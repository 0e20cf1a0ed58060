"""What an engagement may ask at its lab's harness: written down, told to the adapter, confirmed."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from access.models import Engagement
from access.services.orders import policy_number
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.access import lock, visible
from terminals.harness.meters import Amounts
from terminals.models import EngagementTerms, HarnessPolicy
from terminals.rules.harness_policy import STOP, amounts, largest, policy_document, policy_until
from terminals.selectors.harness_policy import (
    harness_owed,
    harness_policies_newest,
    harness_spent,
    harness_terms,
)

# No role holds it: adapters are told by the control process alone.
TELL = "terminals.tell_harness"
UNCONFIRMED = "harness_policy_unconfirmed"


@transaction.atomic
def harness_policy_settle(*, engagement_id: UUID, actor: Actor) -> None:
    """Write down what the adapters must be told of an engagement, where that has changed."""
    engagement = visible(Engagement.objects.all(), actor, TELL).get(pk=engagement_id)
    told = {row.host: row for row in harness_policies_newest().filter(engagement=engagement)}
    owed = harness_owed(engagement, harness_terms(engagement_id), told, now())
    for host in sorted(owed):
        _make(engagement, host, owed[host], actor)


@transaction.atomic
def harness_policy_renew(*, policy_id: UUID, above: int, actor: Actor) -> HarnessPolicy:
    """The same policy in a version above another, and with all that is known to be spent.

    For an adapter that has lost its ledger, or has seen a version that is not on record here.
    """
    policy = _locked(policy_id, actor)
    if policy.replaced_at is not None:
        return policy
    return _make(policy.engagement, policy.host, policy.terms, actor, above=above)


@transaction.atomic
def harness_policy_told(
    *, policy_id: UUID, version: int, spent: Amounts, actor: Actor
) -> HarnessPolicy:
    """The adapter's own account: what it has in force, what was spent. Confirms this version."""
    policy = _locked(policy_id, actor)
    if version != policy.version:
        return policy
    most = largest(amounts(policy.spent), spent)
    first = policy.confirmed_at is None
    if not first and most == amounts(policy.spent):
        return policy
    policy.heard_at = now()
    policy.confirmed_at = policy.confirmed_at or policy.heard_at
    policy.spent = {meter.value: amount for meter, amount in most.items()}
    policy.save(update_fields=["heard_at", "confirmed_at", "spent"])
    if first:
        _tell(policy, "harness.policy_confirmed", actor)
        for facility in _facilities(policy.engagement):
            alarm_clear(
                facility=facility, kind=UNCONFIRMED, subject=_subject(policy), note="confirmed",
                actor=actor,
            )  # fmt: skip
    return policy


@transaction.atomic
def harness_policies_watch(*, actor: Actor) -> None:
    """Raise an alarm for each policy that its adapter has not confirmed within the policy's time.

    Once for a version; the laptop's rules refuse sessions on it meanwhile.
    """
    for policy in harness_policies_newest().filter(confirmed_at=None, alarmed=False):
        waited = now() - policy.made_at
        late = [each for each in _facilities(policy.engagement) if waited >= _limit(each)]
        if not late:
            continue
        policy = _locked(policy.pk, actor)
        policy.alarmed = True
        policy.save(update_fields=["alarmed"])
        for facility in late:
            alarm_raise(
                facility=facility,
                gravity=Gravity.ACT,
                kind=UNCONFIRMED,
                subject=_subject(policy),
                message=f"The harness at {policy.host} has not confirmed what "
                f"{policy.engagement.reference} may ask",
                actor=actor,
            )


def _make(
    engagement: Engagement, host: str, terms: EngagementTerms | None, actor: Actor, above: int = 0
) -> HarnessPolicy:
    rows = HarnessPolicy.objects.filter(engagement=engagement)
    last = int(rows.aggregate(most=Max("version"))["most"] or 0)
    version = 1 + max(last, above)
    part = None if terms is None else terms.harness_policy
    document = policy_document(
        engagement.reference,
        engagement.kind,
        STOP if part is None else part,
        version=version,
        until=policy_until(engagement.valid_until),
        already=harness_spent(engagement.pk),
    )
    moment = now()
    rows.filter(host=host, replaced_at=None).update(replaced_at=moment)
    policy = HarnessPolicy.objects.create(
        engagement=engagement,
        host=host,
        terms=terms,
        version=version,
        document=document,
        made_at=moment,
    )
    _tell(policy, "harness.policy_made", actor)
    return policy


def _locked(policy_id: UUID, actor: Actor) -> HarnessPolicy:
    rows = HarnessPolicy.objects.select_related("engagement", "terms")
    return lock(visible(rows, actor, TELL), policy_id)


def _facilities(engagement: Engagement) -> list[Facility]:
    """Where it is worked under; the alarm is for each of them."""
    rows = Facility.objects.filter(areas__engagements=engagement).select_related("policy")
    return list(rows.order_by("code").distinct())


def _limit(facility: Facility) -> timedelta:
    """A policy that says nothing gives no time."""
    try:
        return timedelta(seconds=policy_number(facility, "harness_policy_seconds"))
    except Refused:
        return timedelta()


def _subject(policy: HarnessPolicy) -> str:
    return f"{policy.engagement.reference}, {policy.host}"[:60]


def _tell(policy: HarnessPolicy, kind: str, actor: Actor) -> None:
    facility = policy.engagement.areas.values_list("facility_id", flat=True).first()
    append(
        kind=kind,
        actor=actor,
        subject=policy,
        facility=facility,
        body={
            "reference": policy.engagement.reference,
            "host": policy.host,
            "version": policy.version,
            "terms": str(policy.terms_id) if policy.terms_id else None,
            "caps": policy.document["caps"],
            "operations": sorted(policy.document["operations"]),
        },
    )
