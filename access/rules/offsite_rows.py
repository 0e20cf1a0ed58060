"""What a laptop at a registered place is held to, as rows of the policy (docs/offsite.md).

Nothing tells there who is beside the person. What stands in the place of presence is shorter and
asked for more often.
"""

from typing import Final

_LOCAL: Final = "local SOP; to be confirmed by the facility"
_SOURCE: Final = f"docs/offsite.md; {_LOCAL}"

OFFSITE_ROWS: Final = (
    (
        "offsite_ceiling",
        "Highest security level (RAND) of a model that is studied at a registered place",
        "level",
        _SOURCE,
        3,
    ),
    (
        "offsite_addresses",
        "Most addresses of the network that a registered place is known by",
        "addresses",
        _SOURCE,
        256,
    ),
    (
        "egress_offsite_share",
        "Part of an engagement's budget that may leave at its registered places: 1 in",
        "parts",
        _SOURCE,
        10,
    ),
    (
        "offsite_session_minutes",
        "Longest session at a registered place, until the next sign-in",
        "minutes",
        _SOURCE,
        60,
    ),
    (
        "offsite_attested_minutes",
        "How old a laptop's last quote may be while it is in session there",
        "minutes",
        _SOURCE,
        10,
    ),
    (
        "offsite_silent_seconds",
        "Silence of the laptop's agent that ends its session there",
        "seconds",
        _SOURCE,
        30,
    ),
    (
        "offsite_unheard_hours",
        "Silence after which a laptop that is out is locked and looked for",
        "hours",
        _SOURCE,
        72,
    ),
    ("offsite_loan_hours", "Longest time that a laptop is out", "hours", _SOURCE, 120),
)
