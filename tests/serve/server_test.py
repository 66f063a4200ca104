import http.client
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

import av
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.serve.server import ReportServer

ROOT = pathlib.Path(__file__).parents[2]
VIDEO = bytes(range(256)) * 1000  # more than one chunk


@pytest.fixture
def report(tmp_path):
  folder = tmp_path / 'run' / 'report'
  (folder / 'media').mkdir(parents=True)
  (folder / 'report.html').write_text('<!doctype html>\n<title>dives</title>\n')
  (folder / 'media' / 'clip.mp4').write_bytes(VIDEO)
  (folder / 'media' / 'éclair 1.png').write_bytes(b'png')
  (folder / 'media' / 'empty.bin').write_bytes(b'')
  (tmp_path / 'run' / 'secret.txt').write_text('secret')
  (tmp_path / 'run' / 'report-old').mkdir()
  (tmp_path / 'run' / 'report-old' / 'report.html').write_text('secret')
  return folder


@pytest.fixture
def server(report):
  with ReportServer(report, 0) as server:
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()


@pytest.fixture
def ask(server):
  connection = http.client.HTTPConnection(*server.server_address, timeout=10)

  def ask(path, method='GET', **headers):
    connection.request(method, path, headers={name.replace('_', '-'): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer, answer.read()

  yield ask
  connection.close()


def test_page_is_at_the_root_and_under_its_name(ask, report):
  for path in ('/', '/report.html', '/?from=mail', '/./media/../report.html'):
    answer, body = ask(path)
    assert (answer.status, body) == (200, (report / 'report.html').read_bytes())
    assert answer.headers['Content-Type'] == 'text/html; charset=utf-8'
    assert answer.headers['X-Content-Type-Options'] == 'nosniff'


@pytest.mark.parametrize(
  ('path', 'kind'),
  [('/media/clip.mp4', 'video/mp4'), ('/media/%C3%A9clair%201.png', 'image/png'),
   ('/media/empty.bin', 'application/octet-stream')],
)  # fmt: skip
def test_whole_file_comes_with_its_type_and_length(ask, report, path, kind):
  answer, body = ask(path)
  assert answer.status == 200
  assert answer.headers['Content-Type'] == kind
  assert answer.headers['Accept-Ranges'] == 'bytes'
  assert int(answer.headers['Content-Length']) == len(body)
  assert body == (VIDEO if kind == 'video/mp4' else b'png' if kind == 'image/png' else b'')


@pytest.mark.parametrize(
  ('asked', 'told', 'body'),
  [
    ('bytes=0-0', 'bytes 0-0/256000', VIDEO[:1]),
    ('bytes=100000-199999', 'bytes 100000-199999/256000', VIDEO[100000:200000]),
    ('bytes=255990-', 'bytes 255990-255999/256000', VIDEO[-10:]),
    ('bytes=-3', 'bytes 255997-255999/256000', VIDEO[-3:]),
    ('bytes=255999-999999', 'bytes 255999-255999/256000', VIDEO[-1:]),
  ],
)
def test_range_gives_just_those_bytes(ask, asked, told, body):
  answer, found = ask('/media/clip.mp4', Range=asked)
  assert (answer.status, answer.headers['Content-Range']) == (206, told)
  assert found == body


def test_range_past_the_end_is_416_with_the_size(ask):
  answer, _ = ask('/media/clip.mp4', Range='bytes=256000-')
  assert (answer.status, answer.headers['Content-Range']) == (416, 'bytes */256000')
  assert ask('/media/clip.mp4', Range='bytes=0-1')[1] == VIDEO[:2]  # the connection goes on


@pytest.mark.parametrize('asked', ['bytes=5-2', 'bytes=x-', 'frames=0-5', 'bytes=0-1,4-5'])
def test_malformed_range_gives_the_whole_file(ask, asked):
  answer, body = ask('/media/clip.mp4', Range=asked)
  assert (answer.status, body) == (200, VIDEO)


def test_head_gives_the_headers_alone_and_knows_no_ranges(ask):
  answer, body = ask('/media/clip.mp4', method='HEAD', Range='bytes=0-0')
  assert (answer.status, answer.headers['Content-Length'], body) == (200, '256000', b'')
  assert ask('/none', method='HEAD')[1] == b''
  assert ask('/media/clip.mp4', Range='bytes=1-1')[1] == VIDEO[1:2]


def test_seen_version_is_not_sent_again_and_a_range_of_an_old_one_gives_the_whole(ask, report):
  etag = ask('/media/clip.mp4')[0].headers['ETag']
  answer, body = ask('/media/clip.mp4', If_None_Match=etag)
  assert (answer.status, body) == (304, b'')
  assert ask('/media/clip.mp4', Range='bytes=0-0', If_Range=etag)[0].status == 206
  (report / 'media' / 'clip.mp4').write_bytes(b'new')
  answer, body = ask('/media/clip.mp4', Range='bytes=0-0', If_Range=etag)
  assert (answer.status, body) == (200, b'new')
  assert ask('/media/clip.mp4', If_None_Match=etag)[1] == b'new'


@pytest.mark.parametrize(
  'path',
  [
    '/none.html', '/media', '/media/', '/..', '/../secret.txt', '/media/../../secret.txt', '/%2e%2e/secret.txt',
    '/..%2fsecret.txt', '/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd', '//etc/passwd', '/%2fetc/passwd',
    '/../report-old/report.html', '/report.html%00.png', '/%ff', '/' + 'a' * 5000, '/..%5csecret.txt',
    '/%252e%252e/secret.txt', 'http://localhost/report.html', '/link.txt', '/linked/secret.txt', '/loop', '/pipe',
  ],
)  # fmt: skip
def test_nothing_outside_the_folder_is_found_and_no_folder_listed(ask, report, path):
  (report / 'link.txt').symlink_to(report.parent / 'secret.txt')
  (report / 'linked').symlink_to(report.parent)
  (report / 'loop').symlink_to('loop')
  os.mkfifo(report / 'pipe')
  answer, body = ask(path)
  assert answer.status == 404
  assert body == b'404 Not Found\n'


def test_a_player_seeks_in_a_video_whose_index_is_at_its_end(server, report):
  path = report / 'media' / 'film.mp4'
  frames = np.random.default_rng(0).integers(0, 255, (60, 64, 64, 3), dtype=np.uint8)
  with av.open(str(path), 'w') as container:  # no faststart
    stream = container.add_stream('libx264', rate=25, options={'g': '10', 'crf': '30'})
    stream.width = stream.height = 64
    for frame in frames:
      container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format='rgb24')))
    container.mux(stream.encode(None))

  def frame_at(place, seconds):
    with av.open(place) as container:
      container.seek(int(seconds * av.time_base))
      return next(f for f in container.decode(video=0) if f.time >= seconds).to_ndarray(format='rgb24')

  for seconds in (2.0, 0.4, 1.2):
    np.testing.assert_array_equal(frame_at(f'{server.url}media/film.mp4', seconds), frame_at(str(path), seconds))


def test_link_inside_the_folder_is_followed(ask, report):
  (report / 'again.mp4').symlink_to('media/clip.mp4')
  assert ask('/again.mp4')[1] == VIDEO


@pytest.mark.parametrize(('host', 'status'), [('localhost:9999', 200), ('127.0.0.1', 200), ('evil.example', 403),
                                              ('127.0.0.1.evil.example', 403), ('', 403)])  # fmt: skip
def test_only_names_of_this_machine_are_answered(ask, host, status):
  assert ask('/', Host=host)[0].status == status


def test_other_methods_are_refused(ask, report):
  assert ask('/report.html', method='PUT')[0].status == 501
  assert ask('/report.html', method='DELETE')[0].status == 501
  assert (report / 'report.html').exists()


def test_listens_on_loopback_alone(server):
  assert server.socket.getsockname()[0] == '127.0.0.1'
  assert server.url == f'http://127.0.0.1:{server.server_address[1]}/'


def test_browsers_that_wait_or_leave_hold_up_nobody(ask, server, report):
  (report / 'media' / 'large.mp4').write_bytes(VIDEO * 40)  # more than fits between the two ends
  waiting = [socket.create_connection(server.server_address) for _ in range(8)]
  for each in waiting:
    each.sendall(b'GET /media/large.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n')
  assert ask('/media/clip.mp4', Range='bytes=-1')[1] == VIDEO[-1:]
  for each in waiting:
    each.close()
  assert ask('/media/clip.mp4', Range='bytes=-1')[1] == VIDEO[-1:]


def test_a_new_report_is_served_at_once(ask, report):
  ask('/')
  report.rename(report.with_name('old'))
  report.mkdir()
  (report / 'report.html').write_text('second')
  assert ask('/')[1] == b'second'


def test_missing_report_and_taken_port_are_told(tmp_path, server, report):
  with pytest.raises(InputError, match=r'no report\.html in it; finish a run'):
    ReportServer(tmp_path, 0)
  with pytest.raises(InputError, match=r'--port=\d+: cannot listen there .*give another one'):
    ReportServer(report, server.server_address[1])


@pytest.fixture
def interruptible():
  """A job in the background is born deaf to SIGINT, and so are its children: give them their ears back."""
  before = signal.signal(signal.SIGINT, signal.default_int_handler)
  yield
  signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures('interruptible')
def test_command_tells_the_address_serves_and_ends_with_ctrl_c(report):
  command = [sys.executable, 'launch.py', '--mode=serve', f'--workdir={report.parent}', '--port=0']
  with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
    line = process.stdout.readline()
    assert line.startswith('http://127.0.0.1:')
    address = line.removeprefix('http://').partition('/')[0]
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request('GET', '/media/clip.mp4', headers={'Range': 'bytes=0-2'})
    assert connection.getresponse().read() == VIDEO[:3]
    connection.close()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
  assert (process.returncode, rest, errors) == (0, '\n', '')


def test_command_without_a_report_ends_with_one_line(tmp_path):
  command = [sys.executable, 'launch.py', '--mode=serve', f'--workdir={tmp_path}', '--port=0']
  done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
  assert done.returncode == 2
  assert done.stderr.startswith('error: ')
  assert done.stderr.count('\n') == 1
