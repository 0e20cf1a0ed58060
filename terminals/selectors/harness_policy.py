"""What adapters before harnesses must be told, and whether they have been."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from access.models import Engagement
from access.rules.states import EngagementState
from terminals.harness.meters import Amounts, Meter
from terminals.models import EngagementTerms, HarnessPolicy
from terminals.rules.harness_policy import amounts, largest, policy_until


def harness_policies_newest() -> QuerySet[HarnessPolicy]:
    """What each adapter has, or is to have, of each engagement."""
    rows = HarnessPolicy.objects.filter(replaced_at=None)
    return rows.select_related("engagement", "terms").order_by("engagement", "host")


def harness_owed(
    engagement: Engagement,
    terms: EngagementTerms | None,
    told: Mapping[str, HarnessPolicy],
    at: datetime,
) -> dict[str, EngagementTerms | None]:
    """By host: the terms by which its adapter must answer and is not told to; None: it must stop.

    ``told`` is what is on record for each host. Where the mandate does not hold nothing answers;
    nor does an adapter that the terms name no more.
    """
    if engagement.state != EngagementState.ACTIVE or engagement.valid_until <= at:
        terms = None
    hosts = {*told, *({terms.harness_host} if terms is not None else ())}
    wanted = {
        host: terms if terms is not None and terms.harness_host == host else None for host in hosts
    }
    return {
        host: each for host, each in wanted.items() if not _stands(told.get(host), each, engagement)
    }


def harness_terms(engagement_id: UUID) -> EngagementTerms | None:
    """The terms in force that name a policy for an adapter."""
    return _agreed().filter(engagement=engagement_id).first()


def harness_unsettled(at: datetime) -> list[UUID]:
    """The engagements of which an adapter must be told something else than is on record."""
    agreed = {terms.engagement_id: terms for terms in _agreed().select_related("engagement")}
    engagements = {pk: terms.engagement for pk, terms in agreed.items()}
    told: dict[UUID, dict[str, HarnessPolicy]] = {}
    for policy in harness_policies_newest():
        engagements[policy.engagement_id] = policy.engagement
        told.setdefault(policy.engagement_id, {})[policy.host] = policy
    return [
        pk
        for pk, engagement in engagements.items()
        if harness_owed(engagement, agreed.get(pk), told.get(pk, {}), at)
    ]


def harness_told(terms: EngagementTerms | None) -> bool | None:
    """Whether the adapter answers by these terms; so it does where they name no policy for one."""
    if terms is None:
        return None
    if terms.harness_policy is None:
        return True
    rows = HarnessPolicy.objects.filter(terms=terms, host=terms.harness_host, replaced_at=None)
    return rows.exclude(confirmed_at=None).exists()


def harness_known(host: str) -> bool:
    """Whether an adapter before this host has ever confirmed a policy."""
    return HarnessPolicy.objects.filter(host=host).exclude(confirmed_at=None).exists()


def harness_spent(engagement_id: UUID) -> Amounts:
    """The most that any adapter has ever told of what the engagement spent."""
    spent: Amounts = dict.fromkeys(Meter, 0)
    for told in HarnessPolicy.objects.filter(engagement=engagement_id).values_list("spent"):
        spent = largest(spent, amounts(told[0]))
    return spent


def _stands(
    policy: HarnessPolicy | None, terms: EngagementTerms | None, engagement: Engagement
) -> bool:
    """Whether that is on record; an adapter that is stopped stays so."""
    if policy is None or policy.terms_id is None or terms is None:
        return terms is None and (policy is None or policy.terms_id is None)
    until = policy_until(engagement.valid_until)
    return policy.terms_id == terms.pk and policy.document["until"] == until


def _agreed() -> QuerySet[EngagementTerms]:
    return EngagementTerms.objects.filter(
        in_force_at__isnull=False, ended_at=None, harness_policy__isnull=False
    )
