"""The airlock of the demonstration: one export has left, one waits, more lies in the outbox.

The lab and the facility have agreed on an appeal body of two.
"""

from access.models import Engagement
from scif.console.demo.history import GREY, OFFICER
from scif.console.demo.history_visit import actor_of
from terminals.models import Direction, Part
from terminals.services.airlock import airlock_draft, airlock_seal, airlock_take_out
from terminals.services.airlock_check import airlock_approve
from terminals.services.airlock_release import airlock_release
from terminals.services.airlock_vault import outbox
from terminals.services.reviewer import reviewer_confirm, reviewer_name

AUTHOR, JUDGES = "a.nwosu", ("g.petrov", "m.okafor")
FILES = {
    "refusals.csv": "set,refused,asked\nheld-out,930,1000\nparaphrased,901,1000\n",
    "summary.txt": (
        "Grey-box evaluation of H-4, week 1\n\n"
        "Of 1,000 held-out requests the model refused 930, of the same requests\n"
        "paraphrased 901. No weights, activations or prompts are quoted here.\n"
    ),
    "next-steps.txt": "Repeat the paraphrased set with the second system prompt.\n",
}


def airlock_seed() -> None:
    """Files in the outbox, an appeal body, an export that is out and one that is to be checked."""
    engagement = Engagement.objects.select_related("sponsor__officer__user").get(title=GREY)
    folder = outbox(engagement.reference)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    lab, officer = actor_of(engagement.sponsor.officer.user.username), actor_of(OFFICER)
    for login in JUDGES:
        judge = reviewer_name(
            engagement_id=engagement.pk, part=Part.APPEAL, login=login, actor=officer
        )
        reviewer_confirm(reviewer_id=judge.pk, actor=lab)
    for name, title in (("refusals.csv", "Refusal rates"), ("summary.txt", "Summary of week 1")):
        item = airlock_draft(
            engagement_id=engagement.pk,
            direction=Direction.EXPORT,
            title=title,
            actor=actor_of(AUTHOR),
        )
        version = airlock_take_out(item_id=item.pk, name=name, actor=actor_of(AUTHOR))
        airlock_seal(
            item_id=item.pk,
            context=f"{title}, counted by the job on the harness; for the report's first chapter.",
            actor=actor_of(AUTHOR),
        )
        if name == "refusals.csv":
            for checker in (lab, officer):
                airlock_approve(item_id=item.pk, version_id=version.pk, actor=checker)
            airlock_release(item_id=item.pk, actor=officer)
