"""Flow by RAFT in place of DIS: the crops of a finished crop stage, with other motion planes."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import pathlib
from collections.abc import Iterator, Mapping

import numpy as np

from sportjax.errors import InputError
from sportjax.evals.batches import in_batches
from sportjax.models import raft
from sportjax.pipeline import Work, map_items
from sportjax.typing import Image
from sportjax.video.codec import decode_planes, encode_planes
from sportjax.video.crop import crop
from sportjax.video.crop_file import TrackCrops, load_crops, save_crops
from sportjax.video.decode import probe
from sportjax.video.flow import flow_to_bytes, subtract_median
from sportjax.video.strip import CropParams, image_pairs

_BATCH = 16


def replace_flow(
  work: Work, *, crops: Mapping[str, pathlib.Path], weights: pathlib.Path, preset: str, params: CropParams
) -> None:
  """One `crops.npz` an item, from crop files by name, of these params; their RGB is kept to the byte.

  Source: VPD (arXiv 2109.01305), supplement A: RAFT between two crops by one box, its median subtracted.

  Raises:
    InputError: the weights are not those of the preset, or RAFT cannot read crops of this size.
  """
  model = raft.load(weights, preset)
  size = load_crops(next(iter(crops.values()))).size
  raft.check_size((size, size), model.config)
  predict = raft.predictor(model)
  map_items(work, crops, functools.partial(_replace_one, predict=predict, params=params))


def _replace_one(
  path: pathlib.Path, folder: pathlib.Path, *, predict: raft.Flows, params: CropParams
) -> dict[str, int]:
  stored = load_crops(path)
  motion: list[bytes] = []
  pairs = _pairs(stored, params)
  while part := list(itertools.islice(pairs, _BATCH)):
    for flow in in_batches(lambda both: predict(both[:, 0], both[:, 1]), np.stack(part), _BATCH):
      row = len(motion)
      planes = decode_planes(stored.rgb[row], stored.motion[row])
      planes[..., 3:5] = flow_to_bytes(subtract_median(flow) if params.subtract_median else flow)
      motion.append(encode_planes(planes)[1])
  if len(motion) != len(stored.frame):
    raise InputError(f'{stored.video}: gives {len(motion)} of {len(stored.frame)} frames that were cropped; crop again')
  save_crops(folder / 'crops.npz', dataclasses.replace(stored, motion=tuple(motion)))
  return {'frames': len(motion)}


def _pairs(stored: TrackCrops, params: CropParams) -> Iterator[tuple[Image, ...]]:
  """The crop before and the crop, of every stored frame in order."""
  lost: list[int] = []
  box_of = dict(zip(stored.frame.tolist(), stored.boxes, strict=True))
  for frame, _, before, image in image_pairs(probe(stored.video), stored.frame, params.flow_gap_ms, lost):
    yield tuple(crop(each, box_of[frame], stored.size, params.cut) for each in (before, image))
