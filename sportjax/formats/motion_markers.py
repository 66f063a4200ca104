"""Text files with one frame a line and x, y, z of every marker in millimetres, as UI-PRMD has them; z is up."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files
from sportjax.formats.trc import Markers

# Vicon's Plug-in Gait full-body set in its usual order.
_NAMES = (
  'LFHD RFHD LBHD RBHD C7 T10 CLAV STRN RBAK LSHO LUPA LELB LFRM LWRA LWRB LFIN RSHO RUPA RELB RFRM RWRA RWRB RFIN '
  'LASI RASI LPSI RPSI LTHI LKNE LTIB LANK LHEE LTOE RTHI RKNE RTIB RANK RHEE RTOE'
)
PLUG_IN_GAIT = tuple(_NAMES.split())


def read_markers(path: pathlib.Path, names: Sequence[str] = PLUG_IN_GAIT, fps: float = 100.0) -> Markers:
  """Markers in metres; one at the origin was not found. Raises InputError for a line of another width."""
  rows = []
  for at, line in enumerate(files.read_text(path).splitlines(), start=1):
    fields = line.replace(',', ' ').split()
    if len(fields) != 3 * len(names):
      raise InputError(f'{path}: line {at} has {len(fields)} numbers, not 3 for each of {len(names)} markers')
    try:
      rows.append([float(field) for field in fields])
    except ValueError as error:
      raise InputError(f'{path}: line {at} is not numbers; export it again') from error
  xyz_m = np.array(rows).reshape(len(rows), len(names), 3) / 1000.0
  xyz_m[(xyz_m == 0).all(-1)] = np.nan
  return Markers(tuple(names), 1000.0 * np.arange(len(rows)) / fps, xyz_m)
