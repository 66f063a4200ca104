import pytest

from sportjax.serve.ranges import ByteRange, UnsatisfiableError, parse_range


@pytest.mark.parametrize(
  ('header', 'start', 'stop'),  # of 10000 bytes: the examples of RFC 9110, section 14.1.2
  [
    ('bytes=0-499', 0, 500),
    ('bytes=500-999', 500, 1000),
    ('bytes=-500', 9500, 10000),
    ('bytes=9500-', 9500, 10000),
    ('bytes=0-0', 0, 1),
    ('bytes=-1', 9999, 10000),
    ('bytes=9999-20000', 9999, 10000),
    ('bytes=-20000', 0, 10000),
    (' bytes=0- ', 0, 10000),
  ],
)
def test_range_is_that_of_the_standard(header, start, stop):
  assert parse_range(header, 10000) == ByteRange(start, stop)


@pytest.mark.parametrize(
  'header',
  [None, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=a-b', 'bytes=1.5-2', 'bytes=--5', 'items=0-5', '0-5',
   'bytes=0-1,5-6', 'bytes=0-1 x', 'bytes=+1-2', 'bytes=' + '9' * 5000 + '-'],
)  # fmt: skip
def test_malformed_or_several_ranges_mean_the_whole_file(header):
  assert parse_range(header, 10000) is None


@pytest.mark.parametrize(('header', 'size'), [('bytes=10-', 10), ('bytes=10-20', 10), ('bytes=-0', 10), ('bytes=0-', 0),
                                              ('bytes=-5', 0)])  # fmt: skip
def test_range_past_the_end_is_refused(header, size):
  with pytest.raises(UnsatisfiableError):
    parse_range(header, size)
