"""TFDS builder of the simulated world's sets: one record a video, with its actions, its people and its true poses."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_builders.building import per_frame
from sportjax.errors import InputError
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.synth.body import ATHLETE
from sportjax.synth.motion import Action
from sportjax.synth.takes import About, read_about, read_actions
from sportjax.typing import Float32


@dataclasses.dataclass(eq=False)
class SimulatedSetsConfig(tfds.core.BuilderConfig):
  """Where the filmed takes lie, a folder each, by split; the name is the set's and its size's."""

  folders: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict, repr=False)  # TFDS logs the rest
  world_version: int = 0


class Builder(tfds.core.GeneratorBasedBuilder):
  """One schema for every kind of set: what a kind has not is empty. Videos stay encoded, as they were filmed."""

  VERSION = tfds.core.Version('1.0.0')
  BUILDER_CONFIGS = []

  def _info(self) -> tfds.core.DatasetInfo:
    # Scalars are stored in 32 bits, whatever is declared: a time after ten minutes is exact to 0.06 ms.
    text = tfds.features.Text()
    number, whole, flag = (tfds.features.Scalar(dtype) for dtype in (np.float32, np.int32, np.bool_))
    return self.dataset_info_from_configs(
      metadata=tfds.core.MetadataDict(world_version=self.builder_config.world_version),
      disable_shuffling=True,
      features=tfds.features.FeaturesDict(
        {
          **dict.fromkeys(('name', 'kind', 'sport', 'athlete', 'split', 'level', 'recording', 'transcript'), text),
          'video': tfds.features.Scalar(np.object_),  # the bytes of an mp4 file
          'actions': tfds.features.Sequence(
            {
              **dict.fromkeys(('label', 'sport', 'mistake'), text),
              **dict.fromkeys(('start_ms', 'end_ms', 'mistake_ms'), number),  # mistake_ms: -1 where there is none
            }
          ),
          'proficiency': tfds.features.Sequence({'attribute': text, 'value': number, 'shown': flag}),
          'skills': tfds.features.Sequence({'skill': text, 'rating': whole, 'ability': number}),
          'events': tfds.features.Sequence(
            {
              **dict.fromkeys(('kind', 'outcome', 'text', 'about'), text),
              **dict.fromkeys(('start_ms', 'end_ms'), number),
              'contested': flag,
              **dict.fromkeys(('points', 'action'), whole),
            }
          ),
          't_ms': per_frame(np.float64),
          'poses': per_frame(np.float32, 17, 3),  # COCO's joints: x, y in pixels wherever they are, 1 where seen
          'boxes': per_frame(np.float32, 4),  # x0, y0, x1, y1; zeros where the athlete is out of the picture
          'set_up': per_frame(np.int32),  # which camera
        }
      ),
    )

  def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Iterator]:
    del dl_manager
    if not any(self.builder_config.folders.values()):
      raise InputError('simulated_sets: no filmed takes to build from; film a set first')
    return {split: self._generate_examples(each) for split, each in self.builder_config.folders.items() if each}

  def _generate_examples(self, folders: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for folder in map(pathlib.Path, folders):
      about = read_about(folder)
      yield about.name, _record(folder, about)


def _record(folder: pathlib.Path, about: About) -> dict[str, Any]:
  with np.load(folder / 'truth.npz', allow_pickle=False) as truth:
    frames = {
      't_ms': truth['t_ms'].astype(np.float64),
      'poses': true_poses(truth['joints_px'], truth['visible']),
      'boxes': truth['box'].astype(np.float32),
      'set_up': truth['set_up'].astype(np.int32),
    }
  return {
    **{name: getattr(about, name) for name in ('name', 'kind', 'sport', 'athlete', 'split', 'level', 'recording')},
    'transcript': (folder / about.transcript).read_text(encoding='utf-8') if about.transcript else '',
    'video': (folder / f'{about.name}.mp4').read_bytes(),
    'actions': [_action(action) for action in read_actions(folder)],
    'proficiency': [
      {'attribute': name, 'value': value, 'shown': name in about.shown} for name, value in about.proficiency.items()
    ],
    'skills': [
      {'skill': name, 'rating': rating, 'ability': about.abilities[name]} for name, rating in about.skills.items()
    ],
    'events': [dataclasses.asdict(event) for event in about.events],
    **frames,
  }


def _action(action: Action) -> dict[str, Any]:
  plain = {name: getattr(action, name) for name in ('label', 'sport', 'mistake', 'start_ms', 'end_ms')}
  return plain | {'mistake_ms': action.events_ms.get('mistake', -1.0)}


def true_poses(joints_px: np.ndarray, visible: np.ndarray) -> Float32[np.ndarray, 't j 3']:
  """COCO's joints of the athlete, hidden ones too; the third number tells which are seen."""
  ones = np.ones((*visible.shape, 1), np.float32)
  skeleton = get_skeleton('coco17')
  at = convert(np.concatenate([joints_px, ones], axis=-1).astype(np.float32), ATHLETE, skeleton)
  seen = convert(np.concatenate([joints_px, visible[..., None]], axis=-1).astype(np.float32), ATHLETE, skeleton)
  return np.concatenate([at[..., :2], seen[..., 2:] > 0], axis=-1).astype(np.float32)
