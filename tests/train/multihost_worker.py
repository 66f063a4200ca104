"""One of two processes of multihost_test: trains to a step in two sittings, and prints its losses.

Arguments: port, process id, workdir.
"""

import os
import sys

os.environ['JAX_PLATFORMS'] = 'cpu'

import jax

jax.config.update('jax_num_cpu_devices', 4)


def main(port, process, workdir):
  jax.distributed.initialize(f'localhost:{port}', num_processes=2, process_id=process)
  from sportjax.dist import arrays
  from sportjax.dist.mesh import MeshConfig, make_mesh
  from sportjax.dist.rules import preset
  from sportjax.testing.tiny_task import TinyTask
  from sportjax.train.loop import LoopConfig, train
  from sportjax.train.optim import OptimConfig

  mesh = make_mesh(MeshConfig(data=2, fsdp=4))
  assert mesh.size == 8
  task = TinyTask(mesh, dropout=0.0, optim=OptimConfig(name='sgd', learning_rate=0.05))
  placed = arrays.put_batch({'x': jax.numpy.full((4, 2), process)}, mesh)
  assert arrays.to_host(placed)['x'][:, 0].tolist() == [0] * 4 + [1] * 4
  for total in (2, 4):
    loop = LoopConfig(total, log_every_steps=1, eval_every_steps=2, save_every_steps=2)
    result = train(task, workdir, loop, mesh=mesh, rules=preset('fsdp'), config={'width': 32})
  assert result.last_step == 4


if __name__ == '__main__':
  main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
