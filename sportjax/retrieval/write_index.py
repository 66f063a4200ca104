"""Writes the index of a corpus from the feature store; `index` says what is in it."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.retrieval.corpus import digest, starts_of, unit
from sportjax.retrieval.index import VERSION
from sportjax.retrieval.pooling import pool
from sportjax.typing import JSON, Float, Int


def write_index(
  folder: pathlib.Path,
  store: FeatureStore,
  clips: Sequence[Clip],
  *,
  unit_norm: bool = True,
  dtype: Literal['float16', 'float32'] = 'float16',
  about: Mapping[str, Sequence[str]] | None = None,
) -> None:
  """Writes the index of some clips of a feature store; what else is known of them (`about`) can be filtered by.

  Raises:
    InputError: the folder is there already, a clip has no frames or features beyond the dtype.
  """
  known = {name: [getattr(clip, name) for clip in clips] for name in ('id', 'label', 'athlete', 'split')}

  def read(i: int) -> Float[np.ndarray, 't v d']:
    features = np.asarray(store.clip(clips[i]).features, np.float32)
    return unit(features) if unit_norm else features

  lengths = np.array([len(store.clip(clip).frame) for clip in clips], np.int64)
  write(folder, lengths, read, dtype=dtype, about=known | dict(about or {}), source=store.source)


def write(
  folder: pathlib.Path,
  lengths: Int[np.ndarray, 'r'],
  read: Callable[[int], Float[np.ndarray, 't v d']],
  *,
  dtype: Literal['float16', 'float32'] = 'float16',
  about: Mapping[str, Sequence[str]],
  source: str,
) -> None:
  """Writes the index of clips of the given lengths, of which `read` gives one by its position.

  It stands in the folder only when complete.

  Raises:
    InputError: see `write_index`.
  """
  if folder.exists():
    raise InputError(f'{folder}: there is something already; remove it or name another folder for the index')
  if not len(lengths) or lengths.min() < 1:
    which = f'clip {_name(about, int(np.argmin(lengths)))} has no frames' if len(lengths) else 'no clips'
    raise InputError(f'{folder}: {which}; index only clips with features')
  if wrong := [name for name, column in about.items() if len(column) != len(lengths)]:
    raise InputError(f'{folder}: {wrong[0]} is given for {len(about[wrong[0]])} of {len(lengths)} clips')
  partial = folder.with_name(folder.name + '.partial')
  shutil.rmtree(partial, ignore_errors=True)
  partial.mkdir(parents=True)
  record = _write_arrays(partial, lengths, read, np.dtype(dtype), about)
  for name, column in about.items():
    np.save(partial / f'about-{name}.npy', np.asarray(column, str), allow_pickle=False)
  record |= {'version': VERSION, 'source': source, 'about': list(about)}
  (partial / 'index.json').write_text(json.dumps(record, indent=1) + '\n')
  os.rename(partial, folder)


def _write_arrays(
  folder: pathlib.Path, lengths: np.ndarray, read: Callable[[int], np.ndarray], dtype: np.dtype, about: Mapping
) -> JSON:
  position = np.argsort(lengths, kind='stable')
  views, d = read(int(position[0])).shape[1:]
  total, width = int(lengths.sum()), pool(np.zeros((1, views, d), np.float32)).shape[1]
  frames = _new(folder / 'frames.npy', (total, views, d), dtype)
  norms = _new(folder / 'norms.npy', (total, views), np.dtype(np.float32))
  pooled = _new(folder / 'pooled.npy', (len(lengths), views, width), dtype)
  for row, (i, start) in enumerate(zip(position.tolist(), starts_of(lengths[position]), strict=True)):
    clip = read(i)
    if clip.shape != (lengths[i], views, d):
      raise InputError(f'clip {_name(about, i)} has shape {clip.shape}; expected {(int(lengths[i]), views, d)}')
    rounded, square = _rounded(clip, dtype)
    if not np.isfinite(square).all():
      raise InputError(f'clip {_name(about, i)}: NaN, infinite or beyond {dtype}; leave it out or write float32')
    frames[start : start + len(clip)], norms[start : start + len(clip)] = rounded, square
    pooled[row] = pool(rounded.astype(np.float32))
  np.save(folder / 'lengths.npy', lengths[position], allow_pickle=False)
  np.save(folder / 'position.npy', position, allow_pickle=False)
  for array in (frames, norms, pooled):
    array.flush()
  sizes = {'clips': len(lengths), 'frames': total, 'views': views, 'features': d, 'pooled': width, 'dtype': str(dtype)}
  return {**sizes, 'digest': digest(lengths[position], position, norms)}


def _rounded(clip: np.ndarray, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
  """The frames as they are kept, and their squared norms; what overflows is infinite in both."""
  with np.errstate(over='ignore'):
    rounded = clip.astype(dtype)
    exact = rounded.astype(np.float32)
    return rounded, np.sum(exact * exact, axis=-1)


def _new(path: pathlib.Path, shape: tuple[int, ...], dtype: np.dtype) -> np.memmap:
  return np.lib.format.open_memmap(path, mode='w+', dtype=dtype, shape=shape)


def _name(about: Mapping[str, Sequence[str]], i: int) -> str:
  return str(about['id'][i]) if 'id' in about else str(i)
