// Scores of dynamic time warping of queries against tiles of clips: a clip to a lane, costs and recurrence in one pass.
//
// A unit of work is some queries and two vectors of lanes of one tile. Column by column of the clips, the costs of a
// register block of the query's rows come from a small GEMM and go straight into the recurrence, so that no cost matrix
// is ever in memory. Of each column only the rows are visited that some path of some of the lanes can pass. All step
// patterns are symmetric, so that columns may go where the textbook has rows.
//
// Sums run over the features in one order in products and norms alike, which makes the distance of equal frames 0.

#include <algorithm>
#include <utility>
#include <vector>

#include "costs.h"
#include "pack.h"
#include "parallel.h"

namespace sportjax {
namespace {

namespace ffi = xla::ffi;

enum class Pattern { kSymmetric1, kSymmetric2, kSymmetricP1, kSymmetricP2 };

constexpr int kMargin = 4;   // rows around a column's own that steps from it may look at
constexpr int kHistory = 4;  // columns of cumulated costs at most: the widest step comes from three before
constexpr int kAhead = 1;    // columns that frames are fetched ahead: memory is far, and a column is short work

struct Problem {
  int64_t queries, width, rows;   // x is (queries, width, rows): frames last
  int64_t tiles, columns, lanes;  // y is (tiles, columns, width, lanes)
  int64_t low, high;  // (columns, rows) of the steepest step; 0: any slope
};

int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

bool Feasible(int64_t n, int64_t m, const Problem& problem) {
  const int64_t shorter = std::min(n, m) - 1, longer = std::max(n, m) - 1;
  return shorter >= 0 && problem.low * longer <= problem.high * shorter;
}

// Rows of a column that a path to (n - 1, m - 1) can pass, m from `shortest` to `longest`; first and one behind last.
// One more to each side, because the cells that a slanted step passes over may lie just outside.
std::pair<int64_t, int64_t> Reach(int64_t column, int64_t n, int64_t shortest, int64_t longest, const Problem& problem) {
  const auto [low, high] = std::pair(problem.low, problem.high);
  if (!low) return {0, n};
  const int64_t left = longest - 1 - column, least = std::max<int64_t>(shortest - 1 - column, 0);
  const int64_t first = std::max(CeilDivide(low * column, high), n - 1 - high * left / low);
  const int64_t last = std::min(high * column / low, n - 1 - CeilDivide(low * least, high));
  return {std::max<int64_t>(first - 1, 0), std::min(last + 2, n)};
}

// The latest columns at a block of rows; [-1] is the row above the block. back = 0 is the column being made.
template <class T>
struct Columns {
  Pair<T>*total[kHistory], *cost[2], *slant[2];
};

// A slanted step of P2 passes over two cells that lie on a diagonal: their sum `slant` serves both slants.
template <class T, Pattern pattern>
void Advance(const Columns<T>& at, int64_t begin, int64_t rows) {
  const auto cell = [&](int64_t r, Vector<T> Pair<T>::* lane) -> Vector<T> {
    const Vector<T> here = at.cost[0][r].*lane, diagonal = at.total[1][r - 1].*lane + here;
    if constexpr (pattern == Pattern::kSymmetric1 || pattern == Pattern::kSymmetric2) {
      const Vector<T> straight = at.total[1][r].*lane;
      const Vector<T> slanted = pattern == Pattern::kSymmetric1 ? at.total[1][r - 1].*lane : diagonal;
      return here + Min(Min(straight, slanted), at.total[0][r - 1].*lane);
    } else if constexpr (pattern == Pattern::kSymmetricP1) {
      const Vector<T> flat = at.total[2][r - 1].*lane + T(2) * (at.cost[1][r].*lane);
      const Vector<T> steep = at.total[1][r - 2].*lane + T(2) * (at.cost[0][r - 1].*lane);
      return here + Min(Min(flat, diagonal), steep);
    } else {
      at.slant[0][r].*lane = T(2) * (at.cost[1][r - 1].*lane + here);
      const Vector<T> flat = at.total[3][r - 2].*lane + at.slant[1][r].*lane;
      const Vector<T> steep = at.total[2][r - 3].*lane + at.slant[0][r - 1].*lane;
      return here + Min(Min(flat, diagonal), steep);
    }
  };
  for (int64_t r = begin; r < rows; ++r) at.total[0][r] = {cell(r, &Pair<T>::a), cell(r, &Pair<T>::b)};
}

template <class T>
using AdvanceFunction = void (*)(const Columns<T>&, int64_t, int64_t);

template <class T>
AdvanceFunction<T> AdvanceOf(Pattern pattern) {
  switch (pattern) {
    case Pattern::kSymmetric1:
      return Advance<T, Pattern::kSymmetric1>;
    case Pattern::kSymmetric2:
      return Advance<T, Pattern::kSymmetric2>;
    case Pattern::kSymmetricP1:
      return Advance<T, Pattern::kSymmetricP1>;
    default:
      return Advance<T, Pattern::kSymmetricP2>;
  }
}

// Columns of cumulated costs that a pattern looks at, its own among them; no more are kept, to stay in the cache.
int History(Pattern pattern) {
  return pattern == Pattern::kSymmetricP2 ? 4 : pattern == Pattern::kSymmetricP1 ? 3 : 2;
}

template <class T>
struct Scratch {
  std::vector<Pair<T>> panel, yy, total[kHistory], cost[2], slant[2];
  std::vector<T> norms;
};

template <class T, class Stored>
class Worker {
 public:
  static constexpr int kGroup = 2 * kWidth<T>;

  Worker(const Problem& problem, Pattern pattern, Cost cost, const T* x, const int32_t* n, const Stored* y,
         const int32_t* m, T* out)
      : problem_(problem), history_(History(pattern)), advance_(AdvanceOf<T>(pattern)), blocks_(Blocks<T>(cost)), x_(x), n_(n), y_(y), m_(m),
        out_(out) {}

  // Queries [begin, end) against one group of lanes of one tile.
  void Run(int64_t begin, int64_t end, int64_t tile, int64_t group) {
    tile_ = tile, lane_ = group * kGroup;
    lanes_ = std::min<int64_t>(kGroup, problem_.lanes - lane_);
    // A single query reads a column once: one place then serves them all and stays in the nearest cache.
    stride_ = end - begin > 1 ? problem_.width : 0;
    scratch_.panel.resize(stride_ ? problem_.columns * stride_ : problem_.width);
    scratch_.yy.resize(problem_.columns);
    scratch_.norms.resize(problem_.rows);
    for (auto& column : scratch_.total) column.resize(problem_.rows + 2 * kMargin);
    for (auto& column : scratch_.cost) column.resize(problem_.rows + 2 * kMargin);
    for (auto& column : scratch_.slant) column.resize(problem_.rows + 2 * kMargin);
    packed_ = 0;
    for (int64_t query = begin; query < end; ++query) Align(query);
  }

 private:
  void Align(int64_t query) {
    const int64_t n = n_[query];
    const int32_t* m = m_ + tile_ * problem_.lanes + lane_;
    T* out = out_ + (query * problem_.tiles + tile_) * problem_.lanes + lane_;
    std::fill(out, out + lanes_, std::numeric_limits<T>::infinity());
    int64_t shortest = std::numeric_limits<int64_t>::max(), longest = 0;
    for (int64_t lane = 0; lane < lanes_; ++lane) {
      if (!Feasible(n, m[lane], problem_)) continue;
      shortest = std::min<int64_t>(shortest, m[lane]), longest = std::max<int64_t>(longest, m[lane]);
    }
    if (!longest) return;
    Start(x_ + query * problem_.width * problem_.rows, n);
    // A frame with NaN makes every path NaN, but the minimum of NaN and infinity may be either: its norm tells.
    typename Traits<T>::Whole unknown[2] = {};
    for (int64_t row = 0; row < n; ++row) {
      if (std::isnan(scratch_.norms[row])) unknown[0] = unknown[1] = ~(unknown[0] & 0);
    }
    for (int64_t column = 0; column < longest; ++column) {
      if (column >= packed_ || !stride_) Pack(column);
      Column(x_ + query * problem_.width * problem_.rows, n, column, Reach(column, n, shortest, longest, problem_));
      unknown[0] |= scratch_.yy[column].a != scratch_.yy[column].a;
      unknown[1] |= scratch_.yy[column].b != scratch_.yy[column].b;
      if (column + 1 < shortest) continue;
      const T* scores = reinterpret_cast<const T*>(&scratch_.total[column % history_][n - 1 + kMargin]);
      for (int64_t lane = 0; lane < lanes_; ++lane) {
        if (m[lane] != column + 1 || !Feasible(n, m[lane], problem_)) continue;
        const bool lost = unknown[lane / kWidth<T>][lane % kWidth<T>];
        out[lane] = lost ? std::numeric_limits<T>::quiet_NaN() : scores[lane];
      }
    }
  }

  void Start(const T* x, int64_t n) {
    const auto none = None();
    for (auto& column : scratch_.total) std::fill(column.begin(), column.end(), none);
    for (auto& column : scratch_.cost) std::fill(column.begin(), column.end(), Pair<T>{});
    for (auto& column : scratch_.slant) std::fill(column.begin(), column.end(), Pair<T>{});
    std::fill(scratch_.norms.begin(), scratch_.norms.end(), T(0));
    for (int64_t k = 0; k < problem_.width; ++k, x += problem_.rows) {
      for (int64_t row = 0; row < n; ++row) scratch_.norms[row] += x[row] * x[row];
    }
  }

  const Stored* Frames(int64_t column) const {
    return y_ + (tile_ * problem_.columns + column) * problem_.width * problem_.lanes + lane_;
  }

  void Pack(int64_t column) {
    scratch_.yy[column] = PackColumn<T>(Frames(column), problem_.lanes, lanes_, problem_.width,
                                      &scratch_.panel[column * stride_]);
    packed_ = column + 1;
  }

  // Has a later column's frames, which are read once, brought near while this column's costs are worked out. Inlined by
  // force: GCC takes a function that only prefetches for one without effect, and leaves out the call.
  __attribute__((always_inline)) void Prefetch(int64_t column, int64_t part, int64_t parts) const {
    const Stored* from = Frames(column);
    constexpr int64_t line = 64 / sizeof(Stored);
    for (int64_t k = problem_.width * part / parts; k < problem_.width * (part + 1) / parts; ++k) {
      for (int64_t lane = 0; lane < lanes_; lane += line) __builtin_prefetch(from + k * problem_.lanes + lane);
    }
  }

  void Column(const T* x, int64_t n, int64_t column, std::pair<int64_t, int64_t> reach) {
    const auto [first, last] = reach;
    Pair<T>* total = scratch_.total[column % history_].data() + kMargin;
    for (int64_t row = first - kMargin; row < first; ++row) total[row] = None();
    const int64_t blocks = CeilDivide(last - first, kRows);
    const bool fetch = column + kAhead < problem_.columns && column + 1 >= packed_;
    for (int64_t block = 0; block < blocks; ++block) {
      if (fetch) Prefetch(column + kAhead, block, blocks);
      const int64_t top = first + (last - first) * block / blocks;
      const int64_t rows = first + (last - first) * (block + 1) / blocks - top;
      const Columns<T> at = At(column, top);
      blocks_[rows - 1](x + top, problem_.rows, &scratch_.norms[top], &scratch_.panel[column * stride_], scratch_.yy[column], problem_.width,
                        at.cost[0]);
      const bool start = column == 0 && top == 0;
      if (start) at.total[0][0] = at.cost[0][0], at.slant[0][0] = {T(2) * at.cost[0][0].a, T(2) * at.cost[0][0].b};
      advance_(at, start, rows);
    }
    for (int64_t row = last; row < std::min(last, n) + kMargin; ++row) total[row] = None();
  }

  Columns<T> At(int64_t column, int64_t top) {
    Columns<T> at;
    for (int back = 0; back < kHistory; ++back) {
      at.total[back] = scratch_.total[(column + kHistory * history_ - back) % history_].data() + kMargin + top;
    }
    for (int back = 0; back < 2; ++back) {
      at.cost[back] = scratch_.cost[(column + back) % 2].data() + kMargin + top;
      at.slant[back] = scratch_.slant[(column + back) % 2].data() + kMargin + top;
    }
    return at;
  }

  static Pair<T> None() {
    const Vector<T> none = Splat(std::numeric_limits<T>::infinity());
    return {none, none};
  }

  const Problem problem_;
  const int history_;
  const AdvanceFunction<T> advance_;
  const std::array<BlockFunction<T>, kRows> blocks_;
  const T* const x_;
  const int32_t* const n_;
  const Stored* const y_;
  const int32_t* const m_;
  T* const out_;
  int64_t tile_ = 0, lane_ = 0, lanes_ = 0, stride_ = 0, packed_ = 0;
  // Kept by the thread from call to call: fresh memory of this size would be paged in anew by every call.
  static inline thread_local Scratch<T> scratch_;
};

template <class T, class Stored>
void Run(ffi::ThreadPool& pool, const Problem& problem, Pattern pattern, Cost cost, ffi::AnyBuffer x,
         const int32_t* n, ffi::AnyBuffer y, const int32_t* m, ffi::AnyBuffer& out) {
  const int64_t groups = CeilDivide(problem.lanes, Worker<T, Stored>::kGroup);
  // Queries of a unit share the packed columns; there are a few units for each thread to take.
  const int64_t tiles = problem.tiles * groups;
  const int64_t parts = std::clamp<int64_t>(CeilDivide(4 * pool.num_threads(), std::max<int64_t>(tiles, 1)), 1,
                                            std::max<int64_t>(problem.queries, 1));
  ParallelFor(pool, tiles * parts, [&](int64_t unit) {
    const int64_t part = unit % parts, tile = unit / parts / groups, group = unit / parts % groups;
    Worker<T, Stored> worker(problem, pattern, cost, reinterpret_cast<const T*>(x.untyped_data()), n,
                             reinterpret_cast<const Stored*>(y.untyped_data()), m,
                             reinterpret_cast<T*>(out.untyped_data()));
    worker.Run(problem.queries * part / parts, problem.queries * (part + 1) / parts, tile, group);
  });
}

ffi::Error Dtw(ffi::ThreadPool pool, ffi::AnyBuffer x, ffi::Buffer<ffi::S32> n, ffi::AnyBuffer y,
               ffi::Buffer<ffi::S32> m, ffi::Result<ffi::AnyBuffer> out, int64_t pattern, int64_t cost, int64_t low,
               int64_t high) {
  const auto a = x.dimensions(), b = y.dimensions();
  if (a.size() != 3 || b.size() != 4 || a[1] != b[2]) return ffi::Error::InvalidArgument("shapes of x and y differ");
  const Problem problem = {a[0], a[1], a[2], b[0], b[1], b[3], low, high};
  const auto run = [&](auto compute, auto stored) {
    Run<decltype(compute), decltype(stored)>(pool, problem, static_cast<Pattern>(pattern), static_cast<Cost>(cost), x,
                                             n.typed_data(), y, m.typed_data(), *out);
    return ffi::Error::Success();
  };
  if (y.element_type() == ffi::F64) return run(double(), double());
  if (y.element_type() == ffi::F32) return run(float(), float());
  if (y.element_type() == ffi::BF16) return run(float(), BFloat16());
  if (y.element_type() == ffi::F16) return run(float(), Float16());
  return ffi::Error::InvalidArgument("features are none of float64, float32, bfloat16, float16");
}

}  // namespace
}  // namespace sportjax

XLA_FFI_DEFINE_HANDLER_SYMBOL(SportjaxDtw, sportjax::Dtw,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Arg<xla::ffi::Buffer<xla::ffi::S32>>()
                                  .Arg<xla::ffi::AnyBuffer>()
                                  .Arg<xla::ffi::Buffer<xla::ffi::S32>>()
                                  .Ret<xla::ffi::AnyBuffer>()
                                  .Attr<int64_t>("pattern")
                                  .Attr<int64_t>("cost")
                                  .Attr<int64_t>("low")
                                  .Attr<int64_t>("high"));
