import dataclasses
import json
import re

import av
import cv2
import numpy as np
import pytest

from sportjax.report import charts, content, markup
from sportjax.report.write import write_report

HOSTILE = '</script><script>alert(1)</script><img src="https://x.example/a.png" onerror=\'b\'>&amp; "q" \u2028 ]]>'


def hostile(value):
  """The same content with every free text in it replaced by HTML that would run."""
  if isinstance(value, str):
    return HOSTILE
  if isinstance(value, tuple):
    return tuple(map(hostile, value))
  if dataclasses.is_dataclass(value) and type(value).__name__ not in ('Skeleton', 'Interval'):
    kept = ('data_kind', 'severity', 'role', 'unit', 'key')
    fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return dataclasses.replace(value, **{k: v if k in kept else hostile(v) for k, v in fields.items()})
  if isinstance(value, dict) and any(isinstance(v, (int, str)) for v in value.values()):
    return {f'{HOSTILE}{n}': hostile(v) for n, v in enumerate(value.values())}
  return value


def test_page_with_every_part_is_balanced_html(tmp_path, full_report, read_page):
  page = read_page(write_report(tmp_path / 'r', full_report).read_text())
  assert page.problems == []
  sections = [attrs['id'] for name, attrs in page.tags if name == 'section']
  assert sections == [
    'findings', 'results', 'closest-clips', 'alignment', 'poses', 'confusions', 'distributions', 'relations',
    'training', 'samples', 'stages', 'limits', 'provenance',
  ]  # fmt: skip


def test_reader_sees_broken_html(read_page):
  assert read_page('<p><b>x</p></b>').problems
  assert read_page('<div><p>x</p>').problems
  assert not read_page('<div><p>x</p><br></div>').problems


def test_every_reference_is_a_file_of_the_folder_and_every_file_is_used(tmp_path, full_report, read_page):
  path = write_report(tmp_path / 'r', full_report)
  references = [name for name in read_page(path.read_text()).references() if name != 'data:,']
  written = {file.relative_to(path.parent).as_posix() for file in path.parent.rglob('*') if file.is_file()}
  assert set(references) == written - {'report.html'}
  assert any(name.endswith('.mp4') for name in references)
  assert any(name.endswith('.png') for name in references)


def test_page_names_nothing_outside_itself(tmp_path, full_report):
  text = write_report(tmp_path / 'r', full_report).read_text()
  for loader in ('http:', 'https:', '//cdn', '@import', 'fetch(', 'XMLHttpRequest', 'url('):
    assert loader not in text


def test_hostile_text_stays_text(tmp_path, full_report, read_page):
  clean = read_page(write_report(tmp_path / 'clean', full_report).read_text())
  text = write_report(tmp_path / 'r', hostile(full_report)).read_text()
  page = read_page(text)
  assert page.problems == []
  names = [name for name, _ in page.tags]
  assert names.count('script') == [name for name, _ in clean.tags].count('script')
  assert names.count('img') == [name for name, _ in clean.tags].count('img')
  assert not any('onerror' in attrs for _, attrs in page.tags)
  assert not any('x.example' in name for name in page.references())
  assert page.words.count(HOSTILE) > 25


def test_json_block_cannot_close_its_element():
  block = markup.json_block({'a': '</script><!--', 'b': [1, 2]})
  inside = block.removeprefix('<script type="application/json">').removesuffix('</script>')
  assert '<' not in inside
  assert json.loads(inside) == {'a': '</script><!--', 'b': [1, 2]}


def test_title_alone_gives_a_page_without_sections(tmp_path, read_page):
  folder = tmp_path / 'r'
  page = read_page(write_report(folder, content.ReportContent('Only a title')).read_text())
  assert page.problems == []
  assert page.count('section') == page.count('nav') == page.count('table') == page.count('video') == 0
  assert 'Only a title' in page.text
  assert [file.name for file in folder.iterdir()] == ['report.html']


@pytest.mark.parametrize('part', [f.name for f in dataclasses.fields(content.ReportContent) if f.name != 'title'])
def test_page_without_one_part_is_whole(tmp_path, full_report, read_page, part):
  default = content.ReportContent('x')
  page = read_page(
    write_report(tmp_path / 'r', dataclasses.replace(full_report, **{part: getattr(default, part)})).read_text()
  )
  assert page.problems == []
  assert page.count('section') == 13 - (part not in ('subtitle', 'highlights'))


def test_samples_are_copied_beside_the_page(tmp_path, full_report, read_page):
  page = read_page(write_report(tmp_path / 'r', full_report).read_text())
  assert 'putt <short>' in page.text
  assert page.count('article', class_='panel sample') == 1
  (clip,) = [attrs['src'] for name, attrs in page.tags if name == 'video' and str(attrs.get('preload')) == 'none'
             and (tmp_path / 'r' / str(attrs['src'])).read_bytes() == b'a clip']  # fmt: skip
  assert clip.endswith('.mp4')


def test_results_carry_the_numbers_and_mark_the_best(tmp_path, full_report, read_page):
  page = read_page(write_report(tmp_path / 'r', full_report).read_text())
  for shown in ('49.6', '44.6–52.6', '23.2', '89.3', '8.3', 'precision@5 (%)', 'bootstrap over athletes'):
    assert shown in page.text
  text = (tmp_path / 'r/report.html').read_text()
  assert re.findall(r'<td class="best"><span class="value">([^<]*)', text) == ['49.6']
  assert page.count('tr', class_='ceiling') == 1


def test_simulated_data_is_said_at_the_top(tmp_path, full_report, read_page):
  text = write_report(tmp_path / 'r', full_report).read_text()
  assert 'Simulated athletes' in read_page(text[: text.index('<main')]).text
  real = dataclasses.replace(full_report, provenance=dataclasses.replace(full_report.provenance, data_kind='real'))
  assert 'imulated' not in read_page(write_report(tmp_path / 'r', real).read_text()).text


def test_findings_come_worst_first_and_none_is_good_news(tmp_path, full_report, read_page):
  text = write_report(tmp_path / 'r', full_report).read_text()
  assert text.index('a.mp4') < text.index('b.mp4')
  assert '1 error, 1 note.' in read_page(text).text
  none = content.ReportContent('t', findings=())
  assert 'Nothing was found wrong' in read_page(write_report(tmp_path / 'r', none).read_text()).text


def test_stages_count_all_that_was_left_out_but_list_a_few(tmp_path, read_page):
  skipped = tuple(content.Skip(f'clip {n}', 'no person') for n in range(1234))
  stage = content.Stage('pose', 90, {'frames': 20000}, {'frames': 18766}, skipped, reused=True)
  text = read_page(write_report(tmp_path / 'r', content.ReportContent('t', stages=(stage,))).read_text()).text
  for shown in ('20,000 frames', '18,766 frames', '1,234 × no person', 'and 1,214 more', 'reused', '90 s'):
    assert shown in text
  assert 'clip 19' in text
  assert 'clip 20' not in text


def test_alignment_data_leads_to_the_right_frames(tmp_path, full_report):
  text = write_report(tmp_path / 'r', full_report).read_text()
  data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text).group(1))
  alignment = full_report.alignments[0]
  assert data['path'] == alignment.path.tolist()
  assert data['t_ms'][0] == [0, 40, 80, 120, 160]
  assert '<div class="cost" style="aspect-ratio:1.400" data-size="5 7">' in text
  # Path points are (match, query upwards) at the centres of the matrix's cells.
  assert re.search(r'<polyline points="0\.5,4\.5 1\.5,3\.5 .* 6\.5,0\.5" class="path">', text)


def test_poses_are_placed_at_pixel_centres_and_missing_joints_left_out(tmp_path, full_report):
  text = write_report(tmp_path / 'r', full_report).read_text()
  circles = re.findall(r'<circle cx="([\d.]*)" cy="([\d.]*)"', text)
  scale = 100 / 64
  assert np.allclose(np.array(circles, float), [(10.5 * scale, 5.5 * scale), (3.5 * scale, 20.5 * scale)], atol=1e-3)
  pose = re.search(r'<g class="pose[^>]*>(.*?)</g>', text).group(1)
  assert pose.count('<path') == 1


def test_clips_on_the_page_decode_to_what_was_given(tmp_path, make_clip):
  height, width = 160, 200
  ramp = np.broadcast_to(np.linspace(0, 255, width)[None, None, :, None], (6, height, width, 3)).astype(np.uint8)
  clip = content.Clip('ramp', 'x', ramp, np.arange(6) * 40.0)
  query = content.RankedQuery(clip, (content.Ranking('pose', (content.Match(clip, 0.0),)),))
  path = write_report(tmp_path / 'r', content.ReportContent('t', queries=(query,)))
  files = list((path.parent / 'media').glob('*.mp4'))
  assert len(files) == 1, 'the same clip is written once'
  video = cv2.VideoCapture(str(files[0]))
  frames = []
  while (frame := video.read())[0]:
    frames.append(frame[1])
  assert len(frames) == 6
  assert frames[0].shape == (height, width, 3)
  assert np.abs(frames[3].astype(int) - ramp[3]).mean() < 6


def test_clips_keep_their_own_times_from_zero(tmp_path, make_clip):
  clip = dataclasses.replace(make_clip('late', 0, frames=4), t_ms=np.array([2000.0, 2040, 2120, 2160]))
  query = content.RankedQuery(clip, (content.Ranking('pose', ()),))
  path = write_report(tmp_path / 'r', content.ReportContent('t', queries=(query,)))
  with av.open(str(next((path.parent / 'media').glob('*.mp4')))) as container:
    assert [round(frame.time * 1000) for frame in container.decode(video=0)] == [0, 40, 120, 160]


@pytest.mark.parametrize(('low', 'high'), [(0, 1), (0, 0.0004), (-3, 17), (99, 100), (0, 123456)])
def test_ticks_are_few_round_and_inside(low, high):
  ticks = charts.ticks(low, high)
  assert 2 <= len(ticks) <= 7
  assert low - 1e-9 <= min(ticks)
  assert max(ticks) <= high * (1 + 1e-9)
  steps = np.diff(ticks)
  assert np.allclose(steps, steps[0])
  assert round(steps[0] / 10 ** np.floor(np.log10(steps[0]) + 1e-9), 6) in (1, 2, 5)


def test_line_chart_breaks_at_nan_and_survives_a_single_point():
  nan = np.nan
  line = content.Series('a', np.arange(5.0), np.array([1, 2, nan, 3, 4]))
  drawn = charts.line_chart(content.CurvePanel('loss', 'step', (line,)))
  path = re.search(r'd="([^"]*)" class="line s0"', drawn).group(1)
  assert (path.count('M'), path.count('L')) == (2, 2)
  single = charts.line_chart(content.CurvePanel('loss', 'step', (content.Series('a', np.zeros(1), np.ones(1)),)))
  assert 'nan' not in single
  assert re.search(r'd="M[\d. ]*h0"', single)


def test_long_lines_are_averaged_not_cut():
  x = np.arange(10_000.0)
  drawn = charts.line_chart(content.CurvePanel('loss', 'step', (content.Series('a', x, x),)))
  points = np.array(re.findall(r'[ML]([\d.]+) ([\d.]+)', re.search(r'd="([^"]*)" class="line', drawn).group(1)), float)
  assert 400 < len(points) <= 600
  slope = (points[-1, 1] - points[0, 1]) / (points[-1, 0] - points[0, 0])
  assert np.allclose(points[:, 1], points[0, 1] + slope * (points[:, 0] - points[0, 0]), atol=0.15), 'still straight'


def test_histogram_shares_sum_to_a_hundred_per_cent_each():
  values = {'a': np.random.default_rng(0).random(1000), 'b': np.full(10, 0.5), 'c': np.array([np.nan])}
  drawn = charts.histogram_chart(content.Histogram('t', 'x', values, bins=10))
  heights = []
  for path in re.findall(r'd="([^"]*)" class="area', drawn):
    base = float(re.match(r'M[\d.]+ ([\d.]+)', path).group(1))
    heights.append(sum(base - float(y) for y in re.findall(r'V([\d.]+)H', path)))
  assert heights[0] == pytest.approx(heights[1], abs=1)
  assert heights[2] == 0
  assert 'a (1,000)' in drawn


def test_confusion_tells_each_cell():
  drawn = charts.confusion_chart(content.Confusion('t', ('tuck', 'pike'), np.array([[5, 1], [0, 0]])))
  assert 'tuck taken for pike: 1 (17 %)' in drawn
  assert 'pike taken for pike: 0 (0 %)' in drawn
  assert 'nan' not in drawn
