"""Items of the airlock as their author, their checkers and the appeal body may see them."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.models import Engagement
from access.rules.states import EngagementState
from access.selectors.engagement import engagements_for
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import facilities_with, may, visible
from scif.people.models import FacilityRole, User
from terminals.models import (
    AirlockCheck,
    AirlockItem,
    AirlockReviewer,
    AirlockVersion,
    Appeal,
    Part,
    Side,
    Verdict,
)
from terminals.rules.airlock_states import ON_THE_CLOCK, AirlockState

VIEW = "terminals.view_airlock"
CHECK = "terminals.check_airlock"
FILTERS = ("open", "mine", "ended", "all")
_ENDED = (AirlockState.RELEASED, AirlockState.REJECTED, AirlockState.WITHDRAWN)


def items_for(actor: Actor) -> QuerySet[AirlockItem]:
    """The items that the actor may know of. A draft that was never sealed is its team's alone."""
    sealed = AirlockVersion.objects.filter(item=OuterRef("pk"), sealed_at__isnull=False)
    team = Q(engagement__members__person_id__in=[actor.person_id])
    known = AirlockItem.objects.filter(team | Q(Exists(sealed)))
    if not facilities_with(actor, VIEW).exists():
        # Named for the appeal body, and not yet confirmed: he knows of nothing.
        unsure = Q(part=Part.APPEAL, confirmed_by=None, person_id__in=[actor.person_id])
        known = known.exclude(
            engagement__in=AirlockReviewer.objects.filter(unsure).values("engagement")
        )
    keys = known.values("pk")
    related = ("engagement__sponsor__organisation", "facility__policy", "author", "version")
    return visible(AirlockItem.objects.filter(pk__in=keys), actor, VIEW).select_related(*related)


def items_filtered(
    items: QuerySet[AirlockItem], *, which: str, search: str, actor: Actor
) -> QuerySet[AirlockItem]:
    """Narrow a list: open, written by the actor, ended, all; and by words of the search."""
    if which == "open":
        items = items.exclude(state__in=_ENDED)
    elif which == "ended":
        items = items.filter(state__in=_ENDED)
    elif which == "mine":
        items = items.filter(author_id__in=[actor.person_id])
    for word in search.split():
        items = items.filter(
            Q(reference__icontains=word)
            | Q(title__icontains=word)
            | Q(engagement__reference__icontains=word)
            | Q(versions__sha256__istartswith=word)
        ).distinct()
    return items


def engagements_of_team(actor: Actor) -> QuerySet[Engagement]:
    """The active engagements that name the actor: under these he writes items."""
    found = engagements_for(actor).filter(state=EngagementState.ACTIVE)
    return found.filter(members__person_id__in=[actor.person_id])


def mandate_of(item: AirlockItem) -> QuerySet[Engagement]:
    """The engagement of an item, whose label its pages bear."""
    return Engagement.objects.filter(pk=item.engagement_id)


def side_of(item: AirlockItem, actor: Actor) -> Side | None:
    """For whom the actor checks an item; None where he does not: not of his own team's."""
    person, engagement = actor.person_id, item.engagement
    if person is None or engagement.members.filter(person_id=person).exists():
        return None
    named = AirlockReviewer.objects.filter(engagement=engagement, person_id=person)
    if person == engagement.sponsor.officer_id or named.filter(part=Part.LAB).exists():
        return Side.LAB
    return Side.FACILITY if may(actor, CHECK, item.facility) else None


def decides_appeal(item: AirlockItem, actor: Actor) -> bool:
    """Whether the actor is of the appeal body, works not there, neither wrote nor checked it."""
    named = AirlockReviewer.objects.filter(
        engagement=item.engagement_id,
        person_id__in=[actor.person_id],
        part=Part.APPEAL,
        confirmed_by__isnull=False,
    )
    return (
        named.exists()
        and not people_there(item.engagement).filter(person_id__in=[actor.person_id]).exists()
        and item.author_id != actor.person_id
        and not item.versions.filter(checks__person_id__in=[actor.person_id]).exists()
    )


def people_there(engagement: Engagement) -> QuerySet[User]:
    """Accounts with a role, now or later, at a facility of the engagement's rooms."""
    roles = FacilityRole.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now()))
    return User.objects.filter(
        person__isnull=False,
        facility_roles__in=roles.filter(facility__areas__engagements=engagement),
    )


def appeal_judges(item: AirlockItem) -> QuerySet[AirlockReviewer]:
    """Of the appeal body whoever may decide about an item: he has not checked it, nor works there.

    Not he who wrote it, either.
    """
    named = AirlockReviewer.objects.filter(
        engagement=item.engagement_id, part=Part.APPEAL, confirmed_by__isnull=False
    )
    checked = item.versions.filter(checks__isnull=False).values("checks__person_id")
    there = people_there(item.engagement).values("person_id")
    free = named.exclude(person_id__in=checked).exclude(person_id__in=there)
    return free.exclude(person_id=item.author_id)


def appeal_open(engagement: Engagement) -> bool:
    """Whether an appeal waits for its body, whose people stay until it is decided."""
    return Appeal.objects.filter(item__engagement=engagement, outcome="").exists()


def votes_still(item: AirlockItem, actor: Actor) -> bool:
    """Whether the actor decides the item's appeal and has not voted yet."""
    if not decides_appeal(item, actor) or not appealed(item):
        return False
    return not item.appeal.votes.filter(person_id__in=[actor.person_id]).exists()


def appeal_tied(item: AirlockItem) -> bool:
    """Whether an appeal hangs: no two votes agree, and nobody is left who has not voted."""
    if item.state != AirlockState.APPEALED or not appealed(item):
        return False
    voted = item.appeal.votes.values("person_id")
    return voted.exists() and not appeal_judges(item).exclude(person_id__in=voted).exists()


def approval_void(item: AirlockItem, check: AirlockCheck) -> bool:
    """Whether an approval counts for nothing any more: another version stands, or a draft does."""
    if check.verdict != Verdict.APPROVE:
        return False
    return check.version_id != item.version_id or item.state == AirlockState.DRAFT


def appealed(item: AirlockItem) -> bool:
    """Whether the author has made his one appeal."""
    return hasattr(item, "appeal")


def upheld(item: AirlockItem) -> bool:
    """Whether the appeal body has decided for the version that the item has now."""
    return (
        appealed(item)
        and item.appeal.outcome == "upheld"
        and item.appeal.version_id == item.version_id
    )


def sees_content(item: AirlockItem, actor: Actor, version: AirlockVersion | None = None) -> bool:
    """Whether the actor may see the bytes of a sealed version; of the present one by default.

    INVARIANT: its team sees what was released and nothing else, before or after; the portal would
    be a way out beside the airlock. Checkers do once it is sealed, the appeal body once asked.
    """
    if side_of(item, actor) is not None:
        return True
    if decides_appeal(item, actor) and appealed(item):
        return True
    team = item.engagement.members.filter(person_id__in=[actor.person_id]).exists()
    present = version is None or version.pk == item.version_id
    return team and present and item.state == AirlockState.RELEASED


def waits_for(item: AirlockItem, actor: Actor) -> bool:
    """Whether the actor is one of those from whom an answer is due now."""
    if item.state not in ON_THE_CLOCK:
        return False
    if item.state == AirlockState.APPEALED:
        return (
            decides_appeal(item, actor)
            and not item.appeal.votes.filter(person_id__in=[actor.person_id]).exists()
        )
    if side_of(item, actor) is None or item.version is None:
        return False
    if item.state == AirlockState.CHECKED:
        return True
    return not item.version.checks.filter(person_id__in=[actor.person_id]).exists()


def previous(version: AirlockVersion) -> AirlockVersion | None:
    """The version that was sealed before this one."""
    sealed = version.item.versions.filter(number__lt=version.number, sealed_at__isnull=False)
    return sealed.order_by("-number").first()


def reviewers_of(engagement: Engagement) -> QuerySet[AirlockReviewer]:
    """Whom an engagement names for its airlock."""
    related = ("person__organisation", "named_by", "confirmed_by")
    return engagement.airlock_reviewers.select_related(*related)


def names_reviewers(engagement: Engagement, actor: Actor) -> bool:
    """Whether the actor names for one side: the sponsor's officer, or an officer of its rooms."""
    if actor.person_id == engagement.sponsor.officer_id:
        return True
    held = facilities_with(actor, CHECK)
    return engagement.areas.filter(facility__in=held).exists()
