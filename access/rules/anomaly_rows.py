"""The numbers of anomaly detection (terminals/anomaly): key, meaning, unit, source, default.

A limit is what a running sum must reach, an allowance what is taken from it where all is as usual.
Sources: D18 = Dhakal and others 2018, 136 million keystrokes; B19 = Brysbaert 2019, reading rates;
bench = set on the tuning seeds of tests/bench/anomaly.py, measured on others (docs/anomaly.md).
"""

_LOCAL = "local SOP; to be confirmed by the facility"
_BENCH = "bench; " + _LOCAL

Row = tuple[str, str, str, str, int | str]

_MEASURE: tuple[Row, ...] = (
    (
        "anomaly_window_seconds",
        "Length of a window in which bytes and pages of a session are counted",
        "seconds",
        _BENCH,
        300,
    ),
    ("anomaly_beat_seconds", "Length of a beat, in which pages are counted", "seconds", _BENCH, 30),
    ("anomaly_keys_least", "Keystrokes that are judged together", "times", _BENCH, 40),
    (
        "anomaly_pages_least",
        "Pages in a window, from which their pace is judged",
        "times",
        _BENCH,
        12,
    ),
    (
        "anomaly_page_bytes",
        "Mean size of what comes down at once, to be a page",
        "bytes",
        "B19; " + _BENCH,
        512,
    ),
)

_BASELINE: tuple[Row, ...] = (
    (
        "anomaly_figure_least",
        "Windows or readings that a session must bring for a figure to be learnt from it",
        "times",
        _BENCH,
        6,
    ),
    (
        "anomaly_prior_sessions",
        "How many sessions of a person the prior of the kind weighs",
        "times",
        _BENCH,
        4,
    ),
    (
        "anomaly_sessions_kept",
        "Sessions of a person that the baseline remembers",
        "times",
        _BENCH,
        30,
    ),
    (
        "anomaly_baseline_factor",
        "How far a person's baseline may lie from the kind's prior",
        "%",
        _BENCH,
        800,
    ),
    (
        "anomaly_busy_percent",
        "Share of a person's windows that lie below a busy one",
        "%",
        _BENCH,
        95,
    ),
    (
        "anomaly_even_percent",
        "Share of a person's rhythms that are more even than the even one",
        "%",
        _BENCH,
        10,
    ),
)

_PARTS: tuple[Row, ...] = (
    ("anomaly_burst_allowance", "Burst: allowed per window, of a busy window", "%", _BENCH, 150),
    ("anomaly_burst_limit", "Burst: busy windows beyond the allowance", "%", _BENCH, 600),
    ("anomaly_burst_act", "Burst: what follows", "word", _LOCAL, "slow"),
    (
        "anomaly_leak_allowance",
        "Leak: how much more than usual is allowed, of e-fold",
        "%",
        _BENCH,
        20,
    ),
    ("anomaly_leak_cap", "Leak: the most that one window counts, of e-fold", "%", _BENCH, 50),
    (
        "anomaly_leak_payback",
        "Leak: the most that one window pays back, of e-fold",
        "%",
        _BENCH,
        150,
    ),
    (
        "anomaly_leak_limit",
        "Leak: sum of what is beyond the allowance, of e-fold",
        "%",
        _BENCH,
        400,
    ),
    ("anomaly_leak_act", "Leak: what follows", "word", _LOCAL, "slow"),
    (
        "anomaly_hours_rare",
        "Off-hours: share of a person's time, below which an hour is rare",
        "‰",
        _BENCH,
        5,
    ),
    ("anomaly_hours_limit", "Off-hours: time in rare hours", "minutes", _BENCH, 15),
    ("anomaly_hours_act", "Off-hours: what follows", "word", _LOCAL, "flag"),
    (
        "anomaly_keys_allowance",
        "Keys: how much more even or quick than usual, of e-fold",
        "%",
        _BENCH,
        30,
    ),
    ("anomaly_keys_cap", "Keys: the most that one reading counts, of e-fold", "%", _BENCH, 150),
    (
        "anomaly_keys_limit",
        "Keys: sum of what is beyond the allowance, of e-fold",
        "%",
        _BENCH,
        350,
    ),
    ("anomaly_keys_act", "Keys: what follows", "word", _LOCAL, "pause"),
    (
        "anomaly_scrape_allowance",
        "Scrape: how much more even than usual, of e-fold",
        "%",
        _BENCH,
        30,
    ),
    ("anomaly_scrape_cap", "Scrape: the most that one window counts, of e-fold", "%", _BENCH, 150),
    (
        "anomaly_scrape_limit",
        "Scrape: sum of what is beyond the allowance, of e-fold",
        "%",
        _BENCH,
        300,
    ),
    ("anomaly_scrape_act", "Scrape: what follows", "word", _LOCAL, "slow"),
)

_REVIEW: tuple[Row, ...] = (
    (
        "anomaly_grave_percent",
        "From how much of a limit an anomaly is grave: one act further",
        "%",
        _LOCAL,
        200,
    ),
    (
        "anomaly_review_flag",
        "How soon somebody must have looked at a flag",
        "minutes",
        _LOCAL,
        1440,
    ),
    ("anomaly_review_slow", "The same for a session that was slowed", "minutes", _LOCAL, 60),
    ("anomaly_review_pause", "The same for a session that was paused", "minutes", _LOCAL, 15),
    ("anomaly_review_lock", "The same for a terminal that was locked", "minutes", _LOCAL, 15),
)

# Before a person has a history: by the kind of engagement, a usual and a busy window, in bytes.
_KINDS = (
    ("black_box", 6_000, 40_000),
    ("grey_box", 10_000, 100_000),
    ("white_box", 35_000, 350_000),
    ("outside_the_box", 8_000, 60_000),
    ("documents", 8_000, 60_000),
)
_PRIOR: tuple[Row, ...] = (
    *(
        (
            f"anomaly_usual_{kind}",
            f"A usual window of a newcomer, {kind}",
            "bytes",
            "B19; " + _BENCH,
            usual,
        )
        for kind, usual, _ in _KINDS
    ),
    *(
        (f"anomaly_busy_{kind}", f"A busy window of a newcomer, {kind}", "bytes", _BENCH, busy)
        for kind, _, busy in _KINDS
    ),
    (
        "anomaly_even_keys",
        "Spread of a newcomer's most even keystrokes, of their mean",
        "%",
        "D18; " + _BENCH,
        55,
    ),
    (
        "anomaly_quick_keys",
        "Mean time between a newcomer's quickest keystrokes",
        "ms",
        "D18; " + _BENCH,
        130,
    ),
    (
        "anomaly_even_pages",
        "Variance of a newcomer's most even pages, of their mean",
        "%",
        _BENCH,
        50,
    ),
    (
        "anomaly_first_hour",
        "First hour of the day in which newcomers usually work",
        "hour",
        _LOCAL,
        7,
    ),
    (
        "anomaly_last_hour",
        "Last hour of the day in which newcomers usually work",
        "hour",
        _LOCAL,
        19,
    ),
)

ANOMALY_ROWS: tuple[Row, ...] = (*_MEASURE, *_BASELINE, *_PARTS, *_REVIEW, *_PRIOR)

# What is done meanwhile, and how long counts are kept.
ACTIVITY_ROWS: tuple[Row, ...] = (
    (
        "activity_slow_rate",
        "What a session that was slowed passes in a second, at most",
        "bytes",
        _LOCAL,
        1_000,
    ),
    (
        "activity_slow_burst",
        "What a session that was slowed passes at once, at most",
        "bytes",
        _LOCAL,
        8_000,
    ),
    (
        "activity_session_days",
        "How long the times and sizes of an ended session are kept",
        "days",
        _LOCAL,
        180,
    ),
    (
        "activity_baseline_days",
        "How long the baseline of somebody who works here no more is kept",
        "days",
        "TS (access control, removed persons: 2 y)",
        730,
    ),
)
