"""What the builders' commands share: finished stages, and TFDS without its printing."""

from __future__ import annotations

import contextlib
import io
import pathlib

import numpy as np
import tensorflow_datasets as tfds

from sportjax.errors import InputError

FORMAT = 'array_record'


def prepare(builder: tfds.core.DatasetBuilder) -> tfds.core.DatasetInfo:
  """Builds the dataset. Raises InputError where it is there already: TFDS would take it as it is, whatever is new."""
  if pathlib.Path(builder.data_dir).exists():
    raise InputError(f'{builder.data_dir}: a dataset is there already; remove it, or give another folder')
  with contextlib.redirect_stdout(io.StringIO()):  # TFDS prints of a download, and there is none
    builder.download_and_prepare(file_format=FORMAT)
  return builder.info


def per_frame(dtype: type[np.generic], *shape: int) -> tfds.features.Tensor:
  """Numbers of every frame, stored as their own bytes: exact in every dtype, and read without a loop over them."""
  return tfds.features.Tensor(shape=(None, *shape), dtype=dtype, encoding='bytes')


def finished_stage(folder: pathlib.Path, name: str) -> pathlib.Path:
  """The finished stage of a workdir, or the folder itself. Raises InputError where there is none, or several."""
  if (folder / 'stage.json').is_file():
    stages = [folder]
  else:
    stages = sorted(path.parent for path in folder.glob(f'stages/{name}-*/stage.json'))
  if len(stages) != 1:
    told = f'{len(stages)} {name} stages, {", ".join(s.name for s in stages)}; give one' if stages else None
    raise InputError(f'--stage={folder}: {told or f"no {name} stage is finished there; run the workflow first"}')
  return stages[0]
