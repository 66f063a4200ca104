"""What reports say of their run."""

from __future__ import annotations

import pathlib

import jax

from sportjax.pipeline import Done
from sportjax.pipeline.stage import Skip
from sportjax.workflows.provenance import provenance, stages


def done(name, counts, skipped=()):
  return Done(name, 'key', pathlib.Path(f'/runs/{name}-key'), 2.0, counts, skipped)


def test_a_stage_that_is_asked_for_again_is_told_once():
  film = done('film', {'items_in': 3, 'items_out': 2, 'frames': 40}, (Skip('take 1', 'no pelvis'),))
  told = stages([film, done('crop', {}), film])
  assert [stage.name for stage in told] == ['film', 'crop']
  assert sum(stage.seconds for stage in told) == 4.0


def test_what_went_in_came_out_and_was_left_out():
  (stage,) = stages([done('film', {'items_in': 3, 'items_out': 2, 'frames': 40}, (Skip('take 1', 'no pelvis'),))])
  assert stage.counts_in == {'items': 3}
  assert stage.counts_out == {'items': 2, 'frames': 40}
  assert [(skip.item, skip.reason) for skip in stage.skipped] == [('take 1', 'no pelvis')]


def test_devices_are_named_only_where_they_were_used():
  host = provenance('launch', 'real', 'films')
  both = provenance('launch', 'real', 'films', seeds=(0,), devices=jax.devices())
  assert both.hardware == f'{jax.device_count()} x {jax.devices()[0].device_kind}, {host.hardware}'
  assert ('jax' in both.versions, 'jax' in host.versions) == (True, False)
