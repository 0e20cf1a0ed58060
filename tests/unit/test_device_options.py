"""The rows of a device's form: what an officer filled in is kept, and what is kept fills them."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.kinds import DOOR_WIRES, MODBUS, PANEL_FACTS
from scif.console.forms.device_options import DeviceOptionsField, DeviceOptionsWidget

DOORS = ["D1", "D2", "D3"]
NUMBERS = st.integers(0, 63)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "outputs": NUMBERS,
        "inputs": NUMBERS,
        "normally_closed": st.lists(NUMBERS, min_size=1, max_size=4),
        "portals": st.dictionaries(
            st.sampled_from(DOORS),
            st.dictionaries(st.sampled_from(DOOR_WIRES), NUMBERS, min_size=1),
            min_size=1,
        ),
        "panel": st.fixed_dictionaries(
            {
                "area": st.just("b7-a"),
                "inputs": st.dictionaries(
                    NUMBERS.map(str),
                    st.fixed_dictionaries(
                        {"fact": st.sampled_from(PANEL_FACTS), "active": st.booleans()}
                    ),
                    min_size=1,
                ),
            }
        ),
    },
)


def board_widget() -> DeviceOptionsWidget:
    widget = DeviceOptionsWidget()
    widget.kind, widget.doors = MODBUS, DOORS
    widget.areas = [("b7-a", "Reading room A")]
    return widget


def sent_back(page: str) -> QueryDict:
    """What a browser sends of a page whose fields nobody touched."""
    data = QueryDict(mutable=True)
    for name, value in re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page):
        data.appendlist(name, unescape(value))
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page):
        options = re.findall(r'<option( value="([^"]*)")?( selected)?>([^<]*)</option>', body)
        valued, value, _selected, text = next((o for o in options if o[2]), options[0])
        data.appendlist(name, unescape(value if valued else text))
    return data


def cleaned(data: QueryDict) -> dict[str, Any]:
    typed = board_widget().value_from_datadict(data, {}, "more")
    return DeviceOptionsField(required=False).clean(typed)


@settings(deadline=None)
@given(OPTIONS)
def test_a_form_that_nobody_touched_changes_nothing(options: dict[str, Any]) -> None:
    page = board_widget().render("more", options, {"id": "id_more"})
    assert cleaned(sent_back(re.sub(r"\s+", " ", page))) == options


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("more_outputs=many", "Relays it has: write a number."),
        ("more_normally_closed=3, x", "Inputs that rest closed: write a number."),
        (
            "more_door_code=D1&more_door_output=&more_door_contact_input=&more_door_rex_input=",
            "A row of a door names the door, once, and a wire of it.",
        ),
        (
            "more_input=3&more_fact=access&more_while=active",
            "An alarm panel has an area, and inputs that tell of it.",
        ),
        (
            "more_area=b7-a&more_input=3&more_fact=fire&more_while=active",
            "A row of the panel names an input, what it says, and while it is how.",
        ),
        (
            "more_area=b7-a" + 2 * "&more_input=03&more_fact=alarm&more_while=idle",
            "Input 3 stands in two rows.",
        ),
    ],
)
def test_a_row_that_cannot_be_read_says_so(typed: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        cleaned(QueryDict(typed))
    assert refused.value.messages == [says]


def test_what_was_typed_wrong_stays_in_its_field() -> None:
    widget = board_widget()
    data = QueryDict("more_outputs=many&more_input=7&more_fact=&more_while=idle")
    shown = widget.render("more", widget.value_from_datadict(data, {}, "more"))
    assert 'value="many"' in shown
    assert 'value="7"' in shown
