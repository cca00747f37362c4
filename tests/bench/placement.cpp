// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bench-placement HOSTS SECONDS: how many placements a core makes in a second, as one JSON object.  Run
// by scripts/bench placement.
#include <fmt/core.h>

#include <cstdlib>
#include <ctime>
#include <random>

#include "support/candidates.h"

namespace inxt {
namespace {

double cpu_s() {
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Bench {
 public:
  Bench(std::uint32_t hosts, double seconds) : seconds_(seconds) {
    for (std::uint32_t i = 0; i < hosts; ++i) {
      auto candidate =
          i % 20 == 0 ? testing::new_candidate(i, 500 * testing::kGiB) : testing::good_candidate(i);
      candidate.operator_group =
          random_() % 2 == 0 ? 0 : static_cast<std::uint32_t>(random_() % (hosts / 8 + 1));
      candidate.domain = random_() % 2 == 0 ? 0 : static_cast<std::uint32_t>(random_() % (hosts / 50 + 1));
      candidate.network = random_() % hosts + 1;
      candidate.free_bytes = random_() % (1000 * testing::kGiB);
      candidates_.push_back(candidate);
    }
    pool_ = make_pool();
  }

  /// Rounds of `work` a CPU second.
  template <class Work>
  double rate(Work work) {
    std::uint64_t rounds = 0;
    const double begun = cpu_s();
    double took = 0;
    for (; took < seconds_; took = cpu_s() - begun)
      for (int i = 0; i < 16; ++i, ++rounds) work();
    return static_cast<double>(rounds) / took;
  }

  double placements(plan::PlacedLayout layout, bool wants_secondary) {
    return rate([&] {
      plan::PlacementRequest request;
      request.seed = seeds_.bytes<32>();
      request.bytes = 8'000'000;
      request.layout = layout;
      request.wants_secondary = wants_secondary;
      if (!plan::place(pool_, request)) std::abort();
    });
  }

  double refusals() {
    plan::PlacementRequest request;
    request.bytes = std::uint64_t{1} << 50;  // nobody has the room
    request.layout = {4, 2, 1};
    return rate([&] {
      request.seed = seeds_.bytes<32>();
      if (plan::place(pool_, request)) std::abort();
    });
  }

  /// The most that one request can ask for, where one of 200 Hosts qualifies.
  double largest() {
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      if (i % 200 != 1 && !pool_.set(i, testing::new_candidate(static_cast<std::uint32_t>(i), 0)))
        std::abort();
    plan::PlacementRequest request;
    request.bytes = std::uint64_t{1} << 41;
    request.layout = {.k = 20, .m = 10, .mirrors = 1};
    request.groups_min = plan::kPlacedGroupsMax;
    return rate([&] {
      request.seed = seeds_.bytes<32>();
      if (!plan::place(pool_, request)) std::abort();
    });
  }

  double heartbeats() {
    return rate([&] {
      const std::size_t at = random_() % candidates_.size();
      candidates_[at].free_bytes = random_() % (1000 * testing::kGiB);
      if (!pool_.set(at, candidates_[at])) std::abort();
    });
  }

  double pools() {
    return rate([&] {
      if (make_pool().size() != candidates_.size()) std::abort();
    });
  }

 private:
  plan::PlacementPool make_pool() const {
    auto pool = plan::PlacementPool::make(candidates_);
    if (!pool) std::abort();
    return *std::move(pool);
  }

  double seconds_;
  std::mt19937_64 random_{1};
  crypto::SeededRandom seeds_{2};
  std::vector<plan::Candidate> candidates_;
  plan::PlacementPool pool_;
};

}  // namespace
}  // namespace inxt

int main(int count, char** arguments) {
  if (count != 3) {
    fmt::print(stderr, "usage: inxt-bench-placement HOSTS SECONDS\n");
    return 2;
  }
  inxt::crypto::start();
  inxt::Bench bench(static_cast<std::uint32_t>(std::strtoul(arguments[1], nullptr, 10)),
                    std::strtod(arguments[2], nullptr));
  fmt::print("{{\"six_hosts\":{:.0f},", bench.placements({4, 2, 1}, false));
  fmt::print("\"six_hosts_and_secondary\":{:.0f},", bench.placements({4, 2, 1}, true));
  fmt::print("\"thirty_hosts\":{:.0f},", bench.placements({20, 10, 1}, false));
  fmt::print("\"refusals\":{:.0f},", bench.refusals());
  fmt::print("\"heartbeats\":{:.0f},", bench.heartbeats());
  fmt::print("\"pools\":{:.1f},", bench.pools());
  fmt::print("\"largest\":{:.1f}}}\n", bench.largest());  // last: it changes the pool
}
