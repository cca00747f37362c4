// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/extent_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::client {
namespace {

using format::Extent;
using net::Awaitable;

constexpr std::size_t kTroublesOfAllMax = 16;

/// Lets exactly so many bytes through, and does not finish what others write to, too.
class RunSink final : public ByteSink {
 public:
  RunSink(ByteSink& to, std::uint64_t bytes) : to_(to), left_(bytes) {}
  Result<void> write(ByteView bytes) override {
    if (bytes.size() > left_) return wrong("more");
    left_ -= bytes.size();
    return to_.write(bytes);
  }
  Result<void> finish() override {
    if (left_ != 0) return wrong("fewer");
    return {};
  }

 private:
  static std::unexpected<Error> wrong(std::string_view how) {
    return fail(Code::integrity, fmt::format("a manifest has {} bytes than the object's record says", how));
  }
  ByteSink& to_;
  std::uint64_t left_;
};

void add(GetReport& sum, const GetReport& one) {
  sum.bytes += one.bytes;
  sum.fetched_bytes += one.fetched_bytes;
  sum.hosts = std::max(sum.hosts, one.hosts);
  sum.hosts_replaced = std::max(sum.hosts_replaced, one.hosts_replaced);
  sum.segments_rebuilt += one.segments_rebuilt;
  for (const auto& trouble : one.troubles)
    if (sum.troubles.size() < kTroublesOfAllMax && std::ranges::count(sum.troubles, trouble) == 0)
      sum.troubles.push_back(trouble);
}

/// Of the plaintext, where the manifest says it.
std::optional<std::uint64_t> plain_bytes(const OpenFile& file) {
  if (file.part.zstd || file.part.padded) return file.part.plain_bytes;
  return file.manifest.ciphertext_bytes();
}

Awaitable<Result<GetReport>> get_as(const GetAsOf& as, const OpenFile& file, std::unique_ptr<ByteSink> to,
                                    std::optional<PlainRange> range, const ExtentOptions& options) {
  const auto who = as(file.manifest.header().uploader);
  auto get = options.get;
  get.receipts = who.receipts;
  co_return co_await get_file(who.network, file.manifest, file.generation, file.part, options.hosts,
                              std::move(to), range, get, options.callbacks);
}

}  // namespace

GetAsOf always(Network network) {
  return [network](std::uint32_t) { return GetAs{.network = network, .receipts = nullptr}; };
}

Awaitable<Result<void>> read_between(const GetAsOf& as, const std::vector<Extent>& extents,
                                     std::uint64_t first, std::uint64_t end, const OpenManifest& open,
                                     ByteSink& to, const ExtentOptions& options, GetReport& sum) {
  std::shared_ptr<const OpenFile> file;
  std::optional<std::uint32_t> number;
  for (const Extent& extent : extents) {
    const auto begin = std::max(first, extent.first);
    const auto stop = std::min(end, extent.first + extent.bytes);
    if (begin >= stop) continue;
    if (number != extent.manifest) {
      CO_TRY(file, co_await open(extent.manifest));
      number = extent.manifest;
    }
    const auto from = extent.from + (begin - extent.first);
    // All of a file is read without its table of frames, and its length is checked against its own words.
    std::optional<PlainRange> range;
    if (from > 0 || plain_bytes(*file) != stop - begin)
      range = PlainRange{.first = from, .last = from + (stop - begin) - 1};
    auto sink = std::make_unique<RunSink>(to, stop - begin);
    CO_TRY(const auto report, co_await get_as(as, *file, std::move(sink), range, options));
    add(sum, report);
  }
  co_return Result<void>{};
}

Awaitable<Result<GetReport>> read_extents(GetAsOf as, const std::vector<Extent>& extents,
                                          std::optional<std::uint64_t> bytes, OpenManifest open,
                                          std::unique_ptr<ByteSink> plain, std::optional<PlainRange> range,
                                          ExtentOptions options) {
  if (extents.empty() && bytes != std::uint64_t{0}) {
    CO_TRY(const auto file, co_await open(0));
    co_return co_await get_as(as, *file, std::move(plain), range, options);
  }
  const std::uint64_t all = extents.empty() ? 0 : extents.back().first + extents.back().bytes;
  const std::uint64_t first = range ? range->first : 0;
  const std::uint64_t end = range && range->last && *range->last < all ? *range->last + 1 : all;
  if (first > 0 && first >= all)
    co_return fail(Code::usage, fmt::format("the range begins at byte {} of {}", first, all));
  GetReport sum;
  CO_CHECK(co_await read_between(as, extents, first, end, open, *plain, options, sum));
  CO_CHECK(plain->finish());
  co_return sum;
}

}  // namespace inxt::client
