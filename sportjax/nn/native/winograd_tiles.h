// Winograd's forms of a correlation of 4 x 4 inputs by 3 x 3 weights to 2 x 2 outputs, F(2 x 2, 3 x 3), and of the
// gradient by the weights, F(3 x 3, 2 x 2): operands are spread over 16 sums, multiplied, and the products gathered.
// 16 multiplications for 36. Source: Lavin & Gray 2016.
#pragma once

#include <cstdint>

#include "windows.h"

namespace sportjax {

constexpr int kSpread = 4 * 4;

// One direction of each transformation.
struct SpreadInput {
  static constexpr int from = 4, to = 4;
  static SPORTJAX_INLINE inline void Line(const Floats* in, Floats* out) {
    out[0] = in[0] - in[2];
    out[1] = in[1] + in[2];
    out[2] = in[2] - in[1];
    out[3] = in[1] - in[3];
  }
};
struct SpreadKernel {
  static constexpr int from = 3, to = 4;
  static SPORTJAX_INLINE inline void Line(const Floats* in, Floats* out) {
    const Floats outer = 0.5f * (in[0] + in[2]), inner = 0.5f * in[1];
    out[0] = in[0];
    out[1] = outer + inner;
    out[2] = outer - inner;
    out[3] = in[2];
  }
};
struct GatherOutput {
  static constexpr int from = 4, to = 2;
  static SPORTJAX_INLINE inline void Line(const Floats* in, Floats* out) {
    out[0] = in[0] + in[1] + in[2];
    out[1] = in[1] - in[2] - in[3];
  }
};

struct SpreadGradient {
  static constexpr int from = 2, to = 4;
  static SPORTJAX_INLINE inline void Line(const Floats* in, Floats* out) {
    out[0] = in[0];
    out[1] = 0.5f * (in[0] + in[1]);
    out[2] = 0.5f * (in[0] - in[1]);
    out[3] = in[1];
  }
};
struct GatherKernel {
  static constexpr int from = 4, to = 3;
  static SPORTJAX_INLINE inline void Line(const Floats* in, Floats* out) {
    const Floats both = in[1] + in[2];
    out[0] = in[0] + both;
    out[1] = in[1] - in[2];
    out[2] = both - in[3];
  }
};

// Both directions: `in(i, j)` to `out(i, j, vector)`.
template <class Form, class In, class Out>
inline SPORTJAX_INLINE void TransformSquare(const In& in, const Out& out) {
  Floats half[Form::to][Form::from];
  Each<Form::from>([&](auto j) SPORTJAX_INLINE {
    Floats column[Form::from], changed[Form::to];
    Each<Form::from>([&](auto i) SPORTJAX_INLINE { column[i] = in(i, j); });
    Form::Line(column, changed);
    Each<Form::to>([&](auto i) SPORTJAX_INLINE { half[i][j] = changed[i]; });
  });
  Each<Form::to>([&](auto i) SPORTJAX_INLINE {
    Floats changed[Form::to];
    Form::Line(half[i], changed);
    Each<Form::to>([&](auto j) SPORTJAX_INLINE { out(i, j, changed[j]); });
  });
}

// The tiles of 2 x 2 outputs, image by image.
struct WinogradTiles {
  Images of;  // outputs; inputs have their height and width

  struct Tile {
    int64_t image, row, column;  // of the first output
  };
  int64_t Rows() const { return (of.h + 1) / 2; }
  int64_t Columns() const { return (of.w + 1) / 2; }
  int64_t Count() const { return of.n * Rows() * Columns(); }
  Tile At(int64_t tile) const {
    return {tile / (Rows() * Columns()), tile / Columns() % Rows() * 2, tile % Columns() * 2};
  }
};

// Spreads the square of `Form::from` pixels of an image from (row, column) on, zero outside: for each vector of
// channels from `begin` to `end` calls `store(channel, i, j, vector)`.
template <class Form, class Store>
inline void SpreadPixels(const float* source, const Images& of, int64_t image, int64_t row, int64_t column,
                         int64_t begin, int64_t end, const Store& store) {
  const float* start = source + ((image * of.h + row) * of.w + column) * of.c;
  const bool inside = row >= 0 && column >= 0 && row + Form::from <= of.h && column + Form::from <= of.w;
  for (int64_t c = begin; c < end; c += kLanes) {
    const auto put = [&](int i, int j, Floats v) SPORTJAX_INLINE { store(c, i, j, v); };
    const auto load = [&](int i, int j) SPORTJAX_INLINE { return Load(start + (i * of.w + j) * of.c + c); };
    const auto load_inside = [&](int i, int j) SPORTJAX_INLINE {
      const bool there = row + i >= 0 && row + i < of.h && column + j >= 0 && column + j < of.w;
      return there ? load(i, j) : Floats{};
    };
    if (inside) TransformSquare<Form>(load, put);
    else TransformSquare<Form>(load_inside, put);
  }
}

// Where the form is faster: channels enough to outweigh the transformations of tiles, tiles enough for the kernel's.
inline bool WinogradSuits(const Images& from, const Images& to, int64_t size, int64_t stride) {
  return size == 3 && stride == 1 && from.c % kLanes == 0 && to.c % kLanes == 0 && from.c >= 64 && to.c >= 64 &&
         WinogradTiles{to}.Count() >= 48;
}

}  // namespace sportjax
