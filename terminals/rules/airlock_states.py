"""States of an item in the airlock, and what leads from one to the next.

A trigger in the database knows the same table (``terminals/migrations``); a test holds the two
together. The way out and the way in are one machine.
"""

from enum import StrEnum

from scif.kernel.states import Machine


class AirlockState(StrEnum):
    """Life of an item.

    DRAFT can be changed. SEALED cannot, and waits for its checkers. CHECKED has the two approvals,
    or the appeal body's word in their place. CHANGES waits for its author. RELEASED is outside (or
    with the harness) and REJECTED is the lab's last word but for one appeal.
    """

    DRAFT = "draft"
    SEALED = "sealed"
    CHECKED = "checked"
    CHANGES = "changes"
    REJECTED = "rejected"
    APPEALED = "appealed"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class AirlockAction(StrEnum):
    """What happens to an item.

    PASS follows the second approval. REOPEN makes a draft of it again: whatever was approved is
    void. VOID does the same when its bytes are no longer those that were sealed.
    """

    SEAL = "seal"
    PASS = "pass"  # noqa: S105  an action, not a password
    ASK_CHANGES = "ask_changes"
    REJECT = "reject"
    REOPEN = "reopen"
    VOID = "void"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    DISMISS = "dismiss"
    RELEASE = "release"
    WITHDRAW = "withdraw"


_S, _A = AirlockState, AirlockAction

# INVARIANT: nothing is released but from CHECKED, and nothing leads out of RELEASED.
AIRLOCK: Machine[AirlockState, AirlockAction] = Machine(
    "item",
    {
        (_S.DRAFT, _A.SEAL): _S.SEALED,
        (_S.SEALED, _A.PASS): _S.CHECKED,
        (_S.CHECKED, _A.RELEASE): _S.RELEASED,
        **{(state, _A.ASK_CHANGES): _S.CHANGES for state in (_S.SEALED, _S.CHECKED)},
        **{(state, _A.REJECT): _S.REJECTED for state in (_S.SEALED, _S.CHECKED)},
        **{(state, _A.REOPEN): _S.DRAFT for state in (_S.SEALED, _S.CHECKED, _S.CHANGES)},
        **{(state, _A.VOID): _S.DRAFT for state in (_S.SEALED, _S.CHECKED)},
        (_S.REJECTED, _A.APPEAL): _S.APPEALED,
        (_S.APPEALED, _A.UPHOLD): _S.CHECKED,
        (_S.APPEALED, _A.DISMISS): _S.REJECTED,
        **{
            (state, _A.WITHDRAW): _S.WITHDRAWN
            for state in (_S.DRAFT, _S.SEALED, _S.CHECKED, _S.CHANGES)
        },
    },
)

# Who checks has a clock while an item is in one of these.
ON_THE_CLOCK = frozenset({_S.SEALED, _S.CHECKED, _S.APPEALED})
