"""A small report with every part in it, and a reader for the pages written from it."""

from __future__ import annotations

import dataclasses
import html.parser
import pathlib
import re

import numpy as np
import pytest

from sportjax.pose.skeletons import Skeleton
from sportjax.report import content as c

SKELETON = Skeleton('stick', ('head', 'left_hand', 'right_hand'), (('head', 'left_hand'), ('head', 'right_hand')))


@dataclasses.dataclass(frozen=True)
class Interval:
  mean: float
  low: float
  high: float


def row(name: str, value: float, role: str = 'baseline', note: str = '') -> c.ResultRow:
  return c.ResultRow(name, note, {'precision@5': Interval(value, value - 0.05, value + 0.03)}, role)


ROWS = (row('teacher', 0.232), row('student', 0.496, 'ours'), row('true pose', 0.893, 'ceiling'))
COLUMNS = (c.Column('precision@5', chance=1 / 12, help='share of the five closest that are right'),)


def clip(title: str, seed: int, frames: int = 5, height: int = 48, width: int = 64) -> c.Clip:
  rng = np.random.default_rng(seed)
  return c.Clip(
    title, 'tuck', rng.integers(0, 256, (frames, height, width, 3), np.uint8), 2000.0 + 40 * np.arange(frames)
  )


def sample(folder: pathlib.Path) -> c.Sample:
  sheet, right = folder / 'sheet.jpg', folder / 'right.mp4'
  sheet.write_bytes(b'a picture')
  right.write_bytes(b'a clip')
  return c.Sample('golf', 'putt <short>', sheet, {'right': right})


def full(folder: pathlib.Path) -> c.ReportContent:
  query, match = clip('query clip', 0), clip('match clip', 1, frames=7)
  cost = np.random.default_rng(2).random((5, 7))
  cost[0, 6] = np.inf
  path = np.array([(0, 0), (1, 1), (2, 2), (2, 3), (3, 4), (3, 5), (4, 6)])
  keypoints = np.array([(10, 5, 0.9), (3, 20, 0.1), (0, 0, 0)], float)
  return c.ReportContent(
    title='A full report',
    subtitle='with every part',
    provenance=c.Provenance('python launch.py', 'abc1234', '2 cores', 'simulated', '12 clips', (0, 7), {'jax': '0.10'}),
    highlights=(c.Highlight('49.6 %', 'precision@5', 'teacher 23.2 %'),),
    findings=(
      c.Finding('info', 'b.mp4', 'variable frame rate'),
      c.Finding('error', 'a.mp4', 'cut short', 'copy it again'),
    ),
    results=(c.ResultTable('All clips', ROWS, COLUMNS, 'bootstrap over athletes'),),
    queries=(c.RankedQuery(query, (c.Ranking('student', (c.Match(match, 0.25, True), c.Match(query, 0.5, False))),)),),
    alignments=(c.Alignment('Two clips', query, match, cost, path, 'a note'),),
    poses=(c.PoseExample('crop 1', query.frames[0], (c.DrawnPose('teacher', SKELETON, keypoints),)),),
    confusions=(c.Confusion('Eight labels', ('tuck', 'pike'), np.array([[5, 1], [0, 4]])),),
    histograms=(c.Histogram('Confidence', 'score', {'clean': np.linspace(0, 1, 50)}, 0.3, 'kept'),),
    curves=(c.CurvePanel('loss', 'step', (c.Series('train', np.arange(4.0), np.array([2, np.nan, 1, 0.5])),)),),
    relations=(c.CurvePanel('error', 'tilt', (c.Series('error', np.arange(4.0), np.arange(4.0)),)),),
    samples=(sample(folder),),
    stages=(c.Stage('film', 83.0, {'clips': 12}, {'frames': 480}, (c.Skip('clip 3', 'no person'),)),),
    caveats=('One seed.',),
  )


VOID = {'br', 'hr', 'img', 'input', 'link', 'meta', 'source'}


class PageReader(html.parser.HTMLParser):
  """`problems` names every tag that does not close where it should; `text` is what a reader sees."""

  def __init__(self, page: str):
    super().__init__()
    self.problems: list[str] = []
    self.tags: list[tuple[str, dict[str, str | None]]] = []
    self.words: list[str] = []
    self._open: list[str] = []
    self.feed(page)
    self.close()
    self.problems += [f'never closed: {name}' for name in self._open]

  def handle_starttag(self, tag, attrs):
    self.tags.append((tag, dict(attrs)))
    if len(dict(attrs)) != len(attrs):
      self.problems.append(f'attribute given twice: {tag} {attrs}')
    if tag not in VOID:
      self._open.append(tag)

  def handle_endtag(self, tag):
    if not self._open or self._open.pop() != tag:
      self.problems.append(f'closed out of order: {tag} at {self.getpos()}')

  def handle_data(self, data):
    if not self._open or self._open[-1] not in ('script', 'style'):
      self.words.append(data)

  @property
  def text(self) -> str:
    return ' '.join(' '.join(self.words).split())

  def count(self, tag: str, **wanted: str) -> int:
    return sum(
      name == tag and all(attrs.get(k.rstrip('_')) == v for k, v in wanted.items()) for name, attrs in self.tags
    )

  def references(self) -> list[str]:
    """Everything the page would load, by attribute; anchors within the page aside."""
    named = [
      attrs[key] or '' for _, attrs in self.tags for key in ('src', 'href', 'poster', 'xlink:href') if key in attrs
    ]
    styled = [url for _, attrs in self.tags for url in re.findall(r'url\(([^)]*)\)', attrs.get('style') or '')]
    return [name for name in named + styled if not name.startswith('#')]


@pytest.fixture
def full_report(tmp_path_factory) -> c.ReportContent:
  return full(tmp_path_factory.mktemp('samples'))


@pytest.fixture
def read_page() -> type[PageReader]:
  return PageReader


@pytest.fixture
def result_rows() -> tuple[c.ResultRow, ...]:
  return ROWS


@pytest.fixture
def result_row():
  return row


@pytest.fixture
def make_clip():
  return clip


@pytest.fixture
def skeleton() -> Skeleton:
  return SKELETON
