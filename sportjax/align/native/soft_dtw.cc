// Soft-DTW and the expected alignment, which is its gradient, for matrices of costs: a matrix to a lane.
//
// The recursion and its backward pass are those of soft_dtw.py: forward keeps the probabilities of the last step into
// each cell, backward walks them in reverse by products and sums. A unit of work is one vector of matrices. Their costs
// come in and their masses go out by squares that are turned on the way between rows of cells and lanes.

#include <algorithm>
#include <vector>

#include "soft_math.h"
#include "parallel.h"

namespace sportjax {
namespace {

namespace ffi = xla::ffi;

constexpr double kFar = 1e10;  // stands for infinity outside the matrix, as in soft_dtw.py
constexpr int kBand = 4;       // rows at a time, each a column behind the one above: their cells do not wait for another

template <class T>
struct Steps {  // probabilities of having come to a cell diagonally and from above; the rest came from the left
  Vector<T> diagonal, above;
};

template <class T>
struct SoftScratch {
  std::vector<Steps<T>> steps;
  std::vector<Vector<T>> costs[kBand], line, mass;
};

template <class T>
struct SoftProblem {
  int64_t batch, height, width;
  const T *costs, *gamma;
  const int32_t *n, *m;
  T *value, *mass;  // mass is null where only the value is asked for
};

template <class T>
class SoftWorker {
 public:
  static constexpr int kLanes = kWidth<T>;
  using V = Vector<T>;

  SoftWorker(const SoftProblem<T>& problem, int64_t unit)
      : problem_(problem), begin_(unit * kLanes), lanes_(std::min<int64_t>(kLanes, problem.batch - begin_)) {
    T gamma[kLanes];
    for (int lane = 0; lane < kLanes; ++lane) {
      const int64_t pair = begin_ + std::min<int64_t>(lane, lanes_ - 1);  // lanes to spare repeat the last matrix
      n_[lane] = problem.n[pair], m_[lane] = problem.m[pair], gamma[lane] = problem.gamma[pair];
      rows_ = std::max<int64_t>(rows_, n_[lane]), columns_ = std::max<int64_t>(columns_, m_[lane]);
    }
    gamma_ = Load<T>(gamma);
    const int64_t padded = (columns_ + kLanes - 1) / kLanes * kLanes;
    for (auto& row : scratch_.costs) row.resize(padded);
    scratch_.line.resize(columns_ + 1);
    if (!problem.mass) return;
    scratch_.mass.resize(padded);
    scratch_.steps.resize(rows_ * columns_);
  }

  // line[j + 1] is column j of the row above the band; line[0] is the virtual column before the first.
  void Forward() {
    auto& line = scratch_.line;
    std::fill(line.begin(), line.end(), Splat<T>(kFar));
    line[0] = V{};  // the virtual cell that only (0, 0) comes from
    for (int64_t top = 0; top < rows_; top += kBand) {
      const int rows = std::min<int64_t>(kBand, rows_ - top);
      for (int r = 0; r < rows; ++r) LoadRow(top + r, scratch_.costs[r].data());
      Band(top, rows);
      line[0] = Splat<T>(kFar);
    }
  }

  void Backward() {
    auto &line = scratch_.line, &mass = scratch_.mass;
    std::fill(line.begin(), line.end(), V{});  // what the row below hands up to each column
    std::fill(mass.begin(), mass.end(), V{});
    for (int64_t i = rows_ - 1; i >= 0; --i) {
      for (int lane = 0; lane < kLanes; ++lane) {
        if (n_[lane] == i + 1) line[m_[lane] - 1][lane] += T(1);
      }
      const Steps<T>* steps = &scratch_.steps[i * columns_];
      V from_right = V{}, slanted = V{};
      for (int64_t j = columns_ - 1; j >= 0; --j) {
        const V here = line[j] + from_right, left = T(1) - steps[j].diagonal - steps[j].above;
        mass[j] = here;
        line[j] = here * steps[j].above + slanted;
        slanted = here * steps[j].diagonal;
        from_right = here * left;
      }
      StoreRow(i);
    }
    for (int64_t lane = 0; lane < lanes_; ++lane) {
      T* mass_out = problem_.mass + (begin_ + lane) * problem_.height * problem_.width;
      std::fill(mass_out + rows_ * problem_.width, mass_out + problem_.height * problem_.width, T(0));
    }
  }

 private:
  void Band(int64_t top, int rows) {
    auto& line = scratch_.line;
    const V far = Splat<T>(kFar), inverse = T(1) / gamma_;
    V value[kBand], before[kBand];  // of each row: its latest cell, and the one before
    for (int r = 0; r < kBand; ++r) value[r] = before[r] = far;
    V corner = line[0];
    bool ends[kBand];
    for (int r = 0; r < rows; ++r) ends[r] = std::count(n_, n_ + lanes_, top + r + 1);
    for (int64_t wave = 0; wave < columns_ + rows - 1; ++wave) {
      // Upwards, so that the row above still holds what it had a wave ago.
      for (int r = rows - 1; r >= 0; --r) {
        const int64_t j = wave - r;
        if (j < 0 || j >= columns_) continue;
        const V up = r ? value[r - 1] : line[j + 1], diagonal = r ? before[r - 1] : corner, left = value[r];
        if (!r) corner = up;
        const V low = Min(Min(diagonal, up), left);
        const V a = Exp<T>((low - diagonal) * inverse), c = Exp<T>((low - up) * inverse);
        const V total = a + c + Exp<T>((low - left) * inverse);
        V share;
        const V here = scratch_.costs[r][j] + low - gamma_ * LogAndInverse<T>(total, &share);
        if (problem_.mass) scratch_.steps[(top + r) * columns_ + j] = {a * share, c * share};
        before[r] = left, value[r] = here;
        if (ends[r]) End(top + r, j, here);
        if (r == rows - 1) line[j + 1] = here;
      }
    }
  }

  void End(int64_t row, int64_t column, V here) {
    for (int lane = 0; lane < lanes_; ++lane) {
      if (n_[lane] == row + 1 && m_[lane] == column + 1) problem_.value[begin_ + lane] = here[lane];
    }
  }

  // One row of the matrices of all lanes, a column to a vector; far outside the matrices, which are not read there.
  void LoadRow(int64_t row, V* out) {
    for (int64_t j = 0; j < columns_; j += kLanes) {
      V square[kLanes];
      for (int lane = 0; lane < kLanes; ++lane) {
        T cells[kLanes];
        const int64_t known = row < n_[lane] ? std::clamp<int64_t>(m_[lane] - j, 0, kLanes) : 0;
        const int64_t pair = begin_ + std::min<int64_t>(lane, lanes_ - 1);
        const T* from = problem_.costs + (pair * problem_.height + row) * problem_.width + j;
        if (known == kLanes) {
          square[lane] = Load<T>(from);
          continue;
        }
        for (int i = 0; i < kLanes; ++i) cells[i] = i < known ? from[i] : T(kFar);
        square[lane] = Load<T>(cells);
      }
      Transpose<T>(square);
      for (int i = 0; i < kLanes; ++i) out[j + i] = square[i];
    }
  }

  void StoreRow(int64_t row) {
    for (int64_t j = 0; j < problem_.width; j += kLanes) {
      V square[kLanes] = {};
      if (j < columns_) std::copy(&scratch_.mass[j], &scratch_.mass[j] + kLanes, square);
      Transpose<T>(square);
      const int64_t cells = std::min<int64_t>(kLanes, problem_.width - j);
      for (int64_t lane = 0; lane < lanes_; ++lane) {
        T* to = problem_.mass + ((begin_ + lane) * problem_.height + row) * problem_.width + j;
        if (cells == kLanes) {
          Store(to, square[lane]);
        } else {
          std::memcpy(to, &square[lane], cells * sizeof(T));
        }
      }
    }
  }

  const SoftProblem<T>& problem_;
  const int64_t begin_, lanes_;
  int64_t rows_ = 1, columns_ = 1;
  int64_t n_[kLanes], m_[kLanes];
  V gamma_;
  static inline thread_local SoftScratch<T> scratch_;  // kept by the thread, as in dtw.cc
};

template <class T>
ffi::Error SoftRun(ffi::ThreadPool& pool, const ffi::AnyBuffer& costs, const ffi::AnyBuffer& gamma, const int32_t* n,
                   const int32_t* m, ffi::AnyBuffer& value, ffi::AnyBuffer* mass) {
  const auto shape = costs.dimensions();
  const int64_t height = shape[shape.size() - 2], width = shape[shape.size() - 1];
  const SoftProblem<T> problem = {static_cast<int64_t>(gamma.element_count()), height, width,
                                  reinterpret_cast<const T*>(costs.untyped_data()),
                                  reinterpret_cast<const T*>(gamma.untyped_data()), n, m,
                                  reinterpret_cast<T*>(value.untyped_data()),
                                  mass ? reinterpret_cast<T*>(mass->untyped_data()) : nullptr};
  ParallelFor(pool, (problem.batch + kWidth<T> - 1) / kWidth<T>, [&](int64_t unit) {
    SoftWorker<T> worker(problem, unit);
    worker.Forward();
    if (problem.mass) worker.Backward();
  });
  return ffi::Error::Success();
}

ffi::Error SoftDispatch(ffi::ThreadPool& pool, const ffi::AnyBuffer& costs, const ffi::AnyBuffer& gamma,
                        const int32_t* n, const int32_t* m, ffi::AnyBuffer& value, ffi::AnyBuffer* mass) {
  if (costs.element_type() == ffi::F32) return SoftRun<float>(pool, costs, gamma, n, m, value, mass);
  if (costs.element_type() == ffi::F64) return SoftRun<double>(pool, costs, gamma, n, m, value, mass);
  return ffi::Error::InvalidArgument("costs are neither float32 nor float64");
}

ffi::Error SoftDtw(ffi::ThreadPool pool, ffi::AnyBuffer costs, ffi::AnyBuffer gamma, ffi::Buffer<ffi::S32> n,
                   ffi::Buffer<ffi::S32> m, ffi::Result<ffi::AnyBuffer> value) {
  return SoftDispatch(pool, costs, gamma, n.typed_data(), m.typed_data(), *value, nullptr);
}

ffi::Error SoftDtwMass(ffi::ThreadPool pool, ffi::AnyBuffer costs, ffi::AnyBuffer gamma, ffi::Buffer<ffi::S32> n,
                       ffi::Buffer<ffi::S32> m, ffi::Result<ffi::AnyBuffer> value, ffi::Result<ffi::AnyBuffer> mass) {
  ffi::AnyBuffer out = *mass;
  return SoftDispatch(pool, costs, gamma, n.typed_data(), m.typed_data(), *value, &out);
}

}  // namespace
}  // namespace sportjax

#define SPORTJAX_SOFT_DTW_ARGUMENTS       \
  xla::ffi::Ffi::Bind()                   \
      .Ctx<xla::ffi::ThreadPool>()        \
      .Arg<xla::ffi::AnyBuffer>()         \
      .Arg<xla::ffi::AnyBuffer>()         \
      .Arg<xla::ffi::Buffer<xla::ffi::S32>>() \
      .Arg<xla::ffi::Buffer<xla::ffi::S32>>() \
      .Ret<xla::ffi::AnyBuffer>()

XLA_FFI_DEFINE_HANDLER_SYMBOL(SportjaxSoftDtw, sportjax::SoftDtw, SPORTJAX_SOFT_DTW_ARGUMENTS);
XLA_FFI_DEFINE_HANDLER_SYMBOL(SportjaxSoftDtwMass, sportjax::SoftDtwMass,
                              SPORTJAX_SOFT_DTW_ARGUMENTS.Ret<xla::ffi::AnyBuffer>());
