"""A banner is never below what it stands over."""

from hypothesis import given
from hypothesis import strategies as st

from access.selectors.marking import Banner
from scif.facilities.models import Compartment, Level, SecurityScheme

SCHEMES = [SecurityScheme(code=code) for code in ("LAB", "US")]
LABELS = st.tuples(
    st.sampled_from(SCHEMES), st.integers(1, 5), st.frozensets(st.sampled_from("HKZ"), max_size=2)
)


def held(labels: list[tuple[SecurityScheme, int, frozenset[str]]]) -> Banner:
    banner = Banner()
    for scheme, rank, codes in labels:
        level = Level(scheme=scheme, rank=rank, name=f"Tier {rank}", colour=f"#{rank}")
        banner.hold(level, [Compartment(code=code) for code in codes])
    return banner


@given(st.lists(LABELS, min_size=1))
def test_it_is_the_highest_of_each_scheme_and_every_compartment(
    labels: list[tuple[SecurityScheme, int, frozenset[str]]],
) -> None:
    banner = held(labels)
    highest = {level.scheme.code: level.rank for level in banner.levels}
    for scheme, rank, codes in labels:
        assert highest[scheme.code] >= rank
        assert codes <= set(banner.label.split("//"))
    given = {(scheme.code, rank) for scheme, rank, _codes in labels}
    assert set(highest.items()) <= given


def test_as_it_stands_on_the_page() -> None:
    lab, us = SCHEMES
    assert held([]).label == ""
    assert held([(lab, 1, frozenset()), (lab, 5, frozenset("H"))]).label == "TIER 5//H"
    both = held([(us, 2, frozenset("ZK")), (lab, 1, frozenset())])
    assert both.label == "TIER 1 / TIER 2//K//Z"
    assert both.colour == ""
    assert held([(us, 2, frozenset())]).colour == "#2"
