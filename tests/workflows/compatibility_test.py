"""`rules=reference`: one argument sets every option that is named after what VPD's code does."""

import dataclasses
import functools
import json
import types

import numpy as np
import pytest
from flax import nnx

from configs.vpd import figure3, table2, table4
from sportjax.config import to_dataclass
from sportjax.data.labels import Clip
from sportjax.evals import proposals
from sportjax.models.rgb_statistics import RGB
from sportjax.nn import augment
from sportjax.video import strip
from sportjax.workflows import dispatch
from sportjax.workflows.stages import distil
from sportjax.workflows.stages.distil import StudentSettings
from sportjax.workflows.tables.corpus import Corpus
from sportjax.workflows.tables.grid import Asker, HowAsked
from sportjax.workflows.tables.layouts import Recognise
from sportjax.workflows.tables.methods import teacher


def resolved(module, arg):
  return dispatch.resolve(module.get_config(arg), 'run')[1]


def test_one_argument_sets_all_that_the_reference_does():
  found = resolved(table4, 'rules=reference,size=paper')
  assert found.chain.crop == strip.REFERENCE
  assert found.chain.student.augment == augment.REFERENCE
  assert augment.REFERENCE.noise_sd == pytest.approx(0.2236, abs=5e-5)
  assert (found.chain.student.stem_init, found.chain.student.augment_eval) == ('mean_of_rgb', True)
  assert found.chain.student.frames.draws == 'replaced'
  assert found.how.recognise.schedule.kind == 'restarts'
  assert found.how.recognise.patience_epochs == 166
  assert found.how.detect.detection.rules == proposals.REFERENCE
  assert (found.how.detect.detection.ap, found.how.detect.detection.frames.drawn) == ('vpd_reference', 'longer')
  assert (found.how.retrieve.flip, found.how.retrieve.norm) == ('concat', 'unit')
  assert found.how.select_on == 'val'


def test_the_paper_is_the_default():
  assert resolved(table2, '') == resolved(table2, 'rules=paper')
  found = resolved(table2, 'size=paper')
  assert (found.chain.crop.pad_px, found.chain.crop.cut, found.chain.crop.subtract_median) == (25.0, 'exact', True)
  assert found.chain.student.augment == augment.AugmentConfig()
  assert (found.chain.student.augment.noise_sd, found.chain.student.augment.noise_on) == (0.05, 'background')
  with pytest.raises(ValueError, match="rules='theirs': known are paper, reference"):
    table2.get_config('rules=theirs')


@pytest.mark.parametrize(('dataset', 'norm', 'select_on'), [
  ('diving48', 'reference_views', 'test'), ('fx35', 'reference_views', 'test'), ('fs_jump6', 'unit', 'val'),
])  # fmt: skip
def test_what_differs_between_its_datasets(dataset, norm, select_on):
  config = figure3.get_config(f'dataset={dataset},rules=reference')
  assert config.reading == 'reference'
  assert (config.how.retrieve.norm, config.how.recognise.nns_norm) == (norm, norm)
  assert config.how.select_on == select_on


@pytest.mark.parametrize('select_on', ['val', 'test'])
def test_the_epoch_is_chosen_on_the_clips_that_are_named(select_on, tmp_path):
  clips = tuple(Clip(f'v{split}', 0.0, 1.0, 'a', 'v', split) for split in ('train', 'val', 'test'))
  asked = {}

  def run(name, stage, inputs):
    asked[name] = inputs
    return types.SimpleNamespace(folder=tmp_path)

  corpus = Corpus('made up', 'simulated', clips, store=lambda method: tmp_path)
  asker = Asker(types.SimpleNamespace(run=run), corpus, HowAsked(select_on=select_on))
  asker.recognise(teacher('2d'), Recognise(None, 'bigru'))
  assert [clip.split for clip in asked['recognise']['val']] == [select_on]


def test_each_option_can_be_set_alone():
  """As `--config.name=value` does, which knows the names that a config has."""
  config = table4.get_config('')
  named = {'chain.crop.cut': 'reference', 'chain.crop.subtract_median': False, 'chain.crop.flow_gap_ms': 0.0,
    'chain.crop.join_previous': False, 'chain.student.rgb': 'unit', 'chain.student.stem_init': 'mean_of_rgb',
    'chain.student.frames.draws': 'replaced', 'chain.student.frames.min_score': 0.7, 'how.select_on': 'test',
    'how.recognise.patience_epochs': 7, 'how.recognise.nns_norm': 'reference_views', 'how.retrieve.norm': 'none',
    'how.detect.detection.frames.members': 1, 'how.detect.detection.frames.drawn': 'longer'}  # fmt: skip
  for name, value in named.items():
    *path, last = name.split('.')
    group = functools.reduce(lambda group, part: group[part], path, config)
    assert last in group, name
    group[last] = value
  found = dispatch.resolve(config, 'run')[1]
  for name, value in named.items():
    assert functools.reduce(getattr, name.split('.'), found) == value, name


def test_settings_reach_the_student_and_its_task():
  settings = StudentSettings(
    preset='small', rgb='penn', stem_init='mean_of_rgb', augment=augment.REFERENCE, augment_eval=True
  )
  config = distil.student_config(settings, 32, 4)
  assert (config.mean, config.std) == RGB['penn']
  kernel = np.asarray(distil.make_task(config, settings, distil.no_input).init(nnx.Rngs(0)).backbone.conv.kernel[...])
  assert (kernel == kernel[:, :, :1]).all()
  task = distil.make_task(config, settings, distil.no_input)
  assert (task.config.augment, task.config.augment_eval) == (augment.REFERENCE, True)
  # As it is kept beside a checkpoint and read back, where an older one says nothing of these.
  stored = json.loads(json.dumps(dataclasses.asdict(settings)))
  assert to_dataclass(StudentSettings, stored) == settings
  assert to_dataclass(StudentSettings, {'preset': 'small'}) == StudentSettings(preset='small')
