"""Is a laptop attested now?"""

from datetime import datetime, timedelta

from access.services.orders import policy_number
from scif.kernel.errors import Refused
from terminals.models import Attestation, Outcome, Terminal
from terminals.selectors.image import boot_image_valid


def attestation_last(terminal: Terminal) -> Attestation | None:
    """The last question that was decided, whichever way."""
    decided = Attestation.objects.filter(terminal=terminal).exclude(outcome=Outcome.ASKED)
    return decided.order_by("-decided_at").first()


def attestation_fresh(terminal: Terminal, at: datetime) -> Attestation | None:
    """The quote that proves what a laptop runs; None where there is none.

    The last one decided counts: accepted, of the image that it is to run, which is still approved,
    and no older than the policy's ``terminal_attested_minutes``.
    """
    last = attestation_last(terminal)
    if last is None or last.decided_at is None or last.outcome != Outcome.ACCEPTED:
        return None
    try:
        holds = timedelta(minutes=policy_number(terminal.facility, "terminal_attested_minutes"))
    except Refused:
        return None  # a policy that says nothing lets nothing hold
    fresh = last.decided_at <= at <= last.decided_at + holds
    current = last.image_id == terminal.image_id and boot_image_valid(terminal.image)
    return last if fresh and current else None
