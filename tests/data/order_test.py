"""The order of batches: every place once an epoch, whatever the sizes, and any batch without those before it."""

import numpy as np
import pytest

from sportjax.data.order import BatchOrder


def drawn(order, batches):
  return np.concatenate([order[i] for i in range(batches)])


@pytest.mark.parametrize(('n', 'batch_size', 'run'), [(20, 5, 1), (20, 6, 3), (7, 10, 4), (1, 3, 1), (1, 1, 2)])
def test_each_epoch_visits_every_place_once(n, batch_size, run):
  order = BatchOrder(n, batch_size, 3, record=np.arange(n) // 8, run=run)
  places = drawn(order, -(-4 * n // batch_size))[: 4 * n].reshape(4, n)
  np.testing.assert_array_equal(np.sort(places, 1), np.tile(np.arange(n), (4, 1)))


def test_order_differs_between_epochs_and_seeds_and_repeats_for_the_same():
  first = drawn(BatchOrder(50, 50, 0), 2).reshape(2, 50)
  assert (first[0] != first[1]).any()
  assert (first[0] != BatchOrder(50, 50, 1)[0]).any()
  np.testing.assert_array_equal(BatchOrder(50, 50, 0)[1], first[1])


def test_parts_of_several_processes_make_up_the_batches_of_one():
  record = np.arange(30) // 6
  one = drawn(BatchOrder(30, 8, 0, record=record, run=2), 9)
  parts = [BatchOrder(30, 4, 0, (index, 2), record, 2) for index in range(2)]
  np.testing.assert_array_equal(one, np.concatenate([part[i] for i in range(9) for part in parts]))


def test_runs_share_a_record_and_are_drawn_anew_each_epoch():
  record = np.repeat([4, 0, 9], [7, 6, 1])
  order = BatchOrder(14, 14, 0, record=record, run=3)
  runs = []
  for epoch in range(2):
    # 7 places of a record make runs of 3, 3 and 1, and 6 make 3 and 3: six runs, cut where a run of 3 is full
    places, cut = order[epoch], []
    while len(places):
      same = int(np.argmin(np.append(record[places[:3]] == record[places[0]], False)))
      cut.append(frozenset(places[:same].tolist()))
      places = places[same:]
    assert sorted(map(len, cut)) == [1, 1, 3, 3, 3, 3]
    runs.append(set(cut))
  assert runs[0] != runs[1]


def test_single_places_mix_records_evenly():
  """With runs of one, neighbours share one of 10 records one time in ten: 999 pairs, 99 expected, 9.5 deviation."""
  record = np.arange(1000) // 100
  places = BatchOrder(1000, 1000, 0, record=record, run=1)[0]
  assert 60 < (np.diff(record[places]) == 0).sum() < 140


def test_the_references_draws_come_again():
  """Of n draws from n places 1 - 1/e are different ones: 632 of 1000, deviation 10."""
  order = BatchOrder(1000, 1000, 0, draws='replaced')
  assert 590 < len(np.unique(order[0])) < 675
  assert (order[0] != order[1]).any()
  np.testing.assert_array_equal(order[3], BatchOrder(1000, 1000, 0, draws='replaced')[3])
  assert set(drawn(BatchOrder(3, 2, 0, draws='replaced'), 20)) == {0, 1, 2}
