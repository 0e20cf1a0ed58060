"""What is set at a device, in words: a row for each wire and each of its other options."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hardware.kinds import CONTACT, OUTPUT, POWER, REX, TAMPER
from scif.console.selectors.policy_profile import shown

WIRES = {
    OUTPUT: gettext_lazy("Output of the strike"),
    CONTACT: gettext_lazy("Input of the door contact"),
    REX: gettext_lazy("Input of the handle inside"),
    TAMPER: gettext_lazy("Input of its own cover"),
    POWER: gettext_lazy("Input of its own supply"),
}
OTHERS: Mapping[str, Promise] = {
    "outputs": gettext_lazy("Relays it has"),
    "inputs": gettext_lazy("Inputs it has"),
    "normally_closed": gettext_lazy("Inputs that rest closed"),
    "dialect": gettext_lazy("Command set"),
}
PANEL_SAYS: Mapping[str, Promise] = {
    "access": gettext_lazy("the mode ACCESS"),
    "secure": gettext_lazy("the mode SECURE"),
    "maintenance": gettext_lazy("the mode MAINTENANCE"),
    "alarm": gettext_lazy("an alarm"),
    "trouble": gettext_lazy("trouble"),
}


def option_rows(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value of each option, those of a door and of a panel one by one."""
    rows = [(str(words), str(options[name])) for name, words in WIRES.items() if name in options]
    for door, wires in sorted((options.get("portals") or {}).items()):
        rows += [
            (_("%(door)s: %(wire)s") % {"door": door, "wire": WIRES.get(name, name)}, str(number))
            for name, number in wires.items()
        ]
    panel = options.get("panel") or {}
    if panel:
        rows.append((_("Alarm panel of the area"), str(panel.get("area", ""))))
    for number, says in sorted((panel.get("inputs") or {}).items(), key=lambda each: int(each[0])):
        label = _("Input %(number)s tells of the panel") % {"number": number}
        rows.append((label, _panel_words(says)))
    placed = {*WIRES, "portals", "panel"}
    for name, value in options.items():
        if name not in placed:
            rows.append((str(OTHERS.get(name, name)), _value(value)))
    return rows


def _panel_words(says: Mapping[str, Any]) -> str:
    fact = str(PANEL_SAYS.get(str(says.get("fact")), says.get("fact")))
    if says.get("active"):
        return _("%(fact)s, while it is active") % {"fact": fact}
    return _("%(fact)s, while it is not active") % {"fact": fact}


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or _("none")
    return shown(value)
