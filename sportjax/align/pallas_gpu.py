"""DTW on a GPU: costs by the tensor cores and the recurrence over them in one kernel, by Triton.

A program aligns one query with a group of a tile's lanes, column by column of the clips; of a column only the rows are
visited that a path can pass. Triton cannot move the rows of a block against each other, so what later steps look at is
written to a ring of a few columns and read back moved. A ring belongs to a program, not to its work, and there are only
so many programs as keep the device busy: together they stay in its cache. No cost matrix is in memory.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton as plgpu
from jaxtyping import Array, Float, Int

from sportjax.align import costs, patterns, recurrence, scan

GROUP = 32  # lanes to a program
DEPTH = 64  # features to a product at most
OPERAND = 2**14  # numbers in one of its operands, 64 KB of shared memory, as far as 16 features at a time allow
WIDE = 128  # rows of a window from which on more warps share it: a row of the group for each thread's registers
PROGRAMS = 528  # four to each multiprocessor of the largest devices


@functools.partial(jax.jit, static_argnames=('pattern', 'cost', 'width', 'interpret'))
def score_items(
  x: Float[Array, 'q rows d'],
  n: Int[Array, 'q'],
  y: Float[Array, 'tile columns d lane'],
  m: Int[Array, 'tile lane'],
  items: Int[Array, 'item 2'],
  starts: Int[Array, 'item column'],
  columns: Int[Array, 'item'],
  count: Int[Array, ''],
  *,
  pattern: patterns.Pattern,
  cost: costs.Cost,
  width: int,
  interpret: bool = False,
) -> Float[Array, 'item lane']:
  """Raw cost of the first `count` (query, tile) items, as `scan.score_items` has it."""
  lanes, dtype = y.shape[3], costs.accumulator(y)
  width = max(pl.next_power_of_2(width), 16)
  depth = max(min(pl.next_power_of_2(y.shape[2]), DEPTH, OPERAND // width), 16)
  spare, extra = -y.shape[2] % depth, -lanes % GROUP
  x = jnp.pad(x, ((0, 0), (0, width), (0, spare)))
  y = jnp.pad(y, ((0, 0), (0, 0), (0, spare), (0, extra)))
  m = jnp.pad(m, ((0, 0), (0, extra)))
  norms = costs.squared_norms(x), costs.squared_norms(jnp.swapaxes(y, 2, 3))
  starts = jnp.broadcast_to(starts, (len(items), y.shape[1]))
  programs = min(PROGRAMS, len(items) * m.shape[1] // GROUP)
  ring = max(step.columns for step in pattern.steps) + 1
  margin = pl.next_power_of_2(recurrence.margin(pattern))
  column = (programs, ring, margin + x.shape[1] + margin, GROUP)
  shapes = [(len(items), m.shape[1]), column, column, (programs, 2, 2 * width, GROUP)]
  scores, *_ = pl.pallas_call(
    functools.partial(_program, pattern=pattern, cost=cost, size=(width, margin, depth), barrier=not interpret),
    grid=(programs,),
    out_shape=[jax.ShapeDtypeStruct(shape, dtype) for shape in shapes],
    compiler_params=plgpu.CompilerParams(num_warps=4 if width <= WIDE else 8, num_stages=1),
    interpret=interpret,
    name='dtw',
  )(items, starts, columns, count[None], n, m, x, norms[0], y, norms[1])
  return scores[:, :lanes]


def _program(
  items, starts, columns, count, n, m, x, xx, y, yy, out, totals, paid, scratch, *, pattern, cost, size, barrier
) -> None:
  """Every so manieth piece of work: one query against one group of lanes."""
  me, programs, groups = pl.program_id(0), pl.num_programs(0), jnp.int32(out.shape[1] // GROUP)
  width, margin, depth = size
  kept = _Kept(me, totals, paid, scratch, width, margin, barrier)

  def piece(turn: Array, carry: None) -> None:
    work = me + turn * programs
    item, group = jax.lax.div(work, groups), jax.lax.rem(work, groups)
    lanes = pl.ds(group * GROUP, GROUP)
    query, tile = items[item, 0], items[item, 1]

    def costs_of(column: Array, start: Array) -> Array:
      rows = pl.ds(start, width)

      def part(k: Array, dot: Array) -> Array:
        features = pl.ds(k * depth, depth)
        sides = x[query, rows, features], y[tile, column, features, lanes]
        return dot + jnp.dot(*sides, precision='highest', preferred_element_type=dot.dtype)

      nothing = jnp.zeros((width, GROUP), totals.dtype)
      dot = jax.lax.fori_loop(0, x.shape[2] // depth, part, nothing)
      return cost(dot, xx[query, rows][:, None], yy[tile, column, lanes][None])

    out[item, lanes] = _align(
      costs_of, n[query], m[tile, lanes], lambda j: starts[item, j], columns[item], kept, pattern
    )
    return carry

  jax.lax.fori_loop(0, (count[0] * groups - me + programs - 1) // programs, piece, None)


@dataclasses.dataclass(frozen=True)
class _Kept:
  """What a program keeps in memory: the latest columns of cumulated costs and of costs, and one to take steps down."""

  program: Array
  totals: Any
  paid: Any
  scratch: Any
  width: int
  margin: int  # rows around a column's own that steps may look at: they are unreachable
  barrier: bool

  def put(self, ring: Any, slot: Array | int, start: Array | int, column: Array, around: float) -> None:
    """Writes a column, and the margins around it; all threads see it on return."""
    slot = jax.lax.rem(jnp.int32(slot), jnp.int32(ring.shape[1]))
    edge = jnp.full((self.margin, GROUP), around, column.dtype)
    ring[self.program, slot, pl.ds(start, self.margin)] = edge
    ring[self.program, slot, pl.ds(self.margin + start, self.width)] = column
    ring[self.program, slot, pl.ds(self.margin + start + self.width, self.margin)] = edge
    self.wait()

  def look(self, ring: Any, slot: Array | int, start: Array, up: Array | int) -> Array:
    """The column of that slot, from so many rows above `start` on."""
    slot = jax.lax.rem(jnp.int32(slot + ring.shape[1]), jnp.int32(ring.shape[1]))
    return ring[self.program, slot, pl.ds(self.margin + start - up, self.width)]

  def wait(self) -> None:
    """Until all threads of the program have written; they are one when interpreted."""
    if self.barrier:
      plgpu.debug_barrier()


def _align(costs_of, n, m, start_of, columns, kept: _Kept, pattern: patterns.Pattern) -> Float[Array, 'lane']:
  """Raw scores of one query against a group of lanes; +inf where a lane is longer than `columns`."""
  nothing = jnp.full((kept.width, GROUP), jnp.inf, kept.totals.dtype)
  for slot in range(kept.totals.shape[1]):
    kept.put(kept.totals, slot, 0, nothing, jnp.inf)
    kept.put(kept.paid, slot, 0, jnp.zeros_like(nothing), 0)
  rows = jax.lax.broadcasted_iota(jnp.int32, nothing.shape, 0)

  def column(j: Array, ends: Array) -> Array:
    start = start_of(j)
    here = costs_of(j, start)
    kept.put(kept.paid, j, start, here, 0)
    arrivals = []
    for step in pattern.steps:
      if not step.columns:
        continue
      arrival = kept.look(kept.totals, j - step.columns, start, step.rows)
      for row, back, weight in step.costs:
        arrival += weight * (kept.look(kept.paid, j - back, start, row) if row or back else here)
      arrivals.append(arrival)
    cells = jnp.where((rows == 0) & (j == 0), here, functools.reduce(jnp.minimum, arrivals))
    if not pattern.by_columns:
      cells = _down(cells, here, kept)
    kept.put(kept.totals, j, start, cells, jnp.inf)
    end = jnp.min(jnp.where(rows + start == n - 1, cells, jnp.inf), axis=0)
    return jnp.where(m == j + 1, end, ends)

  return jax.lax.fori_loop(0, columns, column, jnp.full((GROUP,), jnp.inf, nothing.dtype))


def _down(cells: Array, way: Array, kept: _Kept) -> Array:
  """Takes steps within the column: a running minimum by doubling. `way` is what the steps down cost so far."""
  rows, reach = jax.lax.broadcasted_iota(jnp.int32, cells.shape, 0), 1
  while reach < kept.width:
    for slot, column in enumerate((cells, way)):
      kept.scratch[kept.program, slot, pl.ds(kept.width, kept.width)] = column
    kept.wait()
    moved = [kept.scratch[kept.program, slot, pl.ds(kept.width - reach, kept.width)] for slot in range(2)]
    kept.wait()
    cells = jnp.minimum(cells, jnp.where(rows >= reach, moved[0] + way, jnp.inf))
    way += jnp.where(rows >= reach, moved[1], 0)
    reach *= 2
  return cells


bucket_scores = functools.partial(scan.bucket_scores, program=score_items)
