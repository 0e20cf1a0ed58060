"""A facility without a floor plan has pages all the same."""

from scif.console.templatetags.ui import plan


def test_a_missing_plan_says_so_and_who_can_record_it() -> None:
    shown = plan({}, {"doors": {}, "people": []})
    assert "No floor plan is recorded" in shown
    assert "officer" in shown
