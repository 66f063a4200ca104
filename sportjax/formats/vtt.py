"""Timed text: WebVTT and SubRip (SRT), as editors, speech recognisers and video platforms write them.

Source: W3C, WebVTT: The Web Video Text Tracks Format. SubRip has no standard; what players accept is read.
"""

from __future__ import annotations

import dataclasses
import html
import pathlib
import re
from collections.abc import Sequence

from sportjax.errors import InputError
from sportjax.formats import files

MAGIC = 'WEBVTT'
_ARROW = '-->'
_STAMP = r'(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})'
_TIMING = re.compile(rf'\s*{_STAMP}\s*{_ARROW}\s*{_STAMP}(?:\s+\S.*)?\s*$')
_NOT_CUES = re.compile(r'(NOTE|STYLE|REGION)(\s|$)')
# Tags of voices, classes, ruby, languages and times; SubRip's fonts and, in braces, positions.
_TAGS = re.compile(r'</?[a-zA-Z][^<>]*>|<[\d:.]+>|</>|\{\\[^}]*\}')
_TOUCHING_MS, _FLASH_MS = 50.0, 60.0


@dataclasses.dataclass(frozen=True)
class Cue:
  """Text on the screen for a while; lines are separated by line feeds."""

  start_ms: float
  end_ms: float
  text: str


def read_cues(path: pathlib.Path) -> tuple[Cue, ...]:
  """The cues of a WebVTT or SRT file in order of time, without tags and without the lines that roll up.

  Raises:
    InputError: the file cannot be read, is neither format, or has text without times or with impossible ones.
  """
  content = files.read_text(path).replace('\r\n', '\n').replace('\r', '\n').split('\n')
  is_vtt = bool(re.match(rf'{MAGIC}(\s|$)', content[0]))
  if not is_vtt and not any(_ARROW in line for line in content):
    raise InputError(f'{path}: neither WebVTT (first line {MAGIC}) nor SRT (no times); export it again')
  blocks = _blocks(content)
  if is_vtt:
    inside = next((at for at, line in blocks.pop(0) if _ARROW in line), None)
    if inside:
      raise InputError(f'{path}: line {inside}: a cue within the header; put a blank line after {MAGIC}')
  cues = [_cue(block, path) for block in blocks if not _NOT_CUES.match(block[0][1]) or _ARROW in block[0][1]]
  return _unrolled(sorted(cues, key=lambda cue: cue.start_ms))


def write_vtt(path: pathlib.Path, cues: Sequence[Cue]) -> None:
  """Writes WebVTT. Raises: InputError for a cue without text or with impossible times."""
  blocks = (_block(cue, '.', path, html.escape(cue.text, quote=False)) for cue in cues)
  files.write_text(path, MAGIC + '\n' + ''.join(f'\n{block}' for block in blocks))


def write_srt(path: pathlib.Path, cues: Sequence[Cue]) -> None:
  """Writes SRT. Raises: InputError for a cue without text, with an arrow in it or with impossible times."""
  if any(_ARROW in cue.text for cue in cues):
    raise InputError(f'{path}: a cue has an arrow {_ARROW} in its text, which SRT cannot hold; write WebVTT')
  blocks = (_block(cue, ',', path, cue.text) for cue in cues)
  files.write_text(path, '\n'.join(f'{i}\n{block}' for i, block in enumerate(blocks, start=1)))


def _blocks(content: list[str]) -> list[list[tuple[int, str]]]:
  """Lines between blank ones, each with its number; two cues without a blank line between are told by their times."""
  out: list[list[tuple[int, str]]] = [[]]
  for at, line in enumerate(content, start=1):
    if not line:
      out.append([])
    elif line.strip():  # a line of spaces is an empty line of a cue that rolls up, not its end
      if _TIMING.match(line) and any(_ARROW in above for _, above in out[-1]):
        number = [out[-1].pop()] if out[-1][-1][1].strip().isdigit() else []
        out.append(number)
      out[-1].append((at, line))
  return [block for block in out if block]


def _cue(block: list[tuple[int, str]], path: pathlib.Path) -> Cue:
  """A block's cue: maybe an identifier, times, text."""
  timed = next((i for i, (_, line) in enumerate(block[:2]) if _ARROW in line), None)
  if timed is None:
    raise InputError(f'{path}: line {block[0][0]} belongs to no cue ({block[0][1][:40]!r}); add its times or remove it')
  at, line = block[timed]
  found = _TIMING.match(line)
  if not found:
    raise InputError(f'{path}: line {at} has no times that can be read ({line[:60]!r}); write 00:00:01.000 --> ...')
  start_ms, end_ms = _ms(found.groups()[:4]), _ms(found.groups()[4:])
  if start_ms > end_ms:
    raise InputError(f'{path}: line {at}: the cue ends before it starts; correct its times')
  return Cue(start_ms, end_ms, '\n'.join(filter(None, (_plain(text) for _, text in block[timed + 1 :]))))


def _ms(parts: Sequence[str | None]) -> float:
  hours, minutes, seconds = (int(part or 0) for part in parts[:3])
  return 1e3 * (3600 * hours + 60 * minutes + seconds) + float((parts[3] or '').ljust(3, '0'))


def _plain(line: str) -> str:
  """A line without tags, entities and doubled spaces."""
  return ' '.join(html.unescape(_TAGS.sub('', line)).replace('\u200e', '').replace('\u200f', '').split())


def _unrolled(cues: list[Cue]) -> tuple[Cue, ...]:
  """Drops what an automatic caption repeats: it shows the last line again above the next, and flashes it alone."""
  out: list[Cue] = []
  shown, until_ms = [], -1e9
  for cue in cues:
    now = cue.text.split('\n') if cue.text else []
    touches = abs(cue.start_ms - until_ms) <= _TOUCHING_MS
    repeated = bool(now and shown) and touches and now[0] == shown[-1]
    flash = cue.end_ms - cue.start_ms <= _FLASH_MS
    new = now[1:] if repeated and (len(now) > 1 or flash) else now
    if new:
      out.append(dataclasses.replace(cue, text='\n'.join(new)))
    if now:
      shown, until_ms = now, cue.end_ms
  return tuple(out)


def _block(cue: Cue, point: str, path: pathlib.Path, text: str) -> str:
  text = '\n'.join(filter(str.strip, text.split('\n')))
  if not text or not 0 <= cue.start_ms <= cue.end_ms:
    raise InputError(f'{path}: cue at {cue.start_ms:g} ms has no text or ends before it starts; leave it out')
  return f'{_stamp(cue.start_ms, point)} {_ARROW} {_stamp(cue.end_ms, point)}\n{text}\n'


def _stamp(time_ms: float, point: str) -> str:
  whole = round(time_ms)
  return f'{whole // 3600000:02d}:{whole // 60000 % 60:02d}:{whole // 1000 % 60:02d}{point}{whole % 1000:03d}'
