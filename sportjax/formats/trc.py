"""TRC: 3D markers over time, as Pose2Sim, OpenSim and marker-based motion capture write them."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files
from sportjax.typing import Float, TimesMs

MAGIC = 'PathFileType'
_HEADER_LINES = 5
_METRES = {'m': 1.0, 'cm': 1e-2, 'mm': 1e-3}


@dataclasses.dataclass(frozen=True)
class Markers:
  """Named markers over time; NaN where a marker was not found."""

  name: tuple[str, ...]
  t_ms: TimesMs
  xyz_m: Float[np.ndarray, 't m 3']


def read_trc(path: pathlib.Path) -> Markers:
  """Markers in metres and milliseconds. Raises InputError for a header or a row that cannot be."""
  lines = files.read_text(path).splitlines()
  if len(lines) < _HEADER_LINES or not lines[0].startswith(MAGIC):
    raise InputError(f'{path}: not a TRC file (its first line starts with {MAGIC}); export it again')
  header = dict(zip(lines[1].split(), lines[2].split(), strict=False))
  unit = header.get('Units', '')
  if unit not in _METRES:
    raise InputError(f'{path}: Units {unit!r} is none of {", ".join(_METRES)}; correct the header')
  names = tuple(field.strip() for field in lines[3].split('\t')[2:] if field.strip())
  # Some writers leave a blank line between header and data, some none.
  rows = [(at, line) for at, line in enumerate(lines[_HEADER_LINES:], start=_HEADER_LINES + 1) if line.strip()]
  if header.get('NumFrames', '') != str(len(rows)):
    raise InputError(
      f'{path}: the header says {header.get("NumFrames")} frames, the file has {len(rows)}; '
      'it may be cut short: export it again'
    )
  table = np.array([_row(line, 2 + 3 * len(names), at, path) for at, line in rows]).reshape(-1, 2 + 3 * len(names))
  return Markers(names, table[:, 1] * 1e3, table[:, 2:].reshape(len(rows), len(names), 3) * _METRES[unit])


def write_trc(path: pathlib.Path, markers: Markers) -> None:
  """Writes metres and seconds, a marker that was not found as empty fields."""
  n_frames, n_markers = markers.xyz_m.shape[:2]
  rate = 1e3 / np.median(np.diff(markers.t_ms)) if n_frames > 1 else 1.0
  lines = [
    f'{MAGIC}\t4\t(X/Y/Z)\t{path.name}',
    'DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames',
    f'{rate:g}\t{rate:g}\t{n_frames}\t{n_markers}\tm\t{rate:g}\t1\t{n_frames}',
    'Frame#\tTime\t' + '\t\t\t'.join(markers.name) + '\t\t',
    '\t\t' + '\t'.join(f'{axis}{marker}' for marker in range(1, n_markers + 1) for axis in 'XYZ'),
  ]
  for frame in range(n_frames):
    values = ['' if np.isnan(value) else repr(value) for value in markers.xyz_m[frame].reshape(-1).tolist()]
    lines.append('\t'.join([str(frame + 1), repr(float(markers.t_ms[frame]) / 1e3), *values]))
  files.write_text(path, '\n'.join(lines) + '\n')


def _row(line: str, n_columns: int, at: int, path: pathlib.Path) -> list[float]:
  """The row's numbers, NaN for the empty fields of a marker that was not found."""
  fields = line.rstrip('\r\n').split('\t')
  fields += [''] * (n_columns - len(fields))  # empty fields at the end may be left out
  if len(fields) > n_columns and any(field.strip() for field in fields[n_columns:]):
    raise InputError(f'{path}: line {at} has {len(fields)} fields, not {n_columns}; export it again')
  try:
    return [float(field) if field.strip() else np.nan for field in fields[:n_columns]]
  except ValueError as error:
    raise InputError(f'{path}: line {at} is not tab-separated numbers; export it again') from error
