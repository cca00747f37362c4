// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/get_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "client/cipher_stream.h"
#include "client/content_stream.h"
#include "client/zstd_stream.h"
#include "client/zstd_table.h"

namespace inxt::client {
namespace {

std::unexpected<Error> behind_the_end(std::uint64_t first, std::uint64_t bytes) {
  return fail(Code::usage, fmt::format("the range begins at byte {} of {}", first, bytes));
}

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
    if (range_.first >= at_ && range_.first > 0) return behind_the_end(range_.first, at_);
    return to_->finish();
  }

 private:
  std::unique_ptr<ByteSink> to_;
  PlainRange range_;
  std::uint64_t at_ = 0;
};

/// Keeps what is written.
class KeepSink final : public ByteSink {
 public:
  explicit KeepSink(crypto::SecretBytes& to) : to_(to) {}
  Result<void> write(ByteView bytes) override {
    to_.append(bytes);
    return {};
  }
  Result<void> finish() override { return {}; }

 private:
  crypto::SecretBytes& to_;
};

constexpr std::uint64_t kTableGuessBytes = 16 * 1024;  // two thousand frames: a table of 2 GiB in one go
constexpr std::uint64_t kTableBytesMax =
    16 * 1024 * 1024;  // of 2 TiB; of more, ranges are read from the beginning

/// The seek table of a compressed file; nothing where it is past kTableBytesMax.
net::Awaitable<Result<std::optional<ZstdTable>>> get_table(Network network, const ManifestTable& manifest,
                                                           const format::Generation& generation,
                                                           const std::vector<transfer::HostAddress>& hosts,
                                                           GetOptions options, GetCallbacks callbacks) {
  const std::uint64_t stream_bytes = manifest.ciphertext_bytes();
  std::uint64_t tail_bytes = std::min(stream_bytes, kTableGuessBytes);
  while (true) {
    options.first = stream_bytes - tail_bytes;
    options.end = stream_bytes;
    crypto::SecretBytes tail;
    CtrSink sink(std::make_unique<KeepSink>(tail), generation.ctr(options.first));
    Result<GetReport> got = co_await get(network, manifest, hosts, sink, options, callbacks);
    if (!got) co_return std::unexpected(std::move(got).error());
    if (tail.size() >= kZstdFooterBytes) {
      Result<std::uint64_t> table_bytes = ZstdTable::bytes_from(tail.view().last(kZstdFooterBytes));
      if (!table_bytes) co_return std::unexpected(std::move(table_bytes).error());
      if (*table_bytes > tail_bytes && *table_bytes <= stream_bytes) {
        if (*table_bytes > kTableBytesMax) co_return std::nullopt;
        tail_bytes = *table_bytes;
        continue;
      }
    }
    Result<ZstdTable> table = ZstdTable::read(tail.view(), stream_bytes);
    if (!table) co_return std::unexpected(std::move(table).error());
    co_return std::optional(*std::move(table));
  }
}

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
                                           const format::Generation& generation,
                                           const format::PrivatePart& part,
                                           std::vector<transfer::HostAddress> hosts,
                                           std::unique_ptr<ByteSink> plain, std::optional<PlainRange> range,
                                           GetOptions options, GetCallbacks callbacks) {
  options.first = 0;
  options.end = manifest.ciphertext_bytes();
  std::unique_ptr<ByteSink> sink;
  if (range && !part.zstd && !part.padded) {
    if (range->first >= options.end && range->first > 0) co_return behind_the_end(range->first, options.end);
    options.first = range->first;
    if (range->last) options.end = std::min(options.end, *range->last + 1);
    sink = std::make_unique<CtrSink>(std::move(plain), generation.ctr(options.first));
  } else {
    std::optional<ZstdTable> table;
    if (range && !part.padded) {
      Result<std::optional<ZstdTable>> found = co_await get_table(
          network, manifest, generation, hosts, options, {.on_progress = {}, .stopped = callbacks.stopped});
      if (!found) co_return std::unexpected(std::move(found).error());
      table = *std::move(found);
    }
    if (table) {
      if (range->first >= table->plain_bytes() && range->first > 0)
        co_return behind_the_end(range->first, table->plain_bytes());
      const auto run = table->run_of(range->first, range->last ? *range->last + 1 : UINT64_MAX);
      options.first = run.first;
      options.end = run.end;
      range->first -= run.plain_first;
      if (range->last) *range->last -= run.plain_first;
      plain = std::make_unique<RangeSink>(std::move(plain), *range);
      sink =
          std::make_unique<CtrSink>(std::make_unique<ZstdSink>(std::move(plain)), generation.ctr(run.first));
    } else {
      if (range) plain = std::make_unique<RangeSink>(std::move(plain), *range);
      sink = decrypting_sink(std::move(plain), generation, part);
    }
  }
  Result<GetReport> report =
      co_await get(network, manifest, std::move(hosts), *sink, options, std::move(callbacks));
  if (!report) co_return report;
  // On a worker: a decompressor may still have megabytes to write.
  Result<void> finished = co_await network.workers.run([&] { return sink->finish(); });
  if (!finished) co_return std::unexpected(std::move(finished).error());
  co_return report;
}

}  // namespace inxt::client
