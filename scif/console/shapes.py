"""The shapes of the status vocabulary, as the inside of an SVG of 24 by 24.

A shape says the status without colour: disc with tick, triangle, octagon with bar, diamond, ring
with hands, ring, disc with chevron, struck square, hexagon with two bars. Drawn in the page and
not fetched, so that a fragment, the error page and a printout carry them too.
Classes: ``f`` filled and ``s`` stroked in the colour of the text, ``o`` in that of the ground.
"""

SHAPES = {
    "ok": '<circle class="f" cx="12" cy="12" r="10.5"/>'
    '<path class="o" d="M6.8 12.4l3.6 3.6 6.8-7.6"/>',
    "warn": '<path class="f" d="M12 1.5L23.3 22H.7z"/><path class="o" d="M12 8.5v6.5M12 17v2.6"/>',
    "stop": '<path class="f" d="M7.4 1.2h9.2l6.2 6.2v9.2l-6.2 6.2H7.4l-6.2-6.2V7.4z"/>'
    '<path class="o b" d="M6.3 12h11.4"/>',
    "info": '<path class="f" d="M12 .6L23.4 12 12 23.4.6 12z"/>'
    '<path class="o" d="M12 10.5v7M12 6v2.6"/>',
    "wait": '<circle class="s" cx="12" cy="12" r="9.6"/><path class="s" d="M12 6.4V12l3.8 2.6"/>',
    "now": '<circle class="f" cx="12" cy="12" r="10.5"/>'
    '<path class="o" d="M9.5 6.5L15 12l-5.5 5.5"/>',
    "todo": '<circle class="s" cx="12" cy="12" r="9.6"/>',
    "off": '<rect class="s" x="2.4" y="2.4" width="19.2" height="19.2"/>'
    '<path class="s" d="M2.4 21.6L21.6 2.4"/>',
    "ovr": '<path class="f" d="M12 .8l10 5.7v11L12 23.2 2 17.5v-11z"/>'
    '<path class="o" d="M8.4 8v8M15.6 8v8"/>',
    "note": '<rect class="s" x="2.4" y="5" width="19.2" height="14"/>'
    '<path class="s" d="M6 10h12M6 14h8"/>',
    "locked": '<rect class="f" x="3" y="3" width="18" height="18"/>'
    '<path class="o b" d="M7 12h10"/>',
}
# The colour that goes with a shape where the caller names none; classes c-… of components.css.
TONES = {name: name for name in SHAPES} | {"note": "off", "locked": "off"}
