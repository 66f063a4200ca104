"""A chart as a file of its own, which shows the same wherever SVG is shown."""

from __future__ import annotations

from sportjax.report import charts
from sportjax.report.content import CurvePanel
from sportjax.report.markup import Markup, join, tag

_WIDTH, _LINE, _CHART = 440, 18, 250
_COLOURS = ('#2563eb', '#d97706', '#059669', '#dc2626', '#7c3aed', '#4b5563')
_STYLE = Markup(
  'text{font:12px sans-serif;fill:#222}.grid{stroke:#ddd}.axis{stroke:#222}.line{fill:none;stroke-width:2}'
  + ''.join(f'.s{n}{{stroke:{colour}}}' for n, colour in enumerate(_COLOURS))
)


def figure_svg(panel: CurvePanel, y_label: str) -> str:
  """The panel's lines with their names above them. Names and colours are in the order of the lines."""
  names = [tag('text', f'{panel.title}: {y_label}', x=8, y=16, style='font-weight:bold')]
  for n, line in enumerate(panel.series):
    y = 16 + (n + 1) * _LINE
    names.append(tag('path', d=f'M10 {y - 4}H34', class_=f'line s{n % len(_COLOURS)}'))
    names.append(tag('text', line.name, x=42, y=y))
  top = 16 + (len(panel.series) + 1) * _LINE
  chart = tag('svg', charts.line_drawing(panel), x=0, y=top, width=_WIDTH, height=_CHART)
  return join(
    tag('svg', tag('style', _STYLE), *names, chart, xmlns='http://www.w3.org/2000/svg', width=_WIDTH,
        height=top + _CHART, viewBox=f'0 0 {_WIDTH} {top + _CHART}'),
    Markup('\n'),
  )  # fmt: skip
