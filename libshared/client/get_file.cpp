// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/get_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "client/cipher_stream.h"
#include "client/content_stream.h"

namespace inxt::client {
namespace {

/// Passes on the bytes of a range and drops the others.
class RangeSink final : public ByteSink {
 public:
  RangeSink(std::unique_ptr<ByteSink> to, PlainRange range) : to_(std::move(to)), range_(range) {}

  Result<void> write(ByteView bytes) override {
    const auto begin = std::max(range_.first, at_);
    const auto end = std::min(at_ + bytes.size(), range_.last ? *range_.last + 1 : UINT64_MAX);
    if (begin < end) TRY(to_->write(bytes.subspan(begin - at_, end - begin)));
    at_ += bytes.size();
    return {};
  }
  Result<void> finish() override {
    if (range_.first >= at_ && range_.first > 0)
      return fail(Code::usage, fmt::format("the range begins at byte {} of {}", range_.first, at_));
    return to_->finish();
  }

 private:
  std::unique_ptr<ByteSink> to_;
  PlainRange range_;
  std::uint64_t at_ = 0;
};

Result<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value >= (std::uint64_t{1} << 62))
    return fail(Code::usage, "a range is FIRST-LAST or FIRST-, in bytes from 0");
  return value;
}

}  // namespace

Result<PlainRange> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == text.npos) return fail(Code::usage, "a range is FIRST-LAST or FIRST-, in bytes from 0");
  PlainRange range;
  range.first = TRY(parse_number(text.substr(0, dash)));
  if (dash + 1 < text.size()) range.last = TRY(parse_number(text.substr(dash + 1)));
  if (range.last && *range.last < range.first) return fail(Code::usage, "the range ends before it begins");
  return range;
}

net::Awaitable<Result<GetReport>> get_file(Network network, const ManifestTable& manifest,
                                           const format::Generation& generation, const format::PrivatePart& part,
                                           std::vector<transfer::HostAddress> hosts, std::unique_ptr<ByteSink> plain,
                                           std::optional<PlainRange> range, GetOptions options, GetCallbacks callbacks) {
  options.first = 0;
  options.end = manifest.ciphertext_bytes();
  std::unique_ptr<ByteSink> sink;
  if (range && !part.zstd && !part.padded) {
    if (range->first >= options.end && range->first > 0)
      co_return fail(Code::usage, fmt::format("the range begins at byte {} of {}", range->first, options.end));
    options.first = range->first;
    if (range->last) options.end = std::min(options.end, *range->last + 1);
    sink = std::make_unique<CtrSink>(std::move(plain), generation.ctr(options.first));
  } else {
    if (range) plain = std::make_unique<RangeSink>(std::move(plain), *range);
    sink = decrypting_sink(std::move(plain), generation, part);
  }
  Result<GetReport> report = co_await get(network, manifest, std::move(hosts), *sink, options, std::move(callbacks));
  if (!report) co_return report;
  // On a worker: a decompressor may still have megabytes to write.
  Result<void> finished = co_await network.workers.run([&] { return sink->finish(); });
  if (!finished) co_return std::unexpected(std::move(finished).error());
  co_return report;
}

}  // namespace inxt::client
