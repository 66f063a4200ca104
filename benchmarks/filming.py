"""How fast the simulated athletes are filmed, by stage: frames/s of CPU time on one core, 256x256, with clutter.

`python benchmarks/filming.py [--quick] [--json FILE]`. The total is timed without a profiler, best of several rounds;
the stages share it as a profiled run of the same takes says. `ratios` compares with a camera that draws every exposure
from one instant.
"""

from __future__ import annotations

import argparse
import cProfile
import dataclasses
import json
import pathlib
import pstats
import sys
import tempfile
import time

import cv2
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from sportjax.synth import skills
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.corpus import PLACES
from sportjax.synth.filming.appearance import body_of, sample_appearance
from sportjax.synth.filming.scenery import paint_side
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import sample_shot
from sportjax.synth.filming.take import write_take

# Functions of sportjax.synth.filming, file and name, whose cumulative times do not overlap.
STAGES = {
  'set the stage': (('stage', 'set_stage'),),
  'plates of the room': (('plate', 'cast'),),
  'background': (('plate', 'warp'), ('sensor', 'streak'), ('shadow', 'darken_floor')),
  'pose, project, light': (('shoot', '_prepare'),),
  'draw faces': (('raster', 'expose'),),
  'composite': (('raster', 'over'),),
  'sensor': (('sensor', '__call__'),),
  'truth': (('truth', 'seen_joints'), ('truth', 'tight_box'), ('truth', 'athlete_parts')),
}


def takes(count: int) -> list:
  """Performances of every sport of the world, each with its own shot: one or two bystanders, screens or flags."""
  made = []
  for i in range(count):
    sport = sorted(PLACES)[i % len(PLACES)]
    rng = np.random.default_rng(i)
    motion = skills.perform(sport, sample_athlete(rng), skills.classes(sport)[i % 4], rng)
    shot = dataclasses.replace(sample_shot(rng, PLACES[sport]), behind=1 + i % 2)
    made.append((motion, sample_appearance(rng, 'target', PLACES[sport]), shot))
  return made


def film_all(made: list, folder: pathlib.Path | None, **changes) -> int:
  """Films every take, to files where a folder is given; returns the number of frames."""
  frames = 0
  paint_side.cache_clear()  # no room or body is left over from an earlier round
  body_of.cache_clear()
  for motion, look, shot in made:
    filmed = film(motion, look, dataclasses.replace(shot, **changes), np.random.default_rng(0))
    frames += write_take(folder / 'take.mp4', filmed, crf=shot.crf) if folder else sum(1 for _ in filmed)
  return frames


def frames_per_s(made: list, folder: pathlib.Path | None, rounds: int, **changes) -> float:
  """The best of several rounds, by CPU time."""
  best = 0.0
  for _ in range(rounds):
    start = time.process_time()
    frames = film_all(made, folder, **changes)
    best = max(best, frames / (time.process_time() - start))
  return best


def shares(made: list) -> dict[str, float]:
  """Each stage's share of the time of filming."""
  profile = cProfile.Profile(time.process_time)
  profile.runcall(film_all, made, None)
  stats = pstats.Stats(profile)
  spent = {(pathlib.Path(file).stem, name): row[3] for (file, _, name), row in stats.stats.items() if 'filming' in file}
  return {stage: sum(spent.get(one, 0.0) for one in some) / stats.total_tt for stage, some in STAGES.items()}


def main() -> None:
  """Prints the table."""
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument('--quick', action='store_true')
  parser.add_argument('--json', type=pathlib.Path)
  options = parser.parse_args()
  cv2.setNumThreads(1)
  made, rounds = takes(5 if options.quick else 20), 2 if options.quick else 4
  with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    total = frames_per_s(made, folder, rounds)
    unwritten, sharp = frames_per_s(made, None, rounds), frames_per_s(made, None, rounds, sub_frames=1)
  rows = [{'stage': stage, 'ms_per_frame': 1000 * share / unwritten} for stage, share in shares(made).items()]
  rows.append({'stage': 'encode and write', 'ms_per_frame': 1000 / total - 1000 / unwritten})
  rows += [{'stage': name, 'frames_per_s': speed} for name, speed in
           (('filmed and written', total), ('filmed', unwritten), ('filmed, one instant a frame', sharp))]  # fmt: skip
  for row in rows:
    figure = f'{row["frames_per_s"]:7.0f} frames/s' if 'frames_per_s' in row else f'{row["ms_per_frame"]:7.2f} ms'
    print(f'{row["stage"]:<30}{figure}')
  ratios = {'blurred over one instant': unwritten / sharp}
  print(f'{"blurred over one instant":<30}{ratios["blurred over one instant"]:7.2f}')
  if options.json:
    options.json.write_text(json.dumps({'rows': rows, 'ratios': ratios}, indent=2))


if __name__ == '__main__':
  main()
