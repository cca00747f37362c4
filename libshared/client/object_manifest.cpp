// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/object_manifest.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::client {

using format::InlineManifest;
using format::StoredManifest;
using net::Awaitable;

namespace {

/// Lets a manifest through and counts it.
class CountingSink final : public ByteSink {
 public:
  CountingSink(std::unique_ptr<ByteSink> to, std::uint64_t expected) : to_(std::move(to)), left_(expected) {}
  Result<void> write(ByteView bytes) override {
    if (bytes.size() > left_) return wrong();
    left_ -= bytes.size();
    return to_->write(bytes);
  }
  Result<void> finish() override {
    if (left_ != 0) return wrong();
    return to_->finish();
  }

 private:
  static std::unexpected<Error> wrong() {
    return fail(Code::integrity, "a stored manifest has another length than its record says");
  }
  std::unique_ptr<ByteSink> to_;
  std::uint64_t left_;
};

/// All of it, in memory.
Result<std::string> read_text(ByteSource& source, std::uint64_t bytes) {
  std::string text(bytes + 1, '\0');
  const auto got = TRY(source.read(std::as_writable_bytes(std::span(text))));
  if (got != bytes) return fail(Code::failure, fmt::format("a manifest of {} bytes gave {}", bytes, got));
  text.resize(got);
  return text;
}

}  // namespace

Awaitable<Result<format::ManifestRef>> store_manifest(Network network, const keys::Key& key,
                                                      const std::vector<format::Descriptor>& hosts,
                                                      std::unique_ptr<ByteSource> lines, std::uint64_t bytes,
                                                      HiddenPutOptions options,
                                                      std::size_t inline_bytes_max) {
  if (bytes <= std::min(inline_bytes_max, format::kInlineManifestBytesMax)) {
    CO_TRY(auto text, read_text(*lines, bytes));
    InlineManifest whole{.lines = std::move(text)};
    co_return whole;
  }
  StoredManifest out;
  out.bytes = bytes;
  CO_TRY(out.manifest,
         co_await put_hidden_file(network, key, hosts, kLongManifestName, std::move(lines), options));
  while (out.manifest.size() > format::kInlineManifestBytesMax) {
    if (out.levels == format::kManifestLevelsMax)
      co_return fail(Code::usage,
                     fmt::format("the manifest would lie more than {} levels deep (kManifestLevelsMax)",
                                 format::kManifestLevelsMax));
    auto above = std::make_unique<TextSource>(std::move(out.manifest));
    CO_TRY(out.manifest,
           co_await put_hidden_file(network, key, hosts, kLongManifestName, std::move(above), options));
    ++out.levels;
  }
  co_return out;
}

Awaitable<Result<void>> load_manifest(Network network, const keys::Key& key,
                                      const format::ManifestRef& manifest,
                                      std::vector<transfer::HostAddress> hosts, std::unique_ptr<ByteSink> out,
                                      LaterPlaces* later) {
  if (const auto* whole = std::get_if<InlineManifest>(&manifest)) {
    CO_CHECK(out->write(view_of(whole->lines)));
    co_return out->finish();
  }
  const auto& stored = std::get<StoredManifest>(manifest);
  std::string at = stored.manifest;
  for (auto level = stored.levels; level > 1; --level) {
    std::string below;
    auto sink = std::make_unique<TextSink>(below, kLongManifestLevelBytesMax);
    CO_CHECK(co_await get_hidden_file(network, key, at, hosts, std::move(sink), later));
    at = std::move(below);
  }
  auto sink = std::make_unique<CountingSink>(std::move(out), stored.bytes);
  co_return co_await get_hidden_file(network, key, at, std::move(hosts), std::move(sink), later);
}

Awaitable<Result<std::vector<std::string>>> manifests_above(Network network, const keys::Key& key,
                                                            const format::ManifestRef& manifest,
                                                            std::vector<transfer::HostAddress> hosts,
                                                            LaterPlaces* later) {
  const auto* stored = std::get_if<StoredManifest>(&manifest);
  std::vector<std::string> levels;
  if (stored == nullptr) co_return levels;
  levels.push_back(stored->manifest);
  for (auto level = stored->levels; level > 1; --level) {
    std::string below;
    auto sink = std::make_unique<TextSink>(below, kLongManifestLevelBytesMax);
    CO_CHECK(co_await get_hidden_file(network, key, levels.back(), hosts, std::move(sink), later));
    levels.push_back(std::move(below));
  }
  co_return levels;
}

Awaitable<Result<RemoveReport>> remove_stored_manifest(Network network, const keys::Key& key,
                                                       const format::ManifestRef& manifest,
                                                       std::vector<transfer::HostAddress> hosts,
                                                       RemoveOptions options) {
  // The lowest first: what is above it is needed to find it.
  CO_TRY(const auto levels, co_await manifests_above(network, key, manifest, hosts));
  RemoveReport all;
  for (auto text = levels.rbegin(); text != levels.rend(); ++text) {
    CO_TRY(auto report, co_await remove_hidden_file(network, key, *text, hosts, options));
    all.add(std::move(report));
  }
  co_return all;
}

}  // namespace inxt::client
