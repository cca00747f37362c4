// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/hidden_file.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "client/content_stream.h"
#include "client/data_batches.h"
#include "client/reader_keys.h"
#include "sys/files.h"

namespace inxt::client {

using net::Awaitable;

namespace {

constexpr int kZstdLevel = 9;  // written once, and stored three times

format::Layout layout_for(std::size_t hosts, crypto::Random& random) {
  format::Layout layout;
  layout.mirrors = static_cast<std::uint32_t>(std::min<std::size_t>(hosts, kHiddenFileMirrors));
  random.fill(layout.seal_key);
  return layout;
}

}  // namespace

Result<std::size_t> TextSource::read(ByteSpan out) {
  const auto count = std::min(out.size(), text_.size() - at_);
  std::memcpy(out.data(), text_.data() + at_, count);
  at_ += count;
  return count;
}

Result<void> TextSink::write(ByteView bytes) {
  if (bytes.size() > bytes_max_ - to_.size())
    return fail(Code::integrity, fmt::format("longer than {} bytes (bytes_max)", bytes_max_));
  to_ += text_of(bytes);
  return {};
}

Result<FileId> file_of_manifest(std::string_view manifest) {
  const auto json = TRY_IN("manifest", format::parse_object(manifest.substr(0, manifest.find('\n'))));
  return format::Fields(json, "manifest").id<FileId>("file");
}

Result<ManifestTable> table_of(std::string_view manifest, format::WriterCheck check,
                               ManifestTable::Seal seal) {
  const sys::Fd file(::memfd_create("inxt-manifest", MFD_CLOEXEC));
  if (!file) return fail_errno(errno, "memfd_create");
  TRY(sys::write_all(file.number(), view_of(manifest), "a manifest in memory"));
  if (::lseek(file.number(), 0, SEEK_SET) != 0) return fail_errno(errno, "a manifest in memory");
  LineReader lines(file.number(), "manifest");
  return ManifestTable::read(lines, "manifest", std::move(check), seal);
}

Awaitable<Result<std::string>> put_hidden_file(Network network, const keys::Key& key,
                                               std::vector<format::Descriptor> hosts, std::string_view name,
                                               std::unique_ptr<ByteSource> plain, HiddenPutOptions options) {
  if (hosts.empty()) co_return fail(Code::usage, fmt::format("no Hosts are known to store {} at", name));
  const SourceFacts facts{.name = std::string(name), .mtime_unix_s = {}, .mode = {}, .plain_bytes = {}};
  const Content content{.zstd_level = kZstdLevel, .pad = false};
  CO_TRY(auto head, begin_manifest(key, facts, content, {}, network.random));
  const auto layout = layout_for(hosts.size(), network.random);
  CO_TRY(auto ciphertext, encrypting_source(std::move(plain), head.generation, head.part, kZstdLevel));
  CO_TRY(const auto source, DataBatches::make(std::move(head), layout, std::move(ciphertext)));
  std::string manifest;
  PutCallbacks callbacks;
  callbacks.write = [&manifest](std::string_view lines) -> Result<void> {
    manifest += lines;
    return {};
  };
  callbacks.stopped = options.stopped;
  auto report = co_await put(network, key, std::move(hosts), *source, options.put, std::move(callbacks));
  if (!report) {
    if (key.is_owner() && !manifest.empty()) (void)co_await remove_hidden_file(network, key, manifest, {});
    co_return std::unexpected(std::move(report).error().in(fmt::format("store {}", name)));
  }
  co_return manifest;
}

Awaitable<Result<void>> get_hidden_file(Network network, const keys::Key& key, const std::string& manifest,
                                        std::vector<transfer::HostAddress> hosts,
                                        std::unique_ptr<ByteSink> plain, LaterPlaces* later) {
  CO_TRY(auto check, writers_known_to(key, {}, network.clock.unix_s()));
  CO_TRY(const auto table, table_of(manifest, std::move(check)));
  CO_TRY(const auto generation, open_generation(key, table.chain()));
  CO_TRY(const auto part, generation.open_private(table.header()));
  GetOptions options;
  options.later = later;
  CO_CHECK(co_await get_file(network, table, generation, part, std::move(hosts), std::move(plain),
                             std::nullopt, options, {}));
  co_return Result<void>{};
}

Awaitable<Result<RemoveReport>> remove_hidden_file(Network network, const keys::Key& key,
                                                   const std::string& manifest,
                                                   std::vector<transfer::HostAddress> hosts,
                                                   RemoveOptions options) {
  if (!key.is_owner()) co_return fail(Code::denied, "a delegated machine removes nothing");
  CO_TRY(auto check, writers_known_to(key, {}, network.clock.unix_s()));
  CO_TRY(const auto table, table_of(manifest, std::move(check), ManifestTable::Seal::optional));
  const auto uploader = key.uploader(table.header().uploader);
  co_return co_await remove_pieces(network, table, *key.recipient_secret(), *uploader, std::move(hosts),
                                   std::move(options), {});
}

}  // namespace inxt::client
