"""What the auditor brings along: a job of hers through the airlock, checked by lab and facility."""

import json

from scif.runtime.visit import airlock
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene
from scif.runtime.visit.session import File

INTAKE = "intake"
JOB = {"name": "Findings", "steps": [{"probe": "surprise", "prompt": "the cat"}]}
INSPECTION = "Read line by line by two: one probe, no program"


def brought(scene: Scene) -> None:
    """She sends her job in and seals it; who may check it has it before them."""
    data = json.dumps(JOB).encode()
    airlock.begin(scene, INTAKE, "A job for the visit")
    airlock.seal(scene, INTAKE, {"bring": "1"}, File("file", "job.txt", data), "One probe")


def let_in(scene: Scene) -> None:
    """Lab and facility have searched and approved it; the harness of her engagement has it."""
    airlock.check(scene, INTAKE, json.dumps(JOB).encode(), inspection=INSPECTION)
    airlock.release(scene, INTAKE)


STEPS = [
    Step("intake", "She brings a job of her own, sealed before two have checked it", brought),
    Step("intake", "Lab and facility have searched and approved it: the harness has it", let_in),
]
