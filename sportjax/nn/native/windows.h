// Where each output pixel's window begins, in a copy of the image with zeros around it: within a window a row's taps
// and channels lie side by side, so that the loops above see long runs and no borders.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tiles.h"

namespace sportjax {

struct Images {
  int64_t n, h, w, c;
  int64_t Size() const { return n * h * w * c; }
};

// Output (p, q) of an image sums over taps (y, x) of the source at (p * stride + y - top, q * stride + x - left).
struct Correlation {
  const float* source;
  Images from;
  int64_t height, width, stride, top, left;  // of the taps
  int64_t p, q;                              // rows and columns of outputs

  int64_t Run() const { return width * from.c; }
  // Whether no window reaches beyond the image.
  bool Inside() const {
    return top <= 0 && left <= 0 && (p - 1) * stride + height - top <= from.h &&
           (q - 1) * stride + width - left <= from.w;
  }
};

constexpr int64_t kCopyBytes = 1 << 18;  // a quarter of a usual second-level cache
constexpr int64_t kFewPixels = 256;      // below, loading the weights would take longer than using them

// The outputs in bands of rows of one image, several bands to a group; a group is what one thread does at a time.
class Bands {
 public:
  explicit Bands(const Correlation& of) : of_(of) {
    const int64_t row_bytes = Columns() * of.from.c * sizeof(float);
    rows_ = std::clamp<int64_t>((kCopyBytes / row_bytes - of.height) / of.stride + 1, 1, of.p);
    per_image_ = (of.p + rows_ - 1) / rows_;
    const int64_t by_size = kCopyBytes / (CopyRows(rows_) * row_bytes), by_pixels = kFewPixels / (rows_ * of.q) + 1;
    group_ = std::clamp<int64_t>(std::max(by_size, by_pixels), 1, Count());
  }

  int64_t Count() const { return of_.from.n * per_image_; }
  int64_t Groups() const { return (Count() + group_ - 1) / group_; }
  int64_t Group() const { return group_; }
  int64_t Columns() const { return (of_.q - 1) * of_.stride + of_.width; }
  int64_t CopyRows(int64_t rows) const { return (rows - 1) * of_.stride + of_.height; }
  int64_t Image(int64_t band) const { return band / per_image_; }
  int64_t Begin(int64_t band) const { return band % per_image_ * rows_; }
  int64_t End(int64_t band) const { return std::min(of_.p, Begin(band) + rows_); }

 private:
  const Correlation& of_;
  int64_t rows_, per_image_, group_;
};

// The windows of some bands' pixels, in the order of the outputs. Up to kSums numbers behind a copied window can be
// read, none behind one `in_place`. Behind the last pixel it is repeated for a tile's length.
class Windows {
 public:
  void Fill(const Correlation& of, const Bands& bands, int64_t begin, int64_t end, bool in_place) {
    const int64_t columns = in_place ? of.from.w : bands.Columns(), c = of.from.c;
    down_ = columns * c;
    const int64_t size = (end - begin) * bands.CopyRows(bands.End(0)) * down_ + kSums;
    float* copy = in_place ? nullptr : copy_.Grown(size);
    at_.resize((end - begin) * bands.End(0) * of.q + kMostPixels);
    const float** at = at_.data();
    for (int64_t band = begin; band < end; ++band) {
      const int64_t first = bands.Begin(band) * of.stride - of.top, rows = bands.End(band) - bands.Begin(band);
      const float* image = of.source + bands.Image(band) * of.from.h * of.from.w * c;
      const float* start = in_place ? image + (first * of.from.w - of.left) * c : copy;
      for (int64_t p = 0; p < rows; ++p)
        for (int64_t q = 0; q < of.q; ++q) *at++ = start + p * of.stride * down_ + q * of.stride * c;
      if (in_place) continue;
      for (int64_t y = first; y < first + bands.CopyRows(rows); ++y, copy += down_) CopyRow(of, image, y, copy);
    }
    count_ = at - at_.data();
    std::fill_n(at, kMostPixels, at[-1]);
  }

  const float* const* At() const { return at_.data(); }
  int64_t Count() const { return count_; }
  int64_t Down() const { return down_; }

 private:
  void CopyRow(const Correlation& of, const float* image, int64_t y, float* to) const {
    const int64_t c = of.from.c, columns = down_ / c;
    const int64_t begin = std::clamp<int64_t>(of.left, 0, columns);
    const int64_t end = y < 0 || y >= of.from.h ? begin : std::clamp<int64_t>(of.from.w + of.left, begin, columns);
    std::fill(to, to + begin * c, 0.f);
    std::copy_n(image + (y * of.from.w + begin - of.left) * c, (end - begin) * c, to + begin * c);
    std::fill(to + end * c, to + down_, 0.f);
  }

  Buffer copy_;
  std::vector<const float*> at_;
  int64_t count_, down_;
};

}  // namespace sportjax
