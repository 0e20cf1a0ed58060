"""What hangs on a device beside its own wires: a labelled row for each option, door and input."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hardware.kinds import DOOR_WIRES, PANEL_FACTS, Kind
from scif.console.selectors.device_options import OTHERS, PANEL_SAYS, WIRES

COUNTS = ("outputs", "inputs")
CLOSED, DIALECT, DOORS, PANEL = "normally_closed", "dialect", "portals", "panel"
SPARE = 2  # empty rows below those that are filled in
Typed = dict[str, Any]


class DeviceOptionsWidget(forms.Widget):
    """Fields and two small tables, of what the kind has; ``kind`` and places come with the form."""

    template_name = "forms/device_options.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.kind: Kind | None = None
        self.doors: Sequence[str] = ()
        self.areas: Sequence[tuple[str, str]] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The rows, from what is kept or from what was typed."""
        context = super().get_context(name, value, attrs)
        typed = value if isinstance(value, dict) and "typed" in value else _typed(value or {})
        has = self.kind.options if self.kind else ()
        context["widget"] |= {
            "typed": typed,
            "counts": [(each, OTHERS[each], typed[each]) for each in COUNTS if each in has],
            "closed": OTHERS[CLOSED] if CLOSED in has else "",
            "dialect": OTHERS[DIALECT] if DIALECT in has else "",
            "dialects": self.kind.dialects if self.kind else (),
            "wires": [WIRES[wire] for wire in DOOR_WIRES],
            "doors": _padded(typed[DOORS], 1 + len(DOOR_WIRES)) if DOORS in has else [],
            "every_door": self.doors,
            "inputs": _padded(typed["says"], 3) if PANEL in has else [],
            "areas": self.areas,
            "says": list(PANEL_SAYS.items()),
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:
        """What was typed, row by row."""

        def column(part: str) -> list[str]:
            return [each.strip() for each in data.getlist(f"{name}_{part}")]

        columns = [column(f"door_{part}") for part in ("code", *DOOR_WIRES)]
        doors = [[code, *wires] for code, *wires in zip(*columns, strict=False)]
        says = zip(column("input"), column("fact"), column("while"), strict=False)
        return {
            "typed": True,
            **{each: data.get(f"{name}_{each}", "").strip() for each in (*COUNTS, CLOSED, DIALECT)},
            DOORS: doors,
            "area": data.get(f"{name}_area", "").strip(),
            "says": [list(each) for each in says],
        }

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """It is there if any of its fields is."""
        return not any(key.startswith(f"{name}_") for key in data)

    def id_for_label(self, id_: str) -> str:
        """The fields are named by their legend and by labels of their own."""
        return ""


class DeviceOptionsField(forms.Field):
    """Cleans to the options as a device's record keeps them; what was left empty is absent."""

    widget = DeviceOptionsWidget

    def clean(self, value: Any) -> dict[str, Any]:
        """Read each row; raises ValidationError naming the row that cannot be read."""
        typed: Typed = value or _typed({})
        found: dict[str, Any] = {
            each: _number(typed[each], OTHERS[each]) for each in COUNTS if typed[each]
        }
        if typed[CLOSED]:
            parts = typed[CLOSED].replace(",", " ").split()
            found[CLOSED] = [_number(each, OTHERS[CLOSED]) for each in parts]
        if typed[DIALECT]:
            found[DIALECT] = typed[DIALECT]
        if doors := _doors(typed[DOORS]):
            found[DOORS] = doors
        inputs = _inputs(typed["says"])
        if bool(inputs) != bool(typed["area"]):
            raise ValidationError(_("An alarm panel has an area, and inputs that tell of it."))
        if inputs:
            found[PANEL] = {"area": typed["area"], "inputs": inputs}
        return found


def _typed(options: Mapping[str, Any]) -> Typed:
    """The options of a record as the fields show them."""
    panel = options.get(PANEL) or {}
    inputs = sorted((panel.get("inputs") or {}).items(), key=lambda each: int(each[0]))
    return {
        **{each: str(options.get(each, "")) for each in (*COUNTS, DIALECT)},
        CLOSED: ", ".join(str(each) for each in options.get(CLOSED, ())),
        DOORS: [
            [code, *(str(wires.get(wire, "")) for wire in DOOR_WIRES)]
            for code, wires in sorted((options.get(DOORS) or {}).items())
        ],
        "area": str(panel.get("area", "")),
        "says": [
            [number, str(said["fact"]), "active" if said["active"] else "idle"]
            for number, said in inputs
        ],
    }


def _padded(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """The rows in which something was said, and some below; how an input is says nothing alone."""
    filled = [list(row) for row in rows if any(set(row) - {"active", "idle"})]
    return filled + [[""] * width for _spare in range(SPARE)]


def _number(text: str, what: Any) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise ValidationError(_("%(what)s: write a number.") % {"what": what})
    return int(text)


def _doors(rows: Sequence[Sequence[str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for code, *wires in rows:
        said = {
            wire: _number(text, WIRES[wire])
            for wire, text in zip(DOOR_WIRES, wires, strict=True)
            if text
        }
        if not said and not code:
            continue
        if not said or not code or code in found:
            raise ValidationError(_("A row of a door names the door, once, and a wire of it."))
        found[code] = said
    return found


def _inputs(rows: Sequence[Sequence[str]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for number, fact, state in rows:
        if not number and not fact:
            continue
        if not number or fact not in PANEL_FACTS or state not in {"active", "idle"}:
            raise ValidationError(
                _("A row of the panel names an input, what it says, and while it is how.")
            )
        key = str(_number(number, _("Input")))
        if key in found:
            raise ValidationError(_("Input %(number)s stands in two rows.") % {"number": key})
        found[key] = {"fact": fact, "active": state == "active"}
    return found
