"""A corpus on disk: a folder of arrays to map into memory, made once from the feature store (`write_index`).

- index.json: version, source, counts, sizes, digest of the content
- frames.npy: (frame, v, d) of all clips, short clips first
- norms.npy: (frame, v), squared norms of the frames as they were rounded; not finite where a frame is not
- lengths.npy: (r,), frames of each row
- position.npy: (r,), place of each row in the list the index was made of
- pooled.npy: (r, v, p), one vector a clip and view, for candidates
- about-*.npy: (r,), what is known of each clip, by position: id, label, athlete, split and whatever was given
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.retrieval.corpus import Corpus, starts_of
from sportjax.typing import Bool, Float

VERSION = 1
_ARRAYS = ('frames', 'norms', 'lengths', 'position', 'pooled')
_CHECKED = 1 << 20  # norms looked at together


@dataclasses.dataclass(frozen=True)
class Index:
  """An open index."""

  corpus: Corpus
  pooled: Float[np.ndarray, 'r v p']
  about: Mapping[str, np.ndarray]  # by position
  source: str

  def where(self, **values: str | Sequence[str]) -> Bool[np.ndarray, 'r']:
    """Which clips have these values, such as `where(split='train', sport=('tennis', 'golf'))`; for `Request.only`.

    Raises:
      InputError: nothing of that name is known of the clips.
    """
    found = np.ones(len(self.corpus), bool)
    for name, wanted in values.items():
      found &= np.isin(self.column(name), wanted)
    return found

  def column(self, name: str) -> np.ndarray:
    """What is known of each clip under a name.

    Raises:
      InputError: nothing is known under it.
    """
    if name not in self.about:
      raise InputError(f'the index knows nothing as {name!r} of its clips; choose one of {", ".join(self.about)}')
    return self.about[name]


def open_index(folder: pathlib.Path) -> Index:
  """Maps an index into memory and checks it, without reading its frames.

  Raises:
    InputError: there is none, it is of another version, cut short or inconsistent, or its features are not finite.
  """
  path = folder / 'index.json'
  if not path.exists():
    raise InputError(f'{folder}: no index there (index.json is missing); write it from the feature store first')
  try:
    record = json.loads(path.read_text())
  except ValueError as error:
    raise InputError(f'{path.name} is not whole ({error}) in {folder}; write the index again') from error
  if record.get('version') != VERSION:
    raise InputError(f'{folder}: index of version {record.get("version")}, this code reads {VERSION}; write it again')
  frames, norms, lengths, position, pooled = (_load(folder, name) for name in _ARRAYS)
  about = {name: _load(folder, f'about-{name}') for name in record['about']}
  clips, total, views = record['clips'], record['frames'], record['views']
  expected = {
    'frames': (frames, (total, views, record['features'])),
    'norms': (norms, (total, views)),
    'lengths': (lengths, (clips,)),
    'position': (position, (clips,)),
    'pooled': (pooled, (clips, views, record['pooled'])),
    **{f'about-{name}': (column, (clips,)) for name, column in about.items()},
  }
  for name, (array, shape) in expected.items():
    if array.shape != shape:
      raise InputError(f'{folder}: {name}.npy has shape {array.shape}, its header says {shape}; write the index again')
  lengths, position = np.asarray(lengths), np.asarray(position)
  _check_content(folder, norms, lengths, position)
  corpus = Corpus(frames, lengths, position, starts_of(lengths), record['digest'])
  return Index(corpus, pooled, about, record['source'])


def _check_content(folder: pathlib.Path, norms: np.ndarray, lengths: np.ndarray, position: np.ndarray) -> None:
  if not len(lengths) or lengths.min() < 1 or lengths.sum() != len(norms) or (np.diff(lengths) < 0).any():
    raise InputError(f'{folder}: lengths of clips are empty or do not add up to its frames; write the index again')
  if not np.array_equal(np.sort(position), np.arange(len(position))):
    raise InputError(f'{folder}: positions of clips are not each there once; write the index again')
  for begin in range(0, len(norms), _CHECKED):
    if not np.isfinite(norms[begin : begin + _CHECKED]).all():
      raise InputError(f'{folder}: features with NaN or infinity; extract and write the index again')


def _load(folder: pathlib.Path, name: str) -> np.ndarray:
  path = folder / f'{name}.npy'
  try:
    return np.load(path, mmap_mode='r', allow_pickle=False)
  except (OSError, ValueError, EOFError) as error:  # ValueError: the header promises more than the file holds
    raise InputError(f'{path}: missing or cut short ({error}); write the index again') from error
