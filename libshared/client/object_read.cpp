// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/object_read.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "client/manifest_text.h"

namespace inxt::client {

using net::Awaitable;

namespace {

constexpr std::uint64_t kBytesAPiece = 68;  // of a ManifestTable, with a place

class NothingSink final : public ByteSink {
 public:
  Result<void> write(ByteView) override {
    return fail(Code::integrity, "a manifest has more bytes than the object's record says");
  }
  Result<void> finish() override { return {}; }
};

std::uint64_t bytes_of(const OpenFile& file) {
  return file.manifest.pieces() * kBytesAPiece;
}

}  // namespace

Result<std::uint32_t> uploader_of(const format::ManifestRef& manifest) {
  const auto* stored = std::get_if<format::StoredManifest>(&manifest);
  const std::string_view lines =
      stored != nullptr ? stored->manifest : std::get<format::InlineManifest>(manifest).lines;
  const auto table = TRY(table_of(lines, format::any_writer(), ManifestTable::Seal::optional));
  return table.header().uploader;
}

Result<UsedSegments> segments_in_use(const keys::Key& key, const format::ObjectRecord& record,
                                     std::uint32_t number, const ManifestTable& manifest) {
  const auto generation = TRY(open_generation(key, manifest.chain()));
  UsedSegments out;
  out.add(record, number, manifest, TRY(generation.open_private(manifest.header())));
  return out;
}

ObjectReader::ObjectReader(Network network, const keys::Key& key, const format::ObjectRecord& record,
                           ObjectReadOptions options)
    : network_(network), key_(key), record_(record), options_(std::move(options)) {
  if (!options_.as) options_.as = always(network);
}

Awaitable<Result<std::shared_ptr<const OpenFile>>> ObjectReader::open(std::uint32_t number) {
  if (number >= record_.manifests.size())
    co_return fail(Code::integrity, "a record's extent names a manifest that it has not");
  const auto& ref = record_.manifests[number];
  const auto name = fmt::format("manifest {} of the object", number);
  std::uint32_t uploader = key_.uploader().number();
  if (std::holds_alternative<format::StoredManifest>(ref)) {
    CO_TRY(uploader, uploader_of(ref));
  }
  const auto network = options_.as(uploader).network;
  ManifestText text;
  auto sink = std::make_unique<ManifestTextSink>(text);
  CO_CHECK(co_await load_manifest(network, key_, ref, options_.hosts, std::move(sink), options_.get.later));
  CO_TRY(auto check, writers_known_to(key_, options_.signers, network_.clock.unix_s()));
  CO_TRY(auto table, text.table(name, std::move(check), ManifestTable::Seal::required));
  CO_TRY(auto generation, open_generation(key_, table.chain()));
  CO_TRY(auto part, generation.open_private(table.header()));
  co_return std::make_shared<const OpenFile>(std::move(table), std::move(generation), std::move(part));
}

Awaitable<Result<std::shared_ptr<const OpenFile>>> ObjectReader::manifest(std::uint32_t number) {
  const auto known = std::ranges::find(opened_, number, [](const auto& one) { return one.first; });
  if (known != opened_.end()) {
    opened_.splice(opened_.begin(), opened_, known);
    co_return opened_.front().second;
  }
  std::uint64_t bytes = 0;
  for (const auto& [other, file] : opened_) bytes += bytes_of(*file);
  while (!opened_.empty() && bytes > kOpenManifestsBytesMax / 2) {
    bytes -= bytes_of(*opened_.back().second);
    opened_.pop_back();
  }
  CO_TRY(auto opened, co_await open(number));
  opened_.emplace_front(number, std::move(opened));
  co_return opened_.front().second;
}

Awaitable<Result<void>> ObjectReader::read(std::uint64_t first, std::uint64_t end, ByteSink& to,
                                           GetCallbacks callbacks) {
  CHECK_BUG(first <= end && end <= record_.bytes);
  const ExtentOptions options{
      .hosts = options_.hosts, .get = options_.get, .callbacks = std::move(callbacks)};
  const OpenManifest open = [this](std::uint32_t number) { return manifest(number); };
  co_return co_await read_between(options_.as, record_.extents, first, end, open, to, options, report_);
}

Awaitable<Result<void>> ObjectReader::check_empty() {
  if (record_.manifests.empty()) co_return Result<void>{};
  const ExtentOptions options{.hosts = options_.hosts, .get = options_.get, .callbacks = {}};
  const OpenManifest open = [this](std::uint32_t number) { return manifest(number); };
  CO_TRY(const auto report, co_await read_extents(options_.as, {}, std::nullopt, open,
                                                  std::make_unique<NothingSink>(), std::nullopt, options));
  co_return Result<void>{};
}

Awaitable<Result<GetReport>> read_object(Network network, const keys::Key& key,
                                         const format::ObjectRecord& record, std::unique_ptr<ByteSink> plain,
                                         std::optional<PlainRange> range, ObjectReadOptions options,
                                         GetCallbacks callbacks) {
  std::uint64_t first = 0, end = record.bytes;
  if (range) {
    if (range->first >= record.bytes && range->first > 0)
      co_return fail(Code::usage, fmt::format("the range begins at byte {}, and the object has {}",
                                              range->first, record.bytes));
    first = range->first;
    if (range->last && *range->last < end) end = *range->last + 1;
  }
  ObjectReader reader(network, key, record, std::move(options));
  if (record.bytes == 0) CO_CHECK(co_await reader.check_empty());
  Result<void> read = co_await reader.read(first, end, *plain, std::move(callbacks));
  if (!read) co_return std::unexpected(std::move(read).error());
  Result<void> finished = co_await network.workers.run([&] { return plain->finish(); });
  if (!finished) co_return std::unexpected(std::move(finished).error());
  co_return reader.report();
}

}  // namespace inxt::client
