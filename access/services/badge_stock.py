"""Card stock: blank badges registered by an officer, and encoded beforehand for the drawer."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import BadgeChanged
from access.models import Badge, BadgeKind
from access.rules.states import CREDENTIAL, CredentialAction, CredentialState
from access.services.badge_end import REVOKE
from access.services.badge_watch import encoded_over
from access.services.staff_issue import card_unassigned, encode_order
from hardware.models import Command
from hardware.services.ingest import EdgeEvent
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.kernel.events import publish
from scif.people.access import lock, visible

DRAWER = "drawer"


@transaction.atomic
def badge_stock_register(
    *, facility_id: UUID, kind: BadgeKind, letters: str, first: int, last: int, actor: Actor
) -> Facility:
    """Register blank badges as printed: the letters and each number from ``first`` to ``last``.

    A number below ten is printed with two digits (``S-07``). Raises ``ValidationError`` for a
    printed number that is in use or too long; then none of the run is registered.
    """
    facility = visible(Facility.objects.all(), actor, REVOKE).get(pk=facility_id)
    require(
        0 <= first <= last,
        "run_empty",
        _("The last number comes before the first."),
        _("Enter the lower number first."),
    )
    codes = [f"{letters}{number:02d}" for number in range(first, last + 1)]
    for code in codes:
        badge = Badge(facility=facility, code=code, kind=kind)
        badge.full_clean()
        badge.save(force_insert=True)
    append(
        kind="badge.registered",
        actor=actor,
        subject=facility,
        facility=facility.pk,
        body={"kind": str(kind), "first": codes[0], "last": codes[-1]},
    )
    return facility


@transaction.atomic
def badge_prepare_request(*, badge_id: UUID, actor: Actor) -> Command:
    """Order a blank badge's card to be encoded for the drawer of its facility's desk."""
    badges = visible(Badge.objects.select_related("facility"), actor, REVOKE)
    badge = lock(badges, badge_id)
    require(
        badge.state == CredentialState.BLANK,
        "wrong_state",
        _("Only a blank badge is encoded."),
    )
    return encode_order(badge, {"for": DRAWER}, actor)


def drawer_card_heard(event: EdgeEvent) -> None:
    """Take the desk reader's word that it encoded a card for the drawer; no door opens for it."""
    ordered = event.body.get("command_id")
    command = Command.objects.filter(pk=ordered).first() if ordered else None
    if command is None or command.gateway_id != event.gateway.pk:
        return
    if command.args.get("for") != DRAWER:
        return
    badges = Badge.objects.select_for_update(of=("self",), no_key=True)
    badge = badges.filter(
        facility=event.gateway.facility, code=command.args["badge"], state=CredentialState.BLANK
    ).first()
    if badge is None:
        # Lost or given to somebody meanwhile: this number belongs to nobody and opens nothing.
        card_unassigned(event, command)
        return
    badge.uid = str(event.body.get("uid", ""))[:20]
    badge.number_sha256 = event.body["number_sha256"]
    badge.state = CREDENTIAL.next(CredentialState.BLANK, CredentialAction.ENCODE)
    badge.save(update_fields=["uid", "number_sha256", "state"])
    encoded_over(event, badge)
    append(
        kind="badge.prepared",
        actor=event.actor,
        subject=badge,
        facility=badge.facility_id,
        body={"badge": badge.code},
    )
    publish(BadgeChanged(badge.pk))
