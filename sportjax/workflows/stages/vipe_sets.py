"""The sets that the paper trains VIPE* on, as `data_builders` builds them, with the 2D poses of their cameras."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from sportjax.data.filmed_views import FilmedViews
from sportjax.data.poses3d import PoseSequences
from sportjax.errors import InputError
from sportjax.formats.vipe_views import read_views
from sportjax.pipeline import Work, write_json
from sportjax.pose.bodies import BODIES, Body
from sportjax.pose.normalise import KEPT_JOINTS

_SPLITS = ('train', 'val')
_Filmed = dict[tuple[str, str, int], list[np.ndarray]]  # person, action and frame to the views of all cameras


def read_sets(work: Work, *, sets: Mapping[str, pathlib.Path], views: Mapping[str, pathlib.Path]) -> None:
  """Writes one file of canonical poses a set and split, and one that names whose each sequence is.

  Args:
    work: the stage at work.
    sets: folders of built datasets by name.
    views: folders `cocopose` of some of them.

  Raises:
    InputError: a dataset is absent, is not of a known skeleton or lacks a split, or none of its poses was filmed.
  """
  for name, folder in sets.items():
    body = _body(folder)
    filmed = _filmed(views[name], body) if name in views else None
    builder = tfds.builder_from_directory(folder)
    lacking = [split for split in _SPLITS if split not in builder.info.splits]
    if lacking:
      raise InputError(f'{folder}: no split {lacking[0]!r}; build it of all of its people, some of whom validate')
    seen = 0
    for split in _SPLITS:
      records: list[Any] = list(builder.as_data_source(split))  # ty: ignore[invalid-argument-type]
      found = _views(records, filmed)
      poses = PoseSequences.join(body, [record['xyz'] for record in records], found)
      poses.save(work.folder / f'{split}-{name}.npz')
      write_json(work.folder / f'{split}-{name}.json', [f'{name}/{_told(record, "person")}' for record in records])
      work.count(recordings=len(records), **{f'{split}_poses': len(poses.xyz)})
      seen += 0 if found is None else len(found.joints)
    if name in views and not seen:
      raise InputError(f'{views[name]}: none of its recordings and frames are those of {folder}; give the set of both')
    work.count(filmed_views=seen)


def _body(folder: pathlib.Path) -> Body:
  path = folder / 'metadata.json'
  if not path.is_file():
    raise InputError(f'{folder}: no dataset of 3D poses there; build it: python -m data_builders human36m --help')
  about = json.loads(path.read_text())
  body = next((body for body in BODIES.values() if list(body.joints) == about.get('points')), None)
  if body is None or about.get('up') != 'z':
    raise InputError(f'{folder}: its points are not those of {", ".join(BODIES)}, z up; build one of these sets')
  return body


def _filmed(folder: pathlib.Path, body: Body) -> _Filmed:
  found: _Filmed = {}
  for motion in read_views(folder, body.name):
    for frame, joints in zip(motion.frame.tolist(), motion.keypoints[:, list(KEPT_JOINTS)], strict=True):
      found.setdefault((motion.person, motion.action, frame), []).append(joints)
  return found


def _views(records: list[dict[str, Any]], filmed: _Filmed | None) -> FilmedViews | None:
  if filmed is None:
    return None
  who = ((_told(record, 'person'), _told(record, 'action'), record['frame'].tolist()) for record in records)
  return FilmedViews.of([filmed.get((person, action, n), []) for person, action, frames in who for n in frames])


def _told(record: dict[str, Any], name: str) -> str:
  return record[name].decode()
