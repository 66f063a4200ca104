"""Pictures for the weak teacher, and its training on them."""

from __future__ import annotations

import functools
import pathlib

import numpy as np

from sportjax.dist import mesh as mesh_lib
from sportjax.dist import rules as rules_lib
from sportjax.models import pose_net
from sportjax.pipeline import Work, item_folders, map_items
from sportjax.synth.stills import StillSpec, film_stills
from sportjax.tasks.pose_teacher import PoseTeacherConfig, PoseTeacherTask
from sportjax.tasks.resident import Resident
from sportjax.train import loop as loop_lib
from sportjax.train.loop import LoopConfig
from sportjax.train.restore import trained_model
from sportjax.train.task import Input

WEIGHTS = 'pose_teacher.safetensors'
_HELD_OUT_TAKES = 20  # one take in so many validates


def film(work: Work, *, spec: StillSpec, processes: int) -> None:
  """One item a take."""
  takes = {f'take{i:05d}': i for i in range(spec.takes)}
  map_items(work, takes, functools.partial(film_stills, spec), processes=processes)


def train(
  work: Work, *, stills: pathlib.Path, config: PoseTeacherConfig, loop: LoopConfig, batch_size: int, seed: int
) -> None:
  """Trains the teacher and writes its weights beside its checkpoints."""
  mesh, rules = mesh_lib.make_mesh(), rules_lib.preset('dp')
  folders = list(item_folders(stills).values())
  data = {
    'train': Resident(_load([f for i, f in enumerate(folders) if i % _HELD_OUT_TAKES]), mesh),
    'val': Resident(_load(folders[::_HELD_OUT_TAKES]), mesh),
  }

  def make(split: str, train: bool) -> Input:
    return data[split].training(batch_size, seed) if train else data[split].one_pass(batch_size)

  task = PoseTeacherTask(config, make)
  result = loop_lib.train(task, work.folder, loop, mesh=mesh, rules=rules, config={})
  pose_net.save(work.folder / WEIGHTS, trained_model(task, work.folder, mesh=mesh, rules=rules))
  work.count(steps=result.last_step, best_step=result.best_step or result.last_step)


def _load(folders: list[pathlib.Path]) -> dict[str, np.ndarray]:
  parts = [dict(np.load(folder / 'stills.npz', allow_pickle=False)) for folder in folders]
  names = {'image': 'images', 'keypoints': 'keypoints'}
  return {name: np.concatenate([part[stored] for part in parts]) for name, stored in names.items()}
