"""Lines over the number of records, as an SVG that reads on a light and on a dark page, and needs no library and no script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

Point = tuple[float, float]

WIDTH, HEIGHT, LEFT, TOP, GAP = 280, 190, 52, 64, 76
#: Stroke on a light page, on a dark page, and the shape of the marks, so that colour alone tells nothing.
LOOKS = (
    ("#0b62c4", "#6cb6ff", "circle"),
    ("#b35900", "#f2a65a", "square"),
    ("#2e7d32", "#7ccf8a", "diamond"),
    ("#8a3fb0", "#cfa2ee", "triangle"),
)
MARKS = {
    "circle": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0",
    "square": "M-3.5,-3.5h7v7h-7z",
    "diamond": "M0,-5l5,5l-5,5l-5,-5z",
    "triangle": "M0,-5l5,8.5h-10z",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """lines: name -> (records, value) in ascending order; `log`: whether values are told by powers of ten, from 0 or 1 otherwise."""

    title: str
    lines: Mapping[str, Sequence[Point]]
    log: bool


def figure(panels: Sequence[Panel]) -> str:
    """The panels side by side, with one legend."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    width = LEFT + len(panels) * (WIDTH + GAP) - GAP + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 48}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(', '.join(panel.title for panel in panels))}</title>",
        f"<style>{_style(len(names))}</style>",
        f'<rect class="page" width="{width}" height="{TOP + HEIGHT + 48}"/>',
    ]
    for place, name in enumerate(names):
        parts.append(f'<g class="line{place}" transform="translate({LEFT + 6 + 150 * place},18)">{_mark(place, 0, 0)}</g>')
        parts.append(f'<text x="{LEFT + 18 + 150 * place}" y="22">{escape(name)}</text>')
    for place, panel in enumerate(panels):
        parts.append(f'<g transform="translate({LEFT + place * (WIDTH + GAP)},{TOP})">{_panel(panel, names)}</g>')
    return "\n".join([*parts, "</svg>", ""])


def _style(lines: int) -> str:
    light = "".join(f".line{place}{{stroke:{LOOKS[place][0]};fill:{LOOKS[place][0]}}}" for place in range(lines))
    dark = "".join(f".line{place}{{stroke:{LOOKS[place][1]};fill:{LOOKS[place][1]}}}" for place in range(lines))
    return (
        f".page{{fill:#fff}}text{{fill:#24292f}}.grid{{stroke:#d0d7de;stroke-width:1}}polyline{{fill:none!important;stroke-width:2}}{light}"
        f"@media(prefers-color-scheme:dark){{.page{{fill:#0d1117}}text{{fill:#e6edf3}}.grid{{stroke:#3d444d}}{dark}}}"
    )


def _panel(panel: Panel, names: Sequence[str]) -> str:
    points = [point for line in panel.lines.values() for point in line]
    first, last = floor(log10(min(x for x, _ in points))), ceil(log10(max(x for x, _ in points)))
    low, high, ticks = _scale([y for _, y in points], panel.log)

    def across(x: float) -> float:
        return WIDTH * (log10(x) - first) / max(last - first, 1)

    def down(y: float) -> float:
        return HEIGHT * (1 - ((log10(y) if panel.log else y) - low) / (high - low))

    parts = [f'<text x="{-LEFT + 8}" y="-14" font-weight="600">{escape(panel.title)}</text>']
    for tick in ticks:
        parts.append(f'<line class="grid" x1="0" x2="{WIDTH}" y1="{down(tick):.1f}" y2="{down(tick):.1f}"/>')
        parts.append(f'<text x="-6" y="{down(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for power in range(first, last + 1):
        parts.append(f'<text x="{across(10**power):.1f}" y="{HEIGHT + 18}" text-anchor="middle">{10**power:,}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT + 36}" text-anchor="middle">records</text>')
    for name, line in panel.lines.items():
        place = names.index(name)
        path = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line)
        marks = "".join(_mark(place, across(x), down(y)) for x, y in line)
        parts.append(f'<g class="line{place}"><polyline points="{path}"/>{marks}</g>')
    return "".join(parts)


def _scale(values: Sequence[float], log: bool) -> tuple[float, float, list[float]]:
    """(lowest, highest, ticks): in powers of ten where `log`, else in even steps up to 1."""
    if log:
        low, high = floor(log10(min(values))), ceil(log10(max(values)))
        high += high == low
        return low, high, [10.0**power for power in range(low, high + 1)]
    step = 0.05 if min(values) >= 0.7 else 0.1
    low = min(floor(min(values) / step) * step, 1 - step)
    return low, 1.0, [round(1.0 - step * place, 2) for place in range(int((1.0 - low) / step + 1e-9) + 1)]


def _mark(place: int, x: float, y: float) -> str:
    return f'<path transform="translate({x:.1f},{y:.1f})" d="{MARKS[LOOKS[place][2]]}"/>'
