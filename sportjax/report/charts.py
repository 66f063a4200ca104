"""Hand-written SVG charts: lines, histograms and confusion matrices, coloured by the page's style sheet."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from sportjax.report.content import Confusion, CurvePanel, Histogram, Series
from sportjax.report.markup import Markup, join, tag
from sportjax.typing import Float

_WIDTH, _HEIGHT = 440, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 10, 10, 40
_MOST_POINTS = 600  # more than a line's pixels


@dataclasses.dataclass(frozen=True)
class _Axes:
  """Data coordinates to the chart's."""

  x_low: float
  x_high: float
  y_low: float
  y_high: float

  def x(self, value: float) -> float:
    return _LEFT + (value - self.x_low) / (self.x_high - self.x_low) * (_WIDTH - _LEFT - _RIGHT)

  def y(self, value: float) -> float:
    return _HEIGHT - _BOTTOM - (value - self.y_low) / (self.y_high - self.y_low) * (_HEIGHT - _TOP - _BOTTOM)


def ticks(low: float, high: float, most: int = 7) -> list[float]:
  """Round numbers within [low, high]: multiples of 1, 2 or 5 times a power of ten, at most `most` of them."""
  rough = max(high - low, 1e-12) / (most - 1)
  power = 10.0 ** math.floor(math.log10(rough))
  step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
  first = math.ceil(low / step - 1e-9)
  return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def line_chart(panel: CurvePanel) -> Markup:
  """Lines over common axes, with a legend where there are several."""
  names = legend([line.name for line in panel.series]) if len(panel.series) > 1 else None
  return join(names, line_drawing(panel))


def line_drawing(panel: CurvePanel) -> Markup:
  """The chart alone."""
  series = [_thinned(line) for line in panel.series]
  x, y = (np.concatenate([getattr(line, axis) for line in series]) for axis in ('x', 'y'))
  axes = _Axes(*_span(x), *_span(y, margin=0.05))
  lines = [
    tag('path', tag('title', line.name), d=_polyline(axes, line), class_=f'line s{n % 6}')
    for n, line in enumerate(series)
  ]
  return _chart(axes, lines, panel.title, panel.x_label)


def histogram_chart(histogram: Histogram) -> Markup:
  """Outlined distributions over common bins, each summing to 100 % of its own set."""
  finite = {name: values[np.isfinite(values)] for name, values in histogram.series.items()}
  edges = np.histogram_bin_edges(np.concatenate(list(finite.values())), histogram.bins)
  shares = {name: np.histogram(values, edges)[0] / max(len(values), 1) * 100 for name, values in finite.items()}
  headroom = 1.05 if histogram.threshold is None else 1.2  # for the threshold's label
  axes = _Axes(edges[0], edges[-1], 0, max(share.max() for share in shares.values()) * headroom or 1)
  marks = [
    tag('path', tag('title', name), d=_steps(axes, edges, share), class_=f'area s{n % 6}')
    for n, (name, share) in enumerate(shares.items())
  ]
  if histogram.threshold is not None:
    marks.append(_threshold(axes, histogram.threshold, histogram.threshold_label))
  names = [f'{name} ({len(values):,})' for name, values in finite.items()]
  chart = _chart(axes, marks, histogram.title, histogram.x_label, y_unit=' %')
  return join(legend(names), chart)


def confusion_chart(confusion: Confusion) -> Markup:
  """True classes down, predicted across; a cell's shade is its share of the true class, its number the count."""
  k, cell = len(confusion.labels), 30 if len(confusion.labels) <= 24 else 18
  left = 12 + 6.2 * max(map(len, confusion.labels))
  top = 12 + left * 0.72
  shares = confusion.counts / np.maximum(confusion.counts.sum(axis=1, keepdims=True), 1)
  cells = [
    _confusion_cell(left + j * cell, top + i * cell, cell, confusion, (i, j), float(shares[i, j]))
    for i in range(k)
    for j in range(k)
  ]
  names = []
  for i, label in enumerate(confusion.labels):
    x, y = left + (i + 0.5) * cell, top + (i + 0.5) * cell
    names.append(tag('text', label, x=left - 6, y=y + 4, text_anchor='end'))
    names.append(tag('text', label, x=x + 3, y=top - 6, transform=f'rotate(-45 {x + 3:.1f} {top - 6:.1f})'))
  width, height = left + k * cell + left * 0.72, top + k * cell + 6
  return tag(
    'svg', *cells, *names, viewBox=f'0 0 {width:.0f} {height:.0f}', width=round(width), height=round(height),
    role='img', aria_label=f'{confusion.title}: confusion matrix of {k} classes', class_='confusion',
  )  # fmt: skip


def legend(names: Sequence[str]) -> Markup:
  """Swatches with names, in the order of the series."""
  items = [
    tag(
      'li', tag('svg', tag('path', d='M1 6H23', class_=f'line s{n % 6}'), viewBox='0 0 24 12', aria_hidden='true'), name
    )
    for n, name in enumerate(names)
  ]
  return tag('ul', *items, class_='legend')


def _chart(axes: _Axes, marks: Sequence[Markup], title: str, x_label: str, y_unit: str = '') -> Markup:
  base = _HEIGHT - _BOTTOM
  grid = []
  for value in ticks(axes.y_low, axes.y_high):
    y = axes.y(value)
    grid.append(tag('path', d=f'M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}', class_='grid'))
    grid.append(tag('text', _tick_text(value) + y_unit, x=_LEFT - 6, y=y + 4, text_anchor='end'))
  for value in ticks(axes.x_low, axes.x_high):
    grid.append(tag('text', _tick_text(value), x=axes.x(value), y=base + 16, text_anchor='middle'))
  grid.append(tag('path', d=f'M{_LEFT} {base}H{_WIDTH - _RIGHT}', class_='axis'))
  label = tag('text', x_label, x=(_LEFT + _WIDTH - _RIGHT) / 2, y=_HEIGHT - 6, text_anchor='middle', class_='label')
  return tag(
    'svg', *grid, *marks, label, viewBox=f'0 0 {_WIDTH} {_HEIGHT}', role='img', aria_label=title, class_='chart'
  )


def _threshold(axes: _Axes, value: float, label: str) -> Markup:
  x = min(max(axes.x(value), _LEFT), _WIDTH - _RIGHT)
  right = x > (_LEFT + _WIDTH) / 2
  line = tag('path', d=f'M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}', class_='threshold')
  anchor, text_x = ('end', x - 5) if right else ('start', x + 5)
  return join(line, tag('text', label, class_='strong', x=text_x, y=_TOP + 10, text_anchor=anchor))


def _confusion_cell(
  x: float, y: float, size: int, confusion: Confusion, at: tuple[int, int], share: float
) -> Markup:  # fmt: skip
  i, j = at
  count = int(confusion.counts[i, j])
  told = f'{confusion.labels[i]} taken for {confusion.labels[j]}: {count} ({100 * share:.0f} %)'
  box = tag('rect', x=x + 1, y=y + 1, width=size - 2, height=size - 2, rx=3, class_='empty')
  kind = 'right' if i == j else 'wrong'
  shade = tag('rect', x=x + 1, y=y + 1, width=size - 2, height=size - 2, rx=3, class_=kind, fill_opacity=share**0.7)
  number = None
  if count and size >= 30:
    ink = 'on-shade' if share > 0.5 else 'count'
    number = tag('text', str(count), x=x + size / 2, y=y + size / 2 + 4, text_anchor='middle', class_=ink)
  return tag('g', tag('title', told), box, shade if count else None, number)


def _thinned(line: Series) -> Series:
  """Neighbours averaged until the line has no more points than a chart can show."""
  stride = -(-len(line.x) // _MOST_POINTS)
  if stride <= 1:
    return line
  starts = np.arange(0, len(line.x), stride)
  sizes = np.diff(np.append(starts, len(line.x)))
  return dataclasses.replace(line, x=np.add.reduceat(line.x, starts) / sizes, y=np.add.reduceat(line.y, starts) / sizes)


def _polyline(axes: _Axes, line: Series) -> str:
  parts, pen_down = [], False
  for x, y in zip(line.x, line.y, strict=True):
    if math.isfinite(y):
      # h0: a point alone between two gaps is drawn too, by its round cap.
      parts.append(f'L{axes.x(x):.1f} {axes.y(y):.1f}' if pen_down else f'M{axes.x(x):.1f} {axes.y(y):.1f}h0')
    pen_down = math.isfinite(y)
  return ''.join(parts)


def _steps(axes: _Axes, edges: np.ndarray, shares: np.ndarray) -> str:
  base = axes.y(0)
  parts = [f'M{axes.x(edges[0]):.1f} {base:.1f}']
  for right, share in zip(edges[1:], shares, strict=True):
    parts.append(f'V{axes.y(share):.1f}H{axes.x(right):.1f}')
  return ''.join(parts) + f'V{base:.1f}'


def _span(values: Float[np.ndarray, 's'], margin: float = 0) -> tuple[float, float]:
  """Lowest and highest finite value, apart even where they are one."""
  finite = values[np.isfinite(values)]
  low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
  spare = (high - low) * margin or (0.5 * max(abs(low), 1e-6) if high == low else 0)
  return low - spare, high + spare


def _tick_text(value: float) -> str:
  return f'{value / 1000:g}k' if abs(value) >= 10_000 else f'{round(value, 10):g}'
