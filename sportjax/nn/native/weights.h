// Weights in the order in which a correlation reads them: panels of kPanel output channels, the last one narrower; in a
// panel all taps and input channels, and for each its output channels padded with zeros to whole vectors.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tiles.h"

namespace sportjax {

inline int64_t Panels(int64_t channels, int64_t panel) { return (channels + panel - 1) / panel; }
inline int64_t Vectors(int64_t channels) { return (channels + kLanes - 1) / kLanes; }
inline int64_t PackedSize(int64_t numbers, int64_t channels) { return numbers * Vectors(channels) * kLanes; }

// Rows of `channels` numbers, `apart` from each other, to one panel's rows.
inline void PackPanel(const float* from, int64_t rows, int64_t apart, int64_t channels, float* to) {
  const int64_t vectors = Vectors(channels);
  for (int64_t i = 0; i < rows; ++i, from += apart, to += vectors * kLanes)
    for (int64_t v = 0; v < vectors; ++v) Store(to + v * kLanes, LoadSome(from + v * kLanes, channels - v * kLanes));
}

// The same for a matrix that lies transposed: `channels` rows of `numbers` each.
inline void PackTransposed(const float* from, int64_t numbers, int64_t apart, int64_t channels, float* to) {
  const int64_t width = Vectors(channels) * kLanes;
  for (int64_t c = 0; c < width; c += kLanes)
    for (int64_t i = 0; i < numbers; i += kLanes) {
      Floats square[kLanes];
      for (int64_t l = 0; l < kLanes; ++l)
        square[l] = c + l < channels ? LoadSome(from + (c + l) * apart + i, numbers - i) : Floats{};
      Transpose<float>(square);
      for (int64_t l = 0; l < std::min<int64_t>(kLanes, numbers - i); ++l) Store(to + (i + l) * width + c, square[l]);
    }
}

}  // namespace sportjax
