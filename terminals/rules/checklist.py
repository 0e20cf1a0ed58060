"""What is looked at when a laptop comes back: the hardening of the kiosk image, seen from outside.

``deploy/terminal/README.md`` says what the image does about each. An inspection keeps the answers
by code; a code is never used again for another question.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One question, answered yes or no; only yes to all of them passes."""

    code: str
    question: str


CHECKLIST: tuple[Item, ...] = (
    Item("case", "Case, screws and hinges show no trace of opening"),
    Item("boot", "It starts with Secure Boot into the verified, read-only image"),
    Item("storage", "No local disk, card or swap is in use"),
    Item("ports", "USB takes no device; HDMI, DisplayPort and Thunderbolt are dead"),
    Item("radio", "Wi-Fi and Bluetooth are off; camera, microphone and speaker are off"),
    Item("screen", "The kiosk cannot be left: no console, SysRq, printing or clipboard"),
    Item("network", "It reaches nothing but the bastion; names are not resolved"),
    Item("attached", "Nothing was added: no adapter, cable, sticker or card in a slot"),
)

# What a laptop says of itself where nothing speaks against it (``terminals/agent/check.py``).
SOUND = "as built"

CODES = frozenset(item.code for item in CHECKLIST)


def checklist_failed(answers: dict[str, bool]) -> tuple[str, ...]:
    """The codes that were answered no, or not at all, in the list's order."""
    return tuple(item.code for item in CHECKLIST if answers.get(item.code) is not True)
