"""Does the student see more than its weak teacher? The quickstart's comparison over several sets of athletes.

  python launch.py --mode=run --config=configs/versus_teacher.py --workdir=runs/versus_teacher

Films, distils and compares once for each seed, pools the queries, and writes results.json and versus_teacher.md with
intervals over the held-out athletes, for all test clips and for those on which the teacher is unreliable.
`size=quickstart` is the quickstart's corpus (0.2 CPU-hours a seed), `size=overnight` has three times as many
clips to learn from, more classes and more steps (1 CPU-hour a seed).
"""

from __future__ import annotations

from ml_collections import config_dict

from configs import quickstart
from configs.common import parse_arg

_SIZES = {
  'quickstart': {},
  'overnight': {'classes': 12, 'athletes': 72, 'test_athletes': 24},
}


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`sport`: one of the world's; `size`: 'quickstart' or 'overnight'; `debug`: the smallest corpus and two steps."""
  choice = parse_arg(arg, sport='diving', size='quickstart', debug=False)
  if choice.size not in _SIZES:
    raise ValueError(f'config argument size={choice.size!r}: known are {", ".join(_SIZES)}')
  config = quickstart.get_config(f'sport={choice.sport}{",debug" if choice.debug else ""}')
  config.workflow = 'versus_teacher'
  config.seeds = (0, 1) if choice.debug else (0, 1, 2)
  if not choice.debug:
    config.corpus.update(_SIZES[choice.size])
    if choice.size == 'overnight':
      config.chain.student.loop.update({'total_steps': 3000, 'eval_every_steps': 200, 'save_every_steps': 400})
  return config
