"""A simulated day as a picture: waits as bars, agents at work as a line, half hour by half hour.

SVG drawn on the box (pygal); no script and nothing from elsewhere is in it, so it opens with the
internet dead and may be mailed.
"""

from xml.etree.ElementTree import Element, tostring

import pygal
from pygal.style import LightColorizedStyle

from appliance.reports.simulated_day import HalfHour


def day_svg(half_hours: tuple[HalfHour, ...], title: str) -> bytes:
    """Return the picture. Half hours before the first and after the last call stand in it too."""
    chart = pygal.Bar(
        style=LightColorizedStyle,
        js=(),
        no_prefix=True,
        disable_xml_declaration=False,
        x_label_rotation=60,
        legend_at_bottom=True,
        title=title,
        x_title="half hour",
        y_title="seconds",
        secondary_range=(0, max([1.0, *(one.staffed for one in half_hours)])),
        explicit_size=True,
        width=1000,
        height=480,
    )
    chart.x_labels = [one.label for one in half_hours]
    chart.add("mean wait, s", [one.mean_wait_s for one in half_hours])
    chart.add("longest wait, s", [one.longest_wait_s for one in half_hours])
    chart.add("callers lost", [one.abandoned for one in half_hours], secondary=True)
    chart.add("agents at work", [round(one.staffed, 2) for one in half_hours], secondary=True)
    return without_scripts(chart.render_tree())


def without_scripts(tree: Element) -> bytes:
    """Return the picture as bytes, without the scripts that pygal puts in whatever it is told."""
    for parent in list(tree.iter()):
        for child in list(parent):
            if str(child.tag).rpartition("}")[2] == "script":
                parent.remove(child)
    drawn: bytes = tostring(tree, encoding="utf-8", xml_declaration=True)
    return drawn
