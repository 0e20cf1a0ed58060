"""Whom an engagement names for its airlock: the lab's checkers, and the appeal body."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from access.models import Engagement
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused, require
from scif.people.access import lock, visible
from scif.people.models import User
from scif.people.naming import named, person_named
from terminals.models import AirlockReviewer, Part
from terminals.selectors.airlock import VIEW, appeal_open, names_reviewers, people_there
from terminals.services.terminal import person_of


@transaction.atomic
def reviewer_name(*, engagement_id: UUID, part: Part, login: str, actor: Actor) -> AirlockReviewer:
    """Name a person by his login. For the lab its sponsor's officer does, of his own people.

    For the appeal body either side does, and the other confirms; its people are of neither party.
    """
    engagement = _engagement(engagement_id, actor)
    if part == Part.LAB and not _is_lab(engagement, actor):
        raise NotPermitted("not_permitted", _("The sponsor's officer names who checks for it."))
    user = User.objects.filter(username=login.strip(), is_active=True).first()
    if user is None or user.person is None:
        raise Refused("login_unknown", _("Nobody signs in by this name."))
    if part == Part.APPEAL:
        _of_neither(engagement, user, actor)
    reviewer = AirlockReviewer(
        engagement=engagement,
        person=user.person,
        part=part,
        named_by_id=person_of(actor),
        named_at=now(),
    )
    require(
        not engagement.airlock_reviewers.filter(person=user.person).exists(),
        "named_already",
        _("He is named already."),
    )
    try:
        with transaction.atomic():
            reviewer.save(force_insert=True)
    except IntegrityError as error:
        if "cannot be named" not in str(error):
            raise
        raise Refused(
            "not_fit",
            _("For the lab its own people check; the appeal body is of neither party."),
            _("Name somebody else."),
        ) from error
    _tell(reviewer, "airlock.reviewer_named", actor)
    return reviewer


def _of_neither(engagement: Engagement, user: User, actor: Actor) -> None:
    """INVARIANT: who checks exports for the facility, or names judges, judges none of them.

    The database refuses the same, and what organisations and teams stand against.
    """
    works_there = people_there(engagement).filter(pk=user.pk).exists()
    require(
        not works_there and user.person_id != person_of(actor),
        "not_fit",
        _("The appeal body is of neither party, and of nobody who works at the facility."),
        _("Name somebody else."),
    )


@transaction.atomic
def reviewer_confirm(*, reviewer_id: UUID, actor: Actor) -> AirlockReviewer:
    """Confirm one of the appeal body whom the other side has named."""
    reviewer = _reviewer(reviewer_id, actor)
    require(
        reviewer.part == Part.APPEAL and reviewer.confirmed_by_id is None,
        "wrong_state",
        _("Nothing is to be confirmed."),
    )
    sponsor = reviewer.engagement.sponsor
    by_lab = reviewer.named_by.organisation_id == sponsor.organisation_id
    require(
        by_lab != _is_lab(reviewer.engagement, actor),
        "same_side",
        _("The other side confirms whom yours has named."),
    )
    # Since he was named he may have come to work here.
    _of_neither(reviewer.engagement, User.objects.get(person=reviewer.person), actor)
    reviewer.confirmed_by_id, reviewer.confirmed_at = person_of(actor), now()
    reviewer.save(update_fields=["confirmed_by", "confirmed_at"])
    _tell(reviewer, "airlock.reviewer_confirmed", actor)
    return reviewer


@transaction.atomic
def reviewer_end(*, reviewer_id: UUID, actor: Actor) -> None:
    """Name somebody no longer; what he has decided stays.

    A confirmed one of the appeal body goes by the facility alone, and not while an appeal is open:
    the lab does not choose its judges.
    """
    reviewer = _reviewer(reviewer_id, actor)
    lab = _is_lab(reviewer.engagement, actor)
    others = reviewer.confirmed_by_id is None or not lab
    if not (lab if reviewer.part == Part.LAB else others):
        raise NotPermitted("not_permitted", _("The other side ends that."))
    require(
        reviewer.part == Part.LAB or not appeal_open(reviewer.engagement),
        "appeal_open",
        _("An appeal is open; its judges stay until it is decided."),
    )
    _tell(reviewer, "airlock.reviewer_ended", actor)
    reviewer.delete()


def _engagement(engagement_id: UUID, actor: Actor) -> Engagement:
    engagement = lock(visible(Engagement.objects.all(), actor, VIEW), engagement_id)
    if not names_reviewers(engagement, actor):
        raise NotPermitted(
            "not_permitted",
            _("You name nobody for this engagement."),
            _("The sponsor's officer and the facility's officers do."),
        )
    return engagement


def _reviewer(reviewer_id: UUID, actor: Actor) -> AirlockReviewer:
    seen = visible(AirlockReviewer.objects.all(), actor, VIEW).get(pk=reviewer_id)
    engagement = _engagement(seen.engagement_id, actor)
    reviewer = AirlockReviewer.objects.select_for_update(of=("self",), no_key=True).get(pk=seen.pk)
    reviewer.engagement = engagement
    return reviewer


def _is_lab(engagement: Engagement, actor: Actor) -> bool:
    return actor.person_id == engagement.sponsor.officer_id


def _tell(reviewer: AirlockReviewer, kind: str, actor: Actor) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=reviewer.engagement,
        facility=reviewer.engagement.areas.values_list("facility_id", flat=True).first(),
        body={
            "engagement": reviewer.engagement.reference,
            "part": reviewer.part,
            "reviewer": person_named(reviewer.person),
            **named(actor),
        },
    )
