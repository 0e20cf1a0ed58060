"""What a session's figure showed when an anomaly was raised, as server-rendered SVG.

Pure functions, as in ``scif/console/plots.py``: lengths are pixels at 100 %, and the plot carries
its reading as text. What is usual is a line with its word beside it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scif.console.svg import Point, element, label, number, path
from terminals.anomaly.trail import Figure, Plot
from terminals.anomaly.wording import amount

_WIDE, _HIGH = 340, 160
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 332, 18, 126

TITLES = {
    Figure.BYTES: gettext_lazy("Sent down, by the minute"),
    Figure.PAGES: gettext_lazy("Pages, by the minute"),
    Figure.RHYTHM: gettext_lazy("Keystrokes: how many times as even or quick as this person's"),
    Figure.SHARE: gettext_lazy("This person's time, by hour of the day"),
}


def anomaly_plot(plot: Plot, zone: str, hour: str = "") -> SafeString:
    """The plot; times in ``zone``. ``hour`` is the hour of the day that is marked."""
    values = [value for _place, value in plot.points]
    top = max([*values, (plot.usual or 0.0) * 1.1, 1e-9])
    parts: list[object] = [
        element("path", d=f"M{_LEFT} {_BOTTOM}H{_RIGHT}", class_="grid"),
        element("path", d=f"M{_LEFT} {_TOP}H{_RIGHT}", class_="grid"),
        label(_LEFT - 6, _TOP + 4, _told(plot.figure, top), "e"),
        label(_LEFT - 6, _BOTTOM + 4, "0", "e"),
    ]
    if plot.figure is Figure.SHARE:
        parts += _bars(plot.points, top, hour)
    else:
        parts += _line(plot.points, top, ZoneInfo(zone))
    if plot.usual is not None:
        y = _y(plot.usual, top)
        parts.append(element("path", d=f"M{_LEFT} {number(y)}H{_RIGHT}", class_="limit"))
        words = _("rare") if plot.figure is Figure.SHARE else _("usual")
        parts.append(label(_RIGHT, y - 5, words, "e b"))
    view = f"0 0 {_WIDE} {_HIGH}"
    return element(
        "svg", *parts, class_="plot", viewBox=view, role="img", aria_label=reading(plot, hour)
    )


def reading(plot: Plot, hour: str = "") -> str:
    """The plot in words."""
    title = str(TITLES[plot.figure])
    if plot.figure is Figure.SHARE:
        share = dict(plot.points).get(int(hour), 0.0) if hour.isdecimal() else 0.0
        return _("%(title)s: %(share)s at %(hour)s:00; below %(rare)s an hour is rare") % {
            "title": title,
            "share": _told(plot.figure, share),
            "hour": hour,
            "rare": _told(plot.figure, plot.usual or 0.0),
        }
    most = _told(plot.figure, max((value for _place, value in plot.points), default=0.0))
    if plot.usual is None:
        return _("%(title)s: at most %(most)s") % {"title": title, "most": most}
    return _("%(title)s: at most %(most)s, usual is %(usual)s") % {
        "title": title,
        "most": most,
        "usual": _told(plot.figure, plot.usual),
    }


def _told(figure: Figure, value: float) -> str:
    if figure is Figure.BYTES:
        return amount(value)
    if figure is Figure.SHARE:
        return f"{value:.1%}" if value < 0.1 else f"{value:.0%}"
    return f"{value:.1f} \N{MULTIPLICATION SIGN}" if figure is Figure.RHYTHM else f"{value:.0f}"


def _y(value: float, top: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * min(max(value / top, 0.0), 1.0)


def _line(points: Sequence[tuple[int, float]], top: float, zone: ZoneInfo) -> list[object]:
    """By minutes; where nothing was told between two, nothing is drawn between them."""
    if not points:
        return []
    first, last = points[0][0], points[-1][0]
    scale = (_RIGHT - _LEFT) / max(last - first, 1)
    drawn: list[object] = []
    runs: list[list[Point]] = []
    before = None
    for minute, value in points:
        if before is None or minute - before > 1:
            runs.append([])
        before = minute
        runs[-1].append((_LEFT + (minute - first) * scale, _y(value, top)))
    for run in runs:
        if len(run) > 1:
            drawn.append(element("path", d=path(run), class_="line l0"))
        else:
            x, y = run[0]
            drawn.append(element("circle", cx=x, cy=y, r=3, class_="bar"))
    for minute, left, anchor in ((first, _LEFT, None), (last, _RIGHT, "e")):
        at = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone)
        if anchor is None or last > first:
            drawn.append(label(left, _BOTTOM + 20, f"{at:%H:%M}", anchor))
    return drawn


def _bars(points: Sequence[tuple[int, float]], top: float, hour: str) -> list[object]:
    pitch = (_RIGHT - _LEFT) / max(len(points), 1)
    drawn: list[object] = []
    for place, value in points:
        left, y, marked = _LEFT + pitch * place + 1, _y(value, top), str(place) == hour
        drawn.append(
            element(
                "rect", x=left, y=y, width=pitch - 2, height=_BOTTOM - y,
                class_="bar bad" if marked else "bar",
            )
        )  # fmt: skip
        if marked:
            drawn.append(element("path", d=f"M{number(left + pitch / 2)} {_TOP}v6", class_="axis"))
    drawn += [
        label(_LEFT + pitch * (each + 0.5), _BOTTOM + 20, f"{each}:00", "m") for each in (0, 12)
    ]
    return drawn
