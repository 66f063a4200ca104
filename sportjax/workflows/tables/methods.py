"""The rows of the tables: which features, of which teacher, and what its student was denied."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Literal

from sportjax.config import did_you_mean
from sportjax.errors import InputError
from sportjax.workflows.vpd_baseline import Network

Teacher = Literal['2d', 'vipe']
TEACHERS: tuple[Teacher, ...] = ('2d', 'vipe')
_TEACHER_NAMES = {'2d': 'Normalized 2D joints', 'vipe': 'VIPE*'}
_STUDENT_NAMES = {'2d': '2D-VPD', 'vipe': 'VI-VPD'}
_PREFIX = {'2d': '2d', 'vipe': 'vi'}


@dataclasses.dataclass(frozen=True)
class Method:
  """One kind of features. `key` is its name in files: of the paper's numbers, and of folders of features."""

  key: str
  name: str
  teacher: Teacher = '2d'
  student: bool = True  # what is distilled from the teacher, not the teacher itself
  flow: bool = True
  motion: bool = True
  frames: Literal['train', 'actions', 'corpus'] = 'train'  # of the videos to train on, of their actions, of all videos
  min_score: float | None = None  # of the frames a student learns from; the settings' own where None
  beside: tuple[Method, ...] = ()  # features of these side by side, and no other
  network: Network | None = None  # no features: a network that tells classes from skeletons or frames at once


def teacher(of: Teacher) -> Method:
  """The teacher's own features."""
  return Method(of, _TEACHER_NAMES[of], of, student=False)


def student(of: Teacher) -> Method:
  """The student of the training videos, as the paper has it."""
  return Method(f'{_PREFIX[of]}-vpd', _STUDENT_NAMES[of], of)


def ablations(of: Teacher) -> tuple[Method, ...]:
  """Table 2's rows of one teacher: from RGB alone to the student, then other frames to learn from."""
  prefix, own, name = _PREFIX[of], student(of), _STUDENT_NAMES[of]
  less = dataclasses.replace(own, motion=False)
  return (
    dataclasses.replace(less, key=f'{prefix}-rgb', name=f'{name} w/o motion; RGB', flow=False),
    dataclasses.replace(less, key=f'{prefix}-flow', name=f'{name} w/o motion; RGB & flow'),
    own,
    dataclasses.replace(own, key=f'{prefix}-vpd-actions', name=f'{name}, action frames only', frames='actions'),
    whole_corpus(of),
  )


def whole_corpus(of: Teacher) -> Method:
  """The student of all videos, those of the test among them, without labels."""
  own = student(of)
  return dataclasses.replace(own, key=f'{own.key}-corpus', name=f'{own.name}, whole corpus', frames='corpus')


def above(of: Teacher, min_score: float) -> Method:
  """The student of frames whose teacher is at least so sure (Table 5)."""
  own = student(of)
  told = f'at {min_score:g}'
  return dataclasses.replace(own, key=f'{own.key} {told}', name=f'{own.name}, score {told}', min_score=min_score)


def concatenated() -> Method:
  """Concat-VPD: the features of both students."""
  return Method('concat-vpd', 'Concat-VPD', beside=tuple(student(of) for of in TEACHERS))


@dataclasses.dataclass(frozen=True, kw_only=True)
class NamedNetwork(Network):
  """A baseline as a row."""

  key: str
  name: str

  def method(self) -> Method:
    """The row."""
    network = Network(baseline=self.baseline, streams=self.streams, cropped=self.cropped)
    return Method(self.key, self.name, student=False, network=network)


def chosen(methods: Sequence[Method], keys: Sequence[str]) -> tuple[Method, ...]:
  """Those of the keys, all where there are none. Raises: InputError for a key of no method."""
  known = {method.key: method for method in methods}
  for key in keys:
    if key not in known:
      raise InputError(f'--config.rows: no row {key!r} in this table{did_you_mean(key, known)}')
  return tuple(known[key] for key in keys) if keys else tuple(methods)
