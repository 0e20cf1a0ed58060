"""An item of the airlock by its author: drafted, sealed, taken back (docs/airlock.md)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.rules.states import EngagementState
from access.services.orders import policy_number, policy_words
from scif.alarms.services import alarm_clear
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused, require
from scif.kernel.ids import reference
from scif.kernel.text import text_of
from scif.people.access import lock
from scif.people.naming import named
from terminals.models import AirlockItem, AirlockVersion, Direction
from terminals.rules.airlock_states import AIRLOCK, ON_THE_CLOCK, AirlockAction, AirlockState
from terminals.rules.content import kind_of
from terminals.selectors.airlock import engagements_of_team, items_for
from terminals.services.airlock_vault import outbox_read, vault_keep, version_altered
from terminals.services.terminal import person_of

OVERDUE = "airlock_overdue"
LONGEST_CONTEXT = 2_000


@transaction.atomic
def airlock_draft(
    *,
    engagement_id: UUID,
    direction: Direction,
    title: str,
    facility_id: UUID | None = None,
    actor: Actor,
) -> AirlockItem:
    """Begin an item under an engagement that names the actor.

    ``facility_id`` says which facility checks, where the engagement has rooms in several.
    """
    engagement = engagements_of_team(actor).get(pk=engagement_id)
    places = Facility.objects.filter(areas__engagements=engagement).distinct().order_by("code")
    place = (places.filter(pk=facility_id) if facility_id else places).first()
    if place is None:
        raise Refused("facility_missing", _("The engagement has no room there."))
    item = AirlockItem(
        reference=reference("X" if direction == Direction.EXPORT else "I"),
        direction=direction,
        facility=place,
        engagement=engagement,
        author_id=person_of(actor),
        title=text_of(title, "title", most=120, missing=_("Name it."), lines=False),
        state=AirlockState.DRAFT,
        state_since=now(),
    )
    item.save(force_insert=True)
    airlock_tell(item=item, what="drafted", actor=actor)
    return item


@transaction.atomic
def airlock_take_out(*, item_id: UUID, name: str, actor: Actor) -> AirlockVersion:
    """Take the bytes of an export from what the harness has put out for its engagement.

    They come from there and never from the author's browser: what he could upload would be
    outside already.
    """
    item = _of_author(item_id, actor)
    require(item.direction == Direction.EXPORT, "wrong_way", _("This item does not go out."))
    most = airlock_most(item)
    return _version(item, name, outbox_read(item.engagement.reference, name, most), most, actor)


@transaction.atomic
def airlock_bring(*, item_id: UUID, name: str, data: bytes, actor: Actor) -> AirlockVersion:
    """Give the bytes of an intake; ``name`` is for people to read only."""
    item = _of_author(item_id, actor)
    require(item.direction == Direction.INTAKE, "wrong_way", _("This item does not come in."))
    return _version(item, name, data, airlock_most(item), actor)


@transaction.atomic
def airlock_seal(*, item_id: UUID, context: str, actor: Actor) -> AirlockItem:
    """Seal the draft: from now on these bytes are looked at, and the checkers' clock runs.

    Sealed again, it is another version: what was said of the one before says nothing of it.
    """
    item = _of_author(item_id, actor)
    context = text_of(
        context, "context", most=LONGEST_CONTEXT,
        missing=_("Say what it is, how it came about and what it is for."),
    )  # fmt: skip
    version = item.version
    if version is None:
        raise Refused("nothing_to_seal", _("It has no bytes yet."), _("Choose a file first."))
    state = AIRLOCK.next(AirlockState(item.state), AirlockAction.SEAL)
    require(
        not version_altered(version),
        "bytes_changed",
        _("Its bytes were changed after it was sealed."),
        _("Take the file again, then seal it."),
    )
    if version.sealed_at is not None:
        version = _copy(version)
        item.version = version
        item.save(update_fields=["version"])
    version.context, version.sealed_at = context, now()
    version.save(update_fields=["context", "sealed_at"])
    item.due_at = now() + timedelta(hours=policy_number(item.facility, "airlock_hours"))
    _keep(item, state)
    airlock_tell(item=item, what="sealed", actor=actor, due_at=item.due_at, context=context)
    return item


@transaction.atomic
def airlock_reopen(*, item_id: UUID, actor: Actor) -> AirlockItem:
    """Make a draft of it again; whatever was approved is void."""
    item = _of_author(item_id, actor)
    airlock_advance(item=item, action=AirlockAction.REOPEN, what="reopened", actor=actor)
    return item


@transaction.atomic
def airlock_withdraw(*, item_id: UUID, actor: Actor) -> AirlockItem:
    """Give an item up, for good."""
    item = _of_author(item_id, actor)
    airlock_advance(item=item, action=AirlockAction.WITHDRAW, what="withdrawn", actor=actor)
    return item


def airlock_lock(*, item_id: UUID, actor: Actor) -> AirlockItem:
    """Lock an item that the actor may know of; ``DoesNotExist`` (a 404) otherwise."""
    return lock(items_for(actor), item_id)


def airlock_advance(
    *, item: AirlockItem, action: AirlockAction, what: str, actor: Actor, **body: Any
) -> None:
    """Take one step of a locked item: table, save, journal.

    INVARIANT: the only place beside its sealing where an item's state changes.
    """
    late = item.overdue
    _keep(item, AIRLOCK.next(AirlockState(item.state), action))
    airlock_tell(item=item, what=what, actor=actor, **body)
    if late and not item.overdue:
        alarm_clear(
            facility=item.facility,
            kind=OVERDUE,
            subject=item.reference,
            note="It has been answered.",
            actor=actor,
        )


def airlock_tell(*, item: AirlockItem, what: str, actor: Actor, **body: Any) -> None:
    """Journal something about an item: its hash stands in every entry from its bytes on."""
    version = item.version
    bytes_of = (
        {"version": version.number, "sha256": version.sha256, "bytes": version.bytes}
        if version is not None
        else {}
    )
    append(
        kind=f"{item.direction}.{what}",
        actor=actor,
        subject=item,
        facility=item.facility_id,
        body={
            "reference": item.reference,
            "engagement": item.engagement.reference,
            "title": item.title,
            "state": item.state,
            **bytes_of,
            **body,
            **named(actor),
        },
    )


def airlock_most(item: AirlockItem) -> int:
    """The most bytes that an item may have."""
    return policy_number(item.facility, f"airlock_{item.direction}_kb") * 1000


def require_active(item: AirlockItem) -> None:
    """Nothing moves under a mandate that is suspended or closed."""
    require(
        item.engagement.state == EngagementState.ACTIVE,
        "engagement_not_active",
        _("The engagement is not active."),
        _("Lab and facility can resume it."),
    )


def _of_author(item_id: UUID, actor: Actor) -> AirlockItem:
    item = airlock_lock(item_id=item_id, actor=actor)
    if item.author_id != person_of(actor):
        raise NotPermitted("not_permitted", _("Its author does that."), _("Ask its author."))
    require_active(item)
    return item


def _version(item: AirlockItem, name: str, data: bytes, most: int, actor: Actor) -> AirlockVersion:
    require(
        item.state == AirlockState.DRAFT, "wrong_state", _("It is sealed."),
        _("Make a draft of it again first."),
    )  # fmt: skip
    require(bool(data), "file_empty", _("The file is empty."))
    require(
        len(data) <= most, "file_large", _("The file is larger than the policy allows."),
        _("Make it smaller; a summary often says the same."),
    )  # fmt: skip
    kind = kind_of(data)
    require(
        kind in policy_words(item.facility, f"airlock_{item.direction}_kinds"),
        "kind_refused",
        _("The policy lets no %(kind)s through.") % {"kind": kind},
        _("Bring it in a form that can be looked at: plain text, or an image."),
    )
    version = AirlockVersion(
        item=item,
        number=_next_number(item),
        name=text_of(name, "name", most=120, missing=_("The file has no name."), lines=False),
        sha256=vault_keep(data),
        bytes=len(data),
        kind=kind,
        made_at=now(),
    )
    version.save(force_insert=True)
    item.version = version
    item.save(update_fields=["version"])
    airlock_tell(item=item, what="filled", actor=actor, name=version.name)
    return version


def _copy(version: AirlockVersion) -> AirlockVersion:
    """The same bytes as a version of their own."""
    again = AirlockVersion(
        item=version.item,
        number=_next_number(version.item),
        name=version.name,
        sha256=version.sha256,
        bytes=version.bytes,
        kind=version.kind,
        made_at=now(),
    )
    again.save(force_insert=True)
    return again


def _next_number(item: AirlockItem) -> int:
    return item.versions.count() + 1


def _keep(item: AirlockItem, state: AirlockState) -> None:
    item.state, item.state_since = state, now()
    if state not in ON_THE_CLOCK:
        item.due_at = None
    item.overdue = item.overdue and item.due_at is not None and item.due_at <= now()
    item.save(update_fields=["state", "state_since", "due_at", "overdue", "released_by"])
