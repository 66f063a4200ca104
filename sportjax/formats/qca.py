"""Camera calibration as Qualisys Track Manager exports it (`.qca.txt`, an XML file)."""

from __future__ import annotations

import pathlib
from xml.etree import ElementTree

import numpy as np

from sportjax.errors import InputError
from sportjax.formats import files
from sportjax.pose.cameras import Camera
from sportjax.typing import Float64

_SUBPIXELS = 64  # lengths on the sensor are in 1/64 pixel
_FLIP = np.diag([1.0, -1.0, -1.0])  # Qualisys cameras look along -z with y up


def read_qca(path: pathlib.Path) -> dict[str, Camera]:
  """The calibrated cameras by serial. Raises InputError for a file that is not such a calibration."""
  try:
    cameras = [_camera(element) for element in ElementTree.fromstring(files.read_text(path)).iter('camera')]
  except (ElementTree.ParseError, _Missing, ValueError) as error:
    raise InputError(f'{path}: not a Qualisys calibration ({error}); export it again') from error
  if not cameras:
    raise InputError(f'{path}: no <camera> in it; export the calibration of the cameras that filmed')
  return {camera.name: camera for camera in cameras}


class _Missing(Exception):
  pass


def _camera(element: ElementTree.Element) -> Camera:
  lens, view, place = (_child(element, name) for name in ('intrinsic', 'fov_video', 'transform'))
  left, top, right, bottom = _numbers(view, 'left', 'top', 'right', 'bottom')
  fu, fv, cu, cv = _numbers(lens, 'focalLengthU', 'focalLengthV', 'centerPointU', 'centerPointV') / _SUBPIXELS
  skew, k1, k2, p1, p2 = _numbers(
    lens, 'skew', 'radialDistortion1', 'radialDistortion2', 'tangentalDistortion1', 'tangentalDistortion2'
  )
  # The file's rows are the camera's axes in the laboratory, its x, y, z the camera's place in millimetres.
  rotation = _FLIP @ _numbers(place, *(f'r{i}{j}' for i in '123' for j in '123')).reshape(3, 3)
  if 'serial' not in element.attrib:
    raise _Missing('a <camera> has no serial')
  return Camera(
    name=element.attrib['serial'],
    image_size=(int(right - left) + 1, int(bottom - top) + 1),
    matrix=np.array([[fu, skew, cu - left], [0, fv, cv - top], [0, 0, 1]]),
    distortion=np.array([k1, k2, p1, p2]),
    rotation=rotation,
    translation_m=-rotation @ _numbers(place, 'x', 'y', 'z') / 1e3,
  )


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element:
  child = element.find(name)
  if child is None:
    raise _Missing(f'camera {element.get("serial", "")!r} has no <{name}>')
  return child


def _numbers(element: ElementTree.Element, *names: str) -> Float64[np.ndarray, 'k']:
  for name in names:
    if element.get(name) is None:
      raise _Missing(f'<{element.tag}> has no {name}')
  return np.array([float(element.attrib[name]) for name in names])
