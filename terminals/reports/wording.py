"""Words of the airlock's states, and of sessions that run, for screens and reports."""

from django.utils.translation import gettext_lazy, ngettext

from terminals.rules.airlock_states import AirlockState

# Shape of the status vocabulary and the word.
ITEM_STATES = {
    AirlockState.DRAFT: ("todo", gettext_lazy("Draft")),
    AirlockState.SEALED: ("wait", gettext_lazy("Waiting for its checkers")),
    AirlockState.CHECKED: ("wait", gettext_lazy("Checked, to be released")),
    AirlockState.CHANGES: ("warn", gettext_lazy("Changes asked")),
    AirlockState.REJECTED: ("stop", gettext_lazy("Rejected")),
    AirlockState.APPEALED: ("wait", gettext_lazy("Before the appeal body")),
    AirlockState.RELEASED: ("ok", gettext_lazy("Released")),
    AirlockState.WITHDRAWN: ("off", gettext_lazy("Withdrawn")),
}


def running_text(running: int) -> str:
    """What follows a count of sessions where some of them have not ended."""
    words = ngettext(", one still running", ", %(n)d still running", running) % {"n": running}
    return words if running else ""
