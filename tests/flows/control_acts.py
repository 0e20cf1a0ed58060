"""What the control process does to sessions, as its database role: nobody else may write them."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from terminals.control import records, told
from terminals.services import (
    anomaly,
    harness_policy,
    session_moderator,
    session_sign_in,
    session_steps,
)
from tests.roles import as_control

P = ParamSpec("P")
T = TypeVar("T")


def by_control(act: Callable[P, T]) -> Callable[P, T]:
    """The same act, under the role of the control process."""

    def acts(*arguments: P.args, **named: P.kwargs) -> T:
        with as_control():
            return act(*arguments, **named)

    return acts


session_ask = by_control(session_sign_in.session_ask)
session_granted = by_control(session_steps.session_granted)
session_pause = by_control(session_steps.session_pause)
session_resume = by_control(session_steps.session_resume)
session_cut = by_control(session_steps.session_cut)
session_end = by_control(session_steps.session_end)
session_connected = by_control(session_steps.session_connected)
session_disconnected = by_control(session_steps.session_disconnected)
session_counted = by_control(session_steps.session_counted)
session_warned = by_control(session_steps.session_warned)
session_cuts_watch = by_control(session_steps.session_cuts_watch)
session_moderated = by_control(session_moderator.session_moderated)
harness_policy_settle = by_control(harness_policy.harness_policy_settle)
harness_policy_renew = by_control(harness_policy.harness_policy_renew)
harness_policy_told = by_control(harness_policy.harness_policy_told)
harness_policies_watch = by_control(harness_policy.harness_policies_watch)
anomaly_observe = by_control(anomaly.anomaly_observe)
heard = by_control(told.heard)
granted = by_control(records.granted)
said = by_control(records.said)
reconcile = by_control(told.reconcile)
lock_delivered = by_control(records.lock_delivered)
lock_confirmed = by_control(records.lock_confirmed)
