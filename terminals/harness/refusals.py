"""What the adapter says when it does not answer: a status, a stable word, and a sentence."""

from terminals.harness.meters import Meter


class Refusal(Exception):
    """A request gets no answer. ``detail`` speaks of the request and never of the harness."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.status, self.message = REFUSALS[code]
        if detail:
            self.message = f"{self.message}: {detail}"


REFUSALS: dict[str, tuple[int, str]] = {
    "listener_unknown": (403, "This address belongs to no engagement."),
    "policy_missing": (403, "No policy of this engagement is known here."),
    "policy_expired": (403, "The policy of this engagement has ended."),
    "operation_unknown": (404, "The policy allows no such operation"),
    "method_not_allowed": (405, "Operations are asked with POST and without a query string."),
    "request_too_long": (413, "The request is longer than the policy allows."),
    "request_broken": (400, "The request ended before it was whole."),
    "request_not_json": (400, "The request is not JSON of one meaning"),
    "request_unfit": (422, "The request does not fit the policy"),
    "too_many_at_once": (429, "Too many requests of this engagement at the same time."),
    **{
        f"cap_{meter}": (429, f"The engagement's cap on {meter.replace('_', ' ')} is reached.")
        for meter in Meter
    },
    "policy_changed": (409, "The policy was replaced meanwhile; ask again."),
    "ledger_unavailable": (503, "Nothing can be counted now, so nothing is answered."),
    "harness_refused": (409, "The harness refuses this request."),
    "harness_failed": (502, "The harness gave no answer."),
    "harness_slow": (504, "The harness took longer than the policy allows."),
    "answer_too_long": (502, "The harness's answer is longer than the policy allows."),
    "answer_unfit": (502, "The harness's answer does not have the shape that the policy names."),
}
