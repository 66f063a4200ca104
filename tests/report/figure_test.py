import xml.etree.ElementTree

import numpy as np

from sportjax.report.content import CurvePanel, Series
from sportjax.report.figure import figure_svg

SVG = '{http://www.w3.org/2000/svg}'


def test_figure_is_whole_svg_with_every_name_and_line():
  lines = tuple(Series(f'row <{n}>', np.array([4.0, 8, 16]), np.array([10.0, 20, 30]) + n) for n in range(3))
  root = xml.etree.ElementTree.fromstring(figure_svg(CurvePanel('k', 'clips a class', lines), 'per cent'))
  assert root.tag == f'{SVG}svg'
  texts = [''.join(text.itertext()) for text in root.iter(f'{SVG}text')]
  assert all(f'row <{n}>' in texts for n in range(3))
  assert 'k: per cent' in texts
  assert 'clips a class' in texts
  drawn = [path for path in root.iter(f'{SVG}path') if path.get('class') == 'line s1']
  assert len(drawn) == 2  # the line, and its colour beside its name
  width, height = float(root.get('width', 0)), float(root.get('height', 0))
  assert all(0 <= float(text.get('y', -1)) <= height for text in root.findall(f'{SVG}text'))
  assert width > 0
