"""Filming any take, packing a set and telling its cost."""

import dataclasses
import json
import pathlib

import numpy as np
import pytest

from sportjax.config import to_dataclass
from sportjax.data.labels import read_labels
from sportjax.errors import InputError
from sportjax.pipeline import Done, Work, item_folders, write_json
from sportjax.synth import sets, takes
from sportjax.workflows import film_set, film_set_cost
from sportjax.workflows.stages.dataset import dataset_directory
from sportjax.workflows.stages.film import LABELS, film_takes
from sportjax.workflows.stages.set_dataset import build_set, read_set


@dataclasses.dataclass(frozen=True)
class Lost:
  """A take that cannot be filmed."""

  name: str = 'lost'
  sport: str = 'golf'
  athlete: str = 'a9'
  split: str = 'train'

  def film(self, folder: pathlib.Path) -> dict[str, int]:
    raise InputError('the recording is damaged')


@pytest.fixture(scope='module')
def filmed(tmp_path_factory):
  """Two takes of a set, in an order that is not that of their names, and one that fails."""
  work = Work(tmp_path_factory.mktemp('film'))
  golf = sets.plan('golf', 'tiny')
  film_takes(work, [golf[-1], Lost(), golf[0]], processes=0)
  about = {'set': 'golf', 'size': 'tiny', 'kind': 'fine', 'about': 'golf', 'world_version': 1}
  write_json(work.folder / takes.SET, about)
  return work


def test_take_that_fails_is_booked_and_labels_keep_the_plans_order(filmed):
  first, last = sets.plan('golf', 'tiny')[0], sets.plan('golf', 'tiny')[-1]
  assert (filmed.counts['items_in'], filmed.counts['items_out'], filmed.counts['clips']) == (3, 2, 2)
  assert [(skip.item, skip.reason) for skip in filmed.skipped] == [('lost', 'the recording is damaged')]
  clips = read_labels(filmed.folder / LABELS)
  assert [(clip.video, clip.label, clip.athlete, clip.split) for clip in clips] == [
    (take.name, take.label, take.athlete, take.split) for take in (last, first)
  ]
  for folder in item_folders(filmed.folder).values():
    with np.load(folder / 'track.npz', allow_pickle=False) as track:
      assert len(track['t_ms']) > 10


def test_dataset_is_read_back_frame_by_frame(filmed, tmp_path):
  built, read = Work(tmp_path / 'built'), Work(tmp_path / 'read')
  for work in (built, read):
    work.folder.mkdir()
  build_set(built, filmed=filmed.folder)
  assert built.counts == {'takes_in': 2, 'train_records_out': 1, 'test_records_out': 1}
  read_set(read, dataset=dataset_directory(built.folder))
  assert read.counts == {'records_out': 2, 'frames': filmed.counts['frames']}
  assert not list(read.folder.iterdir())


def test_video_that_is_not_as_long_as_its_truth_is_named(filmed, tmp_path):
  work = Work(tmp_path)
  for name, source in item_folders(filmed.folder).items():
    folder = tmp_path / 'items' / name
    folder.mkdir(parents=True)
    for path in source.iterdir():
      (folder / path.name).write_bytes(path.read_bytes())
    with np.load(source / 'truth.npz', allow_pickle=False) as truth:
      np.savez(folder / 'truth.npz', **{key: value[:-1] for key, value in truth.items()})
  (tmp_path / takes.SET).write_bytes((filmed.folder / takes.SET).read_bytes())
  build_set(work, filmed=tmp_path)
  with pytest.raises(InputError, match=r'golf_a00\d_\d+: the video has \d+ frames, its truth \d+'):
    read_set(work, dataset=dataset_directory(tmp_path))


def test_cost_is_frames_over_seconds_and_bytes_on_disk(tmp_path):
  (tmp_path / 'a').mkdir()
  (tmp_path / 'a' / 'x.mp4').write_bytes(bytes(2_000_000))
  (tmp_path / 'a' / 'truth.npz').write_bytes(bytes(500_000))
  filmed = Done('film', 'k', tmp_path, 20.0, {'items_out': 1, 'frames': 1000, 'cpu_ms': 16000}, ())
  (tmp_path / 'd').mkdir()
  cost = film_set_cost.measure(filmed, Done('dataset', 'k', tmp_path / 'd', 0.0, {}, ()))
  assert (cost.takes, cost.frames, cost.video_megabytes) == (1, 1000, 2.0)
  assert dataclasses.asdict(cost.stages['film']) == {'seconds': 20.0, 'frames_per_s': 50.0, 'megabytes': 2.5}
  assert np.isfinite(cost.stages['dataset'].frames_per_s)
  assert json.loads(json.dumps(dataclasses.asdict(cost)))['frames'] == 1000
  head, rule, line = film_set_cost.markdown('golf tiny', cost).splitlines()
  assert head.count('|') == rule.count('|') == line.count('|')
  assert '| golf tiny | 1 | 1000 | 0.27 (62) | 0.33 (50) | ' in line


@pytest.mark.parametrize(
  ('values', 'said'),
  [({'name': 'chess'}, "no set 'chess'; known are"), ({'size': 'vast'}, "no size 'vast'"),
   ({'name': 'ui_prmd'}, 'set mocap_dir to the folder'), ({'processes': -1}, 'processes must be 0 or more'),
   ({'name': 'mocap', 'mocap_dir': '/nowhere'}, '/nowhere: no folder')],
)  # fmt: skip
def test_what_is_wrong_is_said_before_anything_starts(values, said):
  with pytest.raises(InputError, match=said) as error:
    to_dataclass(film_set.Settings, {'name': 'golf', 'size': 'tiny', **values})
  assert '\n' not in str(error.value)
