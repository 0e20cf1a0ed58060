"""Policy profiles of the demonstration: the shipped defaults, and what each facility changes."""

from access.rules.policy_keys import shipped
from scif.console.demo.places import keep
from scif.facilities.models import PolicyProfile
from scif.kernel.clock import now

# What a profile sets other than the default; the reason stands in the profile's title.
CHANGES: dict[str, tuple[str, dict[str, object]]] = {
    "icd705": ("ICD 705 facility", {}),
    "ai-reading-room": (
        "Reading room for audits of AI models",
        # The stand-in's answers are a hundredth of a real harness's, and so is what is usual of it.
        {
            "entry_early": 20,
            "arrival_early": 90,
            "anomaly_usual_white_box": 350,
            "anomaly_busy_white_box": 3_500,
        },
    ),
}


def policies_seed() -> dict[str, PolicyProfile]:
    """Publish version 1 of each profile; by code."""
    profiles = {}
    for code, (title, changes) in CHANGES.items():
        values = shipped()
        for key, value in changes.items():
            values[key]["value"] = value
        profiles[code] = keep(
            PolicyProfile(code=code, version=1, title=title, values=values, published_at=now())
        )
    return profiles
