"""From settings as a user gives them to dataclasses: what fits arrives, what does not is one line that says where."""

import dataclasses
import json
import pathlib
from typing import Any, Literal

import pytest
from ml_collections import config_dict

from sportjax.config import config_json, to_dataclass
from sportjax.errors import InputError
from sportjax.models import vpd
from sportjax.synth.corpus import CorpusSpec
from sportjax.synth.stills import StillSpec
from sportjax.tasks.pose_teacher import PoseTeacherConfig
from sportjax.train.loop import LoopConfig
from sportjax.video.check import CheckParams
from sportjax.workflows.chain import ChainSettings
from sportjax.workflows.stages.distil import StudentSettings
from sportjax.workflows.stages.evaluate import EvaluateSettings
from sportjax.workflows.stages.track import AthleteConfig


@dataclasses.dataclass(frozen=True)
class Inner:
  rate: float = 0.5
  kind: Literal['a', 'b'] = 'a'

  def __post_init__(self):
    if self.rate < 0:
      raise InputError(f'rate={self.rate}: must be 0 or more')


@dataclasses.dataclass(frozen=True)
class Outer:
  steps: int
  inner: Inner = Inner()
  maybe: Inner | None = None
  path: pathlib.Path | None = None
  sizes: tuple[int, ...] = ()
  pair: tuple[float, float] = (0.0, 1.0)
  inners: tuple[Inner, ...] = ()
  either: int | str = 0
  flag: bool = False
  free: Any = None
  table: dict[str, int] = dataclasses.field(default_factory=dict)


@pytest.mark.parametrize('wrap', [dict, config_dict.ConfigDict])
def test_every_kind_of_field_is_converted(wrap):
  given = {
    'steps': 3,
    'inner': {'rate': 1, 'kind': 'b'},
    'maybe': {'rate': 0.25},
    'path': '~/x',
    'sizes': [1, 2],
    'pair': (2, 3),
    'inners': ({'rate': 1.0},),
    'either': 'text',
    'flag': True,
    'free': 'anything',
    'table': {'a': 1},
  }
  made = to_dataclass(Outer, wrap(given))
  assert made == Outer(
    3, Inner(1.0, 'b'), Inner(0.25), pathlib.Path('~/x').expanduser(), (1, 2), (2.0, 3.0), (Inner(1.0),), 'text', True,
    'anything', {'a': 1},
  )  # fmt: skip
  assert [type(x) for x in (made.inner.rate, *made.pair, *made.sizes)] == [float, float, float, int, int]


def test_what_is_left_out_keeps_its_default():
  assert to_dataclass(Outer, {'steps': 1}) == Outer(1)
  assert to_dataclass(Outer, {'steps': 1, 'maybe': None, 'path': None}) == Outer(1)


def test_references_and_placeholders_of_a_config_arrive_as_values():
  steps = config_dict.FieldReference(5)
  config = config_dict.ConfigDict({'steps': steps, 'either': steps * 2, 'path': config_dict.placeholder(str)})
  config.steps = 7
  assert to_dataclass(Outer, config) == Outer(7, either=14)


@pytest.mark.parametrize(
  ('given', 'says'),
  [
    ({'stepz': 1}, '--config.stepz: no such setting; did you mean steps?'),
    ({'steps': 1, 'inner': {'rat': 1.0}}, '--config.inner.rat: no such setting; did you mean rate?'),
    ({'steps': 1, 'inner': {'xyz': 1.0}}, '--config.inner.xyz: no such setting; known: kind, rate'),
    ({}, '--config.steps is missing: set it'),
    ({'steps': None}, '--config.steps is missing: set it'),
    ({'steps': 1, 'inner': None}, '--config.inner is missing: set it'),
    ({'steps': 1.5}, '--config.steps=1.5: must be of type int, not float'),
    ({'steps': True}, '--config.steps=True: must be of type int, not bool'),
    ({'steps': '3'}, "--config.steps='3': must be of type int, not str"),
    ({'steps': 1, 'flag': 1}, '--config.flag=1: must be of type bool, not int'),
    ({'steps': 1, 'path': 3}, '--config.path=3: must be of type Path, not int'),
    ({'steps': 1, 'inner': {'rate': True}}, '--config.inner.rate=True: must be of type float, not bool'),
    ({'steps': 1, 'inner': {'rate': float('nan')}}, '--config.inner.rate=nan: must be a finite number'),
    ({'steps': 1, 'inner': {'rate': float('inf')}}, '--config.inner.rate=inf: must be a finite number'),
    ({'steps': 1, 'inner': {'rate': -1.0}}, '--config.inner: rate=-1.0: must be 0 or more'),
    ({'steps': 1, 'inner': {'kind': 'c'}}, "--config.inner.kind='c': must be one of a, b"),
    ({'steps': 1, 'inner': 3}, '--config.inner=3: a group of settings is needed here'),
    ({'steps': 1, 'sizes': 3}, '--config.sizes=3: must be a list'),
    ({'steps': 1, 'sizes': '12'}, "--config.sizes='12': must be a list"),
    ({'steps': 1, 'sizes': (1, 'x')}, "--config.sizes='x': must be of type int, not str"),
    ({'steps': 1, 'pair': (1.0, 2.0, 3.0)}, '--config.pair=(1.0, 2.0, 3.0): must be a list of 2'),
    ({'steps': 1, 'inners': ({'rat': 1},)}, '--config.inners.rat: no such setting; did you mean rate?'),
    ({'steps': 1, 'either': 1.5}, '--config.either=1.5: must be of type int or str, not float'),
    ({'steps': 1, 'table': 3}, '--config.table=3: a group of settings is needed here'),
  ],
)
def test_what_does_not_fit_is_one_line(given, says):
  with pytest.raises(InputError) as error:
    to_dataclass(Outer, given)
  assert str(error.value).startswith(says)
  assert '\n' not in str(error.value)


SETTINGS = [
  ChainSettings(),
  ChainSettings(athlete=AthleteConfig('box', (1.0, 2.0, 3.0, 4.0), 'csrt', 'coco', 'coco17', 1)),
  StudentSettings(preset='small', flow=False, rules='fsdp_tp'),
  *vpd.PRESETS.values(),
  EvaluateSettings(ks=(1, 3), flip='concat'),
  CorpusSpec('diving', 8, 36, test_athletes=12),
  StillSpec(),
  PoseTeacherConfig(),
  LoopConfig(10),
  CheckParams(),
]


@pytest.mark.parametrize('settings', SETTINGS, ids=lambda settings: type(settings).__name__)
def test_settings_survive_json(settings):
  """Checkpoints hold settings as JSON, and a student is built again from them."""
  stored = json.loads(json.dumps(dataclasses.asdict(settings)))
  assert to_dataclass(type(settings), stored) == settings


def test_config_as_json_is_plain_and_sorted():
  config = config_dict.ConfigDict({'b': {'d': (1, 2), 'c': config_dict.placeholder(int)}, 'a': pathlib.Path('x')})
  assert json.loads(config_json(config)) == {'a': 'x', 'b': {'c': None, 'd': [1, 2]}}
  assert list(json.loads(config_json(config))) == ['a', 'b']
