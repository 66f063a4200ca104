"""What a report can say: plain values, filled by a workflow; a part left empty is absent from the page."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np

from sportjax.pose.skeletons import Skeleton
from sportjax.typing import Float, Image, Images, Int, TimesMs

DataKind = Literal['simulated', 'projected', 'real']


class IntervalLike(Protocol):
  """A mean and the interval around it, in the same unit; low == high where no spread is known."""

  @property
  def mean(self) -> float: ...
  @property
  def low(self) -> float: ...
  @property
  def high(self) -> float: ...


@dataclasses.dataclass(frozen=True)
class Provenance:
  """Who can repeat this, and how."""

  command: str
  commit: str
  hardware: str
  data_kind: DataKind
  data: str  # which data, in words
  seeds: tuple[int, ...] = ()
  versions: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Highlight:
  """One number a reader should leave with: '48 %', 'precision@5 of the student', 'teacher 23 %, chance 8 %'."""

  value: str
  label: str
  detail: str = ''


@dataclasses.dataclass(frozen=True)
class Column:
  """How one metric is shown. A unit of '%' shows a fraction as per cent; any other unit is shown as it stands."""

  key: str
  title: str = ''  # the key where empty
  unit: str = '%'
  higher_is_better: bool = True
  chance: float | None = None  # what guessing reaches, in the metric's own scale
  help: str = ''  # one sentence for a reader who does not know the metric


@dataclasses.dataclass(frozen=True)
class ResultRow:
  """One method's numbers. A ceiling is set apart and takes no part in the choice of the best."""

  name: str
  note: str
  metrics: Mapping[str, IntervalLike]
  role: Literal['ours', 'baseline', 'ceiling'] = 'baseline'


@dataclasses.dataclass(frozen=True)
class ResultTable:
  """Methods against metrics on one set of clips. Without columns, every metric of the rows is shown as per cent."""

  title: str
  rows: tuple[ResultRow, ...]
  columns: tuple[Column, ...] = ()
  spread: str = ''  # what the interval is: '95 % bootstrap over 8 held-out athletes'
  note: str = ''


@dataclasses.dataclass(frozen=True)
class Series:
  """A line of a chart; NaN breaks it."""

  name: str
  x: Float[np.ndarray, 's']
  y: Float[np.ndarray, 's']


@dataclasses.dataclass(frozen=True)
class CurvePanel:
  """Lines that share their axes, such as the training and the validation loss."""

  title: str
  x_label: str
  series: tuple[Series, ...]
  note: str = ''


@dataclasses.dataclass(frozen=True)
class Histogram:
  """Distributions of one quantity over several sets, each as a share of its own set."""

  title: str
  x_label: str
  series: Mapping[str, Float[np.ndarray, 'n']]
  threshold: float | None = None
  threshold_label: str = ''
  bins: int = 40
  note: str = ''


@dataclasses.dataclass(frozen=True)
class Clip:
  """A short piece of video, as shown: RGB frames, their times, and the label known for it."""

  title: str
  label: str
  frames: Images
  t_ms: TimesMs


@dataclasses.dataclass(frozen=True)
class Match:
  """A clip at its rank; `score` is the alignment's distance (smaller is closer); `correct` is None where unknown."""

  clip: Clip
  score: float
  correct: bool | None = None


@dataclasses.dataclass(frozen=True)
class Ranking:
  """The clips that one kind of feature holds to be closest, best first."""

  by: str
  matches: tuple[Match, ...]


@dataclasses.dataclass(frozen=True)
class RankedQuery:
  """A query clip and what came back for it, by one or several kinds of feature."""

  query: Clip
  rankings: tuple[Ranking, ...]


@dataclasses.dataclass(frozen=True)
class Alignment:
  """Two clips, the cost of pairing each of their frames (infinite: not allowed), and the cheapest path through it."""

  title: str
  query: Clip
  match: Clip
  cost: Float[np.ndarray, 'n m']
  path: Int[np.ndarray, 's 2']  # frame of the query, frame of the match; both never decrease
  note: str = ''


@dataclasses.dataclass(frozen=True)
class Confusion:
  """Counts of clips by true class (row) and predicted class (column)."""

  title: str
  labels: tuple[str, ...]
  counts: Int[np.ndarray, 'k k']
  note: str = ''


@dataclasses.dataclass(frozen=True)
class DrawnPose:
  """A pose over a picture, in the picture's pixels; score NaN: the source gives none; score 0: not found."""

  name: str
  skeleton: Skeleton
  keypoints: Float[np.ndarray, 'j 3']


@dataclasses.dataclass(frozen=True)
class PoseExample:
  """One crop of an athlete and the poses claimed for it."""

  title: str
  image: Image
  poses: tuple[DrawnPose, ...]
  note: str = ''


@dataclasses.dataclass(frozen=True)
class Sample:
  """Something filmed, to be looked at: a sheet of frames, and the clips they are from, by name."""

  group: str
  title: str
  sheet: pathlib.Path  # JPEG
  clips: Mapping[str, pathlib.Path]  # mp4


@dataclasses.dataclass(frozen=True)
class Skip:
  """Something left out, and why."""

  item: str
  reason: str


@dataclasses.dataclass(frozen=True)
class Stage:
  """One step of the workflow: its time, what went in and came out, and what did not come through."""

  name: str
  seconds: float
  counts_in: Mapping[str, int] = dataclasses.field(default_factory=dict)
  counts_out: Mapping[str, int] = dataclasses.field(default_factory=dict)
  skipped: tuple[Skip, ...] = ()
  reused: bool = False  # taken from an earlier run, so `seconds` were spent then


@dataclasses.dataclass(frozen=True)
class Finding:
  """Something a check has to say of one file, with what to do about it."""

  severity: Literal['error', 'warning', 'info']
  subject: str
  message: str
  remedy: str = ''


@dataclasses.dataclass(frozen=True)
class ReportContent:
  """Everything one page shows, in the page's order; every part but the title is optional."""

  title: str
  subtitle: str = ''
  provenance: Provenance | None = None
  highlights: tuple[Highlight, ...] = ()
  findings: tuple[Finding, ...] | None = None  # empty: a check ran and found nothing; None: none ran
  results: tuple[ResultTable, ...] = ()
  queries: tuple[RankedQuery, ...] = ()
  alignments: tuple[Alignment, ...] = ()
  poses: tuple[PoseExample, ...] = ()
  confusions: tuple[Confusion, ...] = ()
  histograms: tuple[Histogram, ...] = ()
  relations: tuple[CurvePanel, ...] = ()  # how one quantity goes with another
  curves: tuple[CurvePanel, ...] = ()  # of training
  samples: tuple[Sample, ...] = ()
  stages: tuple[Stage, ...] = ()
  caveats: tuple[str, ...] = ()  # what the numbers do not show
