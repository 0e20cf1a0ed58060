"""What has left and what may: the budgets of an engagement and of its model."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from access.models import Engagement
from access.rules.facts import PolicyFacts, PolicyIncomplete
from scif.facilities.models import Facility
from terminals.models import EgressKind, EgressLedger, EngagementTerms
from terminals.rules.budget import engagement_share


@dataclass(frozen=True, slots=True)
class Budgets:
    """Bytes, both ways and exports together, since each budget's beginning.

    ``of_model`` is None where the asset has no weights; then only the engagement's own counts.
    ``of_offsite`` is the part of the engagement's that may leave at registered places.
    ``exported`` is the part of ``spent`` that did not pass the bastion.
    """

    of_engagement: int
    spent: int
    exported: int
    of_model: int | None
    spent_of_model: int
    exported_of_model: int
    of_offsite: int
    spent_offsite: int

    @property
    def left(self) -> int:
        """Bytes that may still leave under the engagement."""
        left = self.of_engagement - self.spent
        if self.of_model is not None:
            left = min(left, self.of_model - self.spent_of_model)
        return max(0, left)

    @property
    def left_offsite(self) -> int:
        """Bytes that may still leave at its registered places."""
        return max(0, min(self.left, self.of_offsite - self.spent_offsite))


def budgets_of(engagement: Engagement, facility_id: UUID) -> Budgets:
    """The budgets by the policy of a facility; the database works them out, as its trigger does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT of_engagement, of_model, terminals_egress_offsite(%s, %s)"
            " FROM terminals_egress_limits(%s, %s)",
            [engagement.pk, facility_id, engagement.pk, facility_id],
        )
        row = cursor.fetchone()
    of_engagement, of_model, of_offsite = row or (0, 0, 0)
    own = EgressLedger.objects.filter(engagement=engagement)
    whole = EgressLedger.objects.filter(asset=engagement.asset_id)
    return Budgets(
        of_engagement=of_engagement,
        spent=_sum(own),
        exported=_sum(own.filter(kind=EgressKind.EXPORT)),
        of_model=of_model,
        spent_of_model=_sum(whole),
        exported_of_model=_sum(whole.filter(kind=EgressKind.EXPORT)),
        of_offsite=of_offsite or 0,
        spent_offsite=_sum(own.exclude(place=None)),
    )


@dataclass(frozen=True, slots=True)
class Bound:
    """The most bytes that a facility's policy leaves one engagement of its model's weights."""

    most: int
    facility: Facility


def budget_bound(engagement: Engagement) -> Bound | None:
    """The least that the policies of its rooms' facilities leave it; above it no own budget counts.

    None where what is studied has no weights: then its own is the budget.
    """
    weights = engagement.asset.weight_bytes
    facilities = Facility.objects.filter(areas__engagements=engagement).select_related("policy")
    found = [
        Bound(most, each)
        for each in facilities.order_by("code").distinct()
        if (most := _share(weights, each)) is not None
    ]
    return min(found, key=lambda bound: bound.most, default=None)


def budget_counts(terms: EngagementTerms, bound: Bound | None) -> int:
    """The bytes of these terms that count: their own, or what the policy leaves if that is less."""
    own = terms.egress_bytes
    if bound is None:
        return own or 0
    return bound.most if own is None else min(own, bound.most)


def _share(weights: int, facility: Facility) -> int | None:
    policy = PolicyFacts(version=facility.policy.label, values=facility.policy.values)
    try:
        compression, share = (
            policy.number(key) for key in ("egress_compression", "egress_engagement_share")
        )
    except PolicyIncomplete:
        return 0 if weights else None  # a policy that says nothing lets nothing leave
    return engagement_share(weights, compression, share)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a part of the ledger stands: rows, their bytes, and a digest of all of them in order.

    The digest is a chain: SHA-256 of the one before and the row (``identifier kind reference
    bytes``), so that two heads that agree have the same rows behind them.
    """

    rows: int
    spent: int
    digest: str


def ledger_head(rows: QuerySet[EgressLedger]) -> Head:
    """The head of these rows, in the order of their time."""
    count, spent, digest = 0, 0, ""
    values = rows.order_by("at", "pk").values_list("pk", "kind", "reference", "bytes")
    for key, kind, reference, amount in values.iterator():
        count, spent = count + 1, spent + amount
        digest = sha256(f"{digest} {key} {kind} {reference} {amount}".encode()).hexdigest()
    return Head(count, spent, digest)


def _sum(rows: QuerySet[EgressLedger]) -> int:
    return int(rows.aggregate(whole=Sum("bytes"))["whole"] or 0)
