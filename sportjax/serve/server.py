"""Serves one folder to the browsers of this machine, with byte ranges, without which video does not seek."""

from __future__ import annotations

import functools
import http.server
import os
import pathlib
import socketserver
import sys
import urllib.parse
from http import HTTPStatus

from absl import logging

from sportjax.errors import InputError
from sportjax.serve.ranges import ByteRange, UnsatisfiableError, parse_range

HOST = '127.0.0.1'
PAGE = 'report.html'  # what is at /
_IDLE_S = 60
_CHUNK_BYTES = 1 << 16
_TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
}  # not those of `mimetypes`, which differ from machine to machine

_COMMON = {
  'Accept-Ranges': 'bytes',
  'Cross-Origin-Resource-Policy': 'same-origin',  # other sites' pages must not show the user's videos
  'X-Content-Type-Options': 'nosniff',
}


def serve(folder: pathlib.Path, port: int) -> int:
  """Serves a report's folder until Ctrl-C and returns 0; the address is told on stdout."""
  with ReportServer(folder, port) as server:
    sys.stdout.write(f'{server.url} shows {folder}; Ctrl-C ends it\n')
    sys.stdout.flush()
    try:
      server.serve_forever()
    except KeyboardInterrupt:
      sys.stdout.write('\n')
  return 0


class ReportServer(socketserver.ThreadingTCPServer):
  """Listens on the loopback interface alone; each connection has its thread, which ends with the process."""

  allow_reuse_address = True
  daemon_threads = True
  request_queue_size = 64

  def __init__(self, folder: pathlib.Path, port: int):
    """Port 0 takes a free one. Raises InputError where there is no report in the folder, or the port is taken."""
    if not (folder / PAGE).is_file():
      raise InputError(f'{folder}: no {PAGE} in it; finish a run with this --workdir first')
    try:
      super().__init__((HOST, port), functools.partial(_Handler, folder=folder))
    except OSError as error:
      raise InputError(f'--port={port}: cannot listen there ({error.strerror}); give another one, or 0') from error

  @property
  def url(self) -> str:
    """Where the report is."""
    return f'http://{HOST}:{self.server_address[1]}/'

  def handle_error(self, request, client_address) -> None:
    """Browsers drop connections as they like; anything else is a fault of ours and belongs in the log."""
    if not isinstance(sys.exc_info()[1], ConnectionError):
      logging.exception('answering %s', client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
  protocol_version = 'HTTP/1.1'  # connections stay open from one range to the next
  server_version, sys_version = 'sportjax', ''
  timeout = _IDLE_S
  disable_nagle_algorithm = True

  def __init__(self, *connection, folder: pathlib.Path):
    self._folder = folder
    super().__init__(*connection)  # answers all that is asked on the connection

  def do_GET(self) -> None:  # noqa: N802 (the name is the library's)
    self._answer(send_body=True)

  def do_HEAD(self) -> None:  # noqa: N802
    self._answer(send_body=False)

  def log_message(self, format: str, *args) -> None:
    logging.debug(format, *args)

  def _answer(self, send_body: bool) -> None:
    if not self._asks_this_machine():
      self._refuse(HTTPStatus.FORBIDDEN)
      return
    path = self._file()
    if path is None:
      self._refuse(HTTPStatus.NOT_FOUND)
      return
    with path.open('rb') as file:
      status = os.fstat(file.fileno())
      etag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
      if self.headers['If-None-Match'] == etag:
        self._begin(HTTPStatus.NOT_MODIFIED, {'ETag': etag})
        return
      try:
        part = self._part(status.st_size, etag) if send_body else None
      except UnsatisfiableError:
        self._refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {'Content-Range': f'bytes */{status.st_size}'})
        return
      self._send(file, path, part, status.st_size, etag, send_body)

  def _send(self, file, path: pathlib.Path, part: ByteRange | None, size: int, etag: str, send_body: bool) -> None:
    sent = part or ByteRange(0, size)
    headers = {'Content-Range': f'bytes {sent.start}-{sent.stop - 1}/{size}'} if part else {}
    headers |= {
      'Content-Type': _TYPES.get(path.suffix.lower(), 'application/octet-stream'),
      'Content-Length': str(sent.stop - sent.start),
      'ETag': etag,
    }
    self._begin(HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK, headers)
    if send_body:
      self._copy(file, sent)

  def _copy(self, file, part: ByteRange) -> None:
    file.seek(part.start)
    left = part.stop - part.start
    while left and (data := file.read(min(left, _CHUNK_BYTES))):
      self.wfile.write(data)
      left -= len(data)
    self.close_connection |= bool(left)  # the file shrank: the browser must not wait for the rest

  def _begin(self, status: HTTPStatus, headers: dict[str, str]) -> None:
    self.send_response(status)
    # A report that was written anew must not be shown with the pictures of the one before.
    for name, value in ({'Cache-Control': 'no-cache'} | _COMMON | headers).items():
      self.send_header(name, value)
    self.end_headers()

  def _refuse(self, status: HTTPStatus, headers: dict[str, str] | None = None) -> None:
    body = f'{status.value} {status.phrase}\n'.encode()
    length = {'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': str(len(body))}
    self._begin(status, length | (headers or {}))
    if self.command != 'HEAD':
      self.wfile.write(body)

  def _part(self, size: int, etag: str) -> ByteRange | None:
    """The range asked for, unless it continues another version of the file."""
    if self.headers.get('If-Range', etag) != etag:
      return None
    return parse_range(self.headers['Range'], size)

  def _asks_this_machine(self) -> bool:
    """A page elsewhere can point its own name at 127.0.0.1 and read what is served here; its name gives it away."""
    return self.headers.get('Host', HOST).partition(':')[0].lower() in (HOST, 'localhost')

  def _file(self) -> pathlib.Path | None:
    """The file asked for, if it lies in the folder once every link and '..' is followed."""
    asked = os.fsdecode(urllib.parse.unquote_to_bytes(self.path.partition('?')[0])).lstrip('/') or PAGE
    if '\0' in asked:
      return None
    root = os.path.realpath(self._folder)
    path = pathlib.Path(os.path.realpath(os.path.join(root, asked)))
    return path if path.is_relative_to(root) and os.path.isfile(path) else None
