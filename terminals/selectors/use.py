"""The use of an engagement: who may read its record, and which part of it is his to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from access.models import Engagement, EngagementMember, NeedToKnow, PresenceEvent, Visit
from access.rules.states import EngagementState
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.access import facilities_with
from terminals.models import (
    AirlockItem,
    AirlockReviewer,
    AirlockVersion,
    Anomaly,
    EgressKind,
    EgressLedger,
    EngagementTerms,
    Part,
    Session,
)
from terminals.selectors.anomaly import anomalies_of_engagement
from terminals.selectors.ledger import budgets_of
from terminals.selectors.session import Share

VIEW = "terminals.view_use"
FILTERS = ("active", "ended", "all")
_ENDED = (EngagementState.CLOSED, EngagementState.REFUSED)


@dataclass(frozen=True, slots=True)
class Use:
    """One engagement as one reader may see it.

    ``lab``: he reads for the lab, all of it. Others read what happened at the facilities where
    their role allows it, ``held``.
    """

    engagement: Engagement
    lab: bool
    held: frozenset[UUID]

    def within(self, facility: str) -> Q:
        """What of a table is his to read; ``facility`` is the lookup from its rows."""
        return Q() if self.lab else Q(**{f"{facility}__in": self.held})


def engagements_used(actor: Actor) -> QuerySet[Engagement]:
    """The engagements whose record the actor may read.

    The lab's officer and whoever checks for the lab; officers and compliance staff of a facility
    where it takes place. INVARIANT: its own team is none of these: what is noticed of an auditor
    is for those who look at it.
    """
    by_role = Q(areas__facility__in=facilities_with(actor, VIEW))
    keys = Engagement.objects.filter(by_role | _of_lab(actor)).values("pk")
    related = ("sponsor__organisation", "sponsor__officer", "organisation", "asset")
    return Engagement.objects.filter(pk__in=keys).select_related(*related)


def reads_use(actor: Actor) -> bool:
    """Whether there is any engagement whose record the actor may read."""
    return engagements_used(actor).exists()


def reads_for_lab(actor: Actor) -> QuerySet[Engagement]:
    """The engagements that the actor reads for their lab."""
    return Engagement.objects.filter(_of_lab(actor)).distinct()


def use_of(engagement: Engagement, actor: Actor) -> Use:
    """The engagement as the actor may see it; he has been found to be one of its readers."""
    lab = reads_for_lab(actor).filter(pk=engagement.pk).exists()
    held = facilities_with(actor, VIEW).values_list("pk", flat=True)
    return Use(engagement, lab, frozenset(held))


def engagements_filtered(
    engagements: QuerySet[Engagement], *, which: str, search: str
) -> QuerySet[Engagement]:
    """Narrow a list: not ended, ended, all; and by words of reference, title, people, model."""
    if which == "active":
        engagements = engagements.exclude(state__in=_ENDED)
    elif which == "ended":
        engagements = engagements.filter(state__in=_ENDED)
    for word in search.split():
        engagements = engagements.filter(
            Q(reference__icontains=word)
            | Q(title__icontains=word)
            | Q(asset__name__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(sponsor__organisation__name__icontains=word)
        )
    return engagements.order_by("reference")


def engagements_summed(uses: Sequence[Use]) -> dict[UUID, dict[str, object]]:
    """Of each engagement: its sessions, when the last one began, the bytes that have left."""
    found: dict[UUID, dict[str, object]] = {}
    for use in uses:
        sums = sessions_used(use).aggregate(sessions=Count("pk"), last=Max("granted_at"))
        spent = debits_used(use).aggregate(spent=Sum("bytes"))["spent"] or 0
        found[use.engagement.pk] = {**sums, "spent": spent}
    return found


def facilities_used(use: Use) -> QuerySet[Facility]:
    """The facilities of the engagement's rooms that the reader may see."""
    found = Facility.objects.filter(use.within("pk"), areas__engagements=use.engagement)
    return found.distinct().order_by("name")


def visits_used(use: Use) -> QuerySet[Visit]:
    """Who was in a room under the engagement, or is to come; the latest first."""
    visits = Visit.objects.filter(
        use.within("booking__area__facility"),
        booking__engagement=use.engagement,
        booking__state__in=("approved", "completed"),
    )
    return visits.select_related(
        "person__organisation", "booking__area__facility"
    ).order_by("-booking__starts_at", "person__name")  # fmt: skip


def passages_of(visits: Sequence[Visit]) -> QuerySet[PresenceEvent]:
    """Their ways in and out, in order."""
    return PresenceEvent.objects.filter(visit__in=visits).order_by("occurred_at")


def sessions_used(use: Use) -> QuerySet[Session]:
    """The sessions under the engagement, the first one first."""
    sessions = Session.objects.filter(use.within("terminal__facility"), engagement=use.engagement)
    return sessions.select_related("person", "terminal__facility", "area", "place").order_by(
        "granted_at"
    )


def items_used(use: Use) -> QuerySet[AirlockItem]:
    """What went out or in, or was to; a draft that was never sealed is its team's alone."""
    sealed = AirlockVersion.objects.filter(item=OuterRef("pk"), sealed_at__isnull=False)
    items = AirlockItem.objects.filter(
        use.within("facility"), Exists(sealed), engagement=use.engagement
    )
    return items.select_related("author", "version", "facility", "appeal").prefetch_related(
        "versions__checks__person", "appeal__votes__person"
    )


def anomalies_used(use: Use) -> QuerySet[Anomaly]:
    """What did not look like its person, the latest first."""
    found = anomalies_of_engagement(use.engagement)
    return found.filter(use.within("session__terminal__facility")).order_by("-raised_at")


def debits_used(use: Use) -> QuerySet[EgressLedger]:
    """The ledger's rows of the engagement."""
    return EgressLedger.objects.filter(use.within("facility"), engagement=use.engagement)


def spent_by_kind(use: Use) -> dict[EgressKind, int]:
    """Bytes that have left, by what they are of."""
    sums = debits_used(use).order_by().values_list("kind").annotate(whole=Sum("bytes"))
    found = dict(sums)
    return {kind: int(found.get(kind.value, 0)) for kind in EgressKind}


def shares_of(use: Use) -> list[tuple[Facility, Share, Share | None]]:
    """For each facility the budgets by its policy: the engagement's, and its model's."""
    found = []
    for facility in facilities_used(use).select_related("policy"):
        budgets = budgets_of(use.engagement, facility.pk)
        whole = (
            Share("", budgets.spent_of_model, budgets.of_model)
            if budgets.of_model is not None
            else None
        )
        found.append((facility, Share("", budgets.spent, budgets.of_engagement), whole))
    return found


def members_used(use: Use) -> QuerySet[EngagementMember]:
    """The team, by name."""
    members = EngagementMember.objects.filter(engagement=use.engagement)
    return members.select_related("person__organisation").order_by("person__name")


def needs_used(use: Use) -> QuerySet[NeedToKnow]:
    """Every need to know that was ever given under the engagement, the latest first."""
    needs = NeedToKnow.objects.filter(engagement=use.engagement)
    return needs.select_related("person", "grantor").order_by("-valid_until")


def checkers_used(use: Use) -> QuerySet[AirlockReviewer]:
    """Who checks for the lab beside its officer, and the appeal body."""
    named = AirlockReviewer.objects.filter(engagement=use.engagement)
    return named.select_related("person__organisation").order_by("part", "person__name")


def terms_used(use: Use) -> EngagementTerms | None:
    """The terms in force."""
    terms = EngagementTerms.objects.filter(engagement=use.engagement, ended_at=None)
    return terms.exclude(in_force_at=None).first()


def _of_lab(actor: Actor) -> Q:
    """The sponsor's officer, and whom he has named to check for the lab."""
    if actor.person_id is None:
        return Q(pk__in=[])
    named = AirlockReviewer.objects.filter(person_id=actor.person_id, part=Part.LAB)
    return Q(sponsor__officer_id=actor.person_id) | Q(pk__in=named.values("engagement_id"))
