"""The cards in the drawer: what each is, as far as this facility can tell from its digest."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from access.models import Badge, BadgeAssignment
from access.rules.states import CredentialState
from hardware.drivers.desfire_keys import AID, FILE
from hardware.simulators.cards import Card, CardError, CardStore
from scif.console.bench.world import VIEW, card_store
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.access import visible

_ORDER = {CredentialState.ISSUED: 0, CredentialState.RETURNED: 1}


@dataclass(frozen=True, slots=True)
class Label:
    """A card of the store by its ``name``, with the words that stand on its button."""

    name: str
    title: str
    note: str
    rank: int = 9


def labels(facility: Facility, actor: Actor) -> list[Label]:
    """Every card of the store: held badges first, then other known ones, unknown, blank."""
    digests = dict(_digests(card_store()))
    badges = visible(Badge.objects.filter(facility=facility), actor, VIEW)
    known = {badge.number_sha256: badge for badge in badges.exclude(number_sha256="")}
    held = {
        assignment.badge_id: assignment
        for assignment in BadgeAssignment.objects.filter(
            badge__in=known.values(), returned_at=None
        ).select_related("person")
    }
    found = []
    for name, digest in digests.items():
        badge = known.get(digest or "")
        if badge is not None:
            found.append(_of_badge(name, badge, held.get(badge.pk)))
        elif digest is None:
            title = _("UID copy") if name.startswith("copy-") else _("Blank card")
            found.append(Label(name, title, name, 8))
        else:
            found.append(Label(name, _("Unknown card"), name, 7))
    return sorted(found, key=lambda label: (label.rank, label.title, label.name))


def title_of(name: str, known: Iterable[Label]) -> str:
    """What a card is called in the log."""
    return next((label.title for label in known if label.name == name), name)


def blank_make() -> str:
    """Take a card as it leaves the factory out of the box; gives its name."""
    store = card_store()
    taken = set(store.names())
    name = next(n for n in (f"card-{i:02d}" for i in range(1, len(taken) + 2)) if n not in taken)
    store.create(name)
    return name


def clone_make(name: str) -> str:
    """Copy the UID of a card onto a blank one, as a cheap copier does; gives the copy's name."""
    store = card_store()
    taken = set(store.names())
    copy = next(n for n in (f"copy-{i:02d}" for i in range(1, len(taken) + 2)) if n not in taken)
    store.create(copy, store.load(name).uid)
    return copy


def _of_badge(name: str, badge: Badge, held: BadgeAssignment | None) -> Label:
    state = CredentialState(badge.state)
    holder = f"{badge.code} {held.person}" if held else badge.code
    note = _NOTES[state]() if state is not CredentialState.ISSUED else badge.get_kind_display()
    return Label(name, holder, str(note), _ORDER.get(state, 2))


def _digests(store: CardStore) -> Iterable[tuple[str, str | None]]:
    """The digest of each card's number, "" for a card that is not ours, None for a blank one."""
    for name in store.names():
        try:
            yield name, _digest(store.load(name))
        except CardError:
            yield name, ""


def _digest(card: Card) -> str | None:
    """INVARIANT: the number itself goes no further than this function."""
    if not card.applications:
        return None
    application = card.applications.get(AID)
    file = application.files.get(FILE) if application else None
    return hashlib.sha256(file.data).hexdigest() if file else ""


_NOTES = {
    CredentialState.BLANK: lambda: _("erased"),
    CredentialState.ENCODED: lambda: _("encoded beforehand"),
    CredentialState.ISSUED: lambda: _("issued"),
    CredentialState.RETURNED: lambda: _("returned"),
    CredentialState.REVOKED: lambda: _("revoked"),
    CredentialState.LOST: lambda: _("lost"),
    CredentialState.DESTROYED: lambda: _("destroyed"),
}
