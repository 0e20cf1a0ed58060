"""A zone's record, as the centre tells it to a gateway; nothing is asked for beyond the policy."""

from typing import Any


def zone_record(area: str, **order: Any) -> dict[str, Any]:
    """The record of a zone of this area; ``order`` are the values that differ."""
    plain = {
        "area": area,
        "name": "Room",
        "anti_passback": None,
        "anti_passback_minutes": None,
        "first_person_in": False,
        "minimum": 0,
    }
    return {**plain, **order}
