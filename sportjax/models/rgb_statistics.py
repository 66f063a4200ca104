"""What RGB in [0, 1] is centred on and divided by before a student sees it, by the name a setting gives it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Set = Literal['imagenet', 'unit', 'tennis', 'fs', 'fx', 'diving48', 'penn']
Colour = tuple[float, float, float]


class Statistics(NamedTuple):
  """Of each channel."""

  mean: Colour
  std: Colour


# 'unit' is what the VPD paper says, -1 to 1. Its code has those of each of its sets instead, and ImageNet's where the
# network is pretrained. Source: VPD reference, vpd_dataset/common.py, to four digits.
RGB: Mapping[Set, Statistics] = MappingProxyType(
  {
    'imagenet': Statistics((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    'unit': Statistics((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    'tennis': Statistics((0.4416, 0.4703, 0.4534), (0.1353, 0.1208, 0.1262)),
    'fs': Statistics((0.5748, 0.5644, 0.6334), (0.2135, 0.2183, 0.2039)),
    'fx': Statistics((0.3840, 0.3476, 0.4100), (0.1951, 0.1898, 0.1989)),
    'diving48': Statistics((0.3411, 0.4635, 0.5162), (0.1630, 0.1709, 0.1927)),
    'penn': Statistics((0.4326, 0.4294, 0.3835), (0.1894, 0.1850, 0.1824)),
  }
)
