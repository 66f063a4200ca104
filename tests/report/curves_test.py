import numpy as np

from sportjax.report.curves import curve_panels


def test_sets_of_one_metric_share_a_panel_and_later_records_win():
  records = [
    {'step': 1, 'time_s': 5.0, 'train/loss': 2.0, 'lr': 0.1},
    {'step': 2, 'time_s': 6.0, 'train/loss': 9.0, 'lr': 0.1},
    {'step': 2, 'time_s': 7.0, 'train/loss': 1.0, 'valid/loss': 1.5},
    {'step': 3, 'time_s': 8.0, 'train/loss': None, 'bad': None},
  ]
  panels = {panel.title: {line.name: line for line in panel.series} for panel in curve_panels(records)}
  assert set(panels) == {'loss', 'lr'}
  np.testing.assert_array_equal(panels['loss']['train'].x, [1, 2, 3])
  np.testing.assert_array_equal(panels['loss']['train'].y, [2, 1, np.nan])
  np.testing.assert_array_equal(panels['loss']['valid'].y, [1.5])
  np.testing.assert_array_equal(panels['lr']['lr'].y, [0.1, 0.1])


def test_no_records_give_no_panels():
  assert curve_panels([]) == ()
