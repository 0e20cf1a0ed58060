"""Colours and measures of the reports (static/css/tokens.css, light; points)."""

from reportlab.lib.colors import Color, HexColor

INK: Color = HexColor("#15212B")
INK_SECOND: Color = HexColor("#44525E")
LINE: Color = HexColor("#C6CED4")
EDGE: Color = HexColor("#6E7B86")
WHITE: Color = HexColor("#FFFFFF")
TONES: dict[str, Color] = {
    "ok": HexColor("#17623A"),
    "warn": HexColor("#7A4B00"),
    "stop": HexColor("#A11D17"),
    "wait": HexColor("#535F69"),
    "todo": HexColor("#535F69"),
    "note": HexColor("#1C5687"),
}
BODY = 9.0
SMALL = 8.6
TITLE = 20.0
SECTION = 10.5
MARKING = 11.25
# Distance of two base lines, by the size of the type.
LEADING = 1.3
