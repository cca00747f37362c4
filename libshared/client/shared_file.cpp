// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/shared_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "client/extent_reader.h"
#include "client/object_manifest.h"

namespace inxt::client {

using format::SharedFile;
using format::SharedManifest;
using net::Awaitable;

Awaitable<Result<format::ShareBundle>> fetch_bundle(transfer::BridgeShares& bridge,
                                                    const format::ShareAccess& access,
                                                    const sys::Clock& clock) {
  Result<std::string> sealed = co_await bridge.bundle(access.keys.id());
  if (!sealed) co_return std::unexpected(ended_share(std::move(sealed).error()));
  CO_TRY(auto bundle, format::open_bundle(view_of(*sealed), access.keys, access.writer));
  // A Bridge that goes on showing it: the owner's word counts.
  constexpr std::int64_t kClockSkewS = 3600;
  if (bundle.expires_unix_s + kClockSkewS < clock.unix_s())
    co_return fail(Code::denied, "the share has ended", "ask whoever shared it for a new one");
  co_return bundle;
}

Result<const SharedFile*> find_in(const format::ShareBundle& bundle, const std::optional<std::string>& path) {
  if (!path && !bundle.is_folder) return &bundle.files.front();
  if (!path)
    return fail(Code::usage, "the share is a folder",
                "name a file in it, as inxt-ls with the same share lists them; or -R gets all of it");
  std::string_view wanted = *path;
  while (wanted.starts_with('/')) wanted.remove_prefix(1);
  const auto found = std::ranges::find(bundle.files, wanted, &SharedFile::path);
  if (found == bundle.files.end())
    return fail(Code::not_found, fmt::format("the share has no file {}", *path));
  return &*found;
}

namespace {

/// The manifest of the object, through those that it may be stored under.
Awaitable<Result<std::shared_ptr<const OpenFile>>> open_manifest(
    Network network, LeaseBook& leases, const SharedManifest& manifest,
    const std::vector<transfer::HostAddress>& hosts) {
  std::string text = manifest.lines;
  for (std::size_t level = 0;; ++level) {
    // Whose they are is in the bundle, which the owner signed.
    CO_TRY(auto table, table_of(text, format::any_writer()));
    leases.add(table);
    CO_TRY(auto generation, format::Generation::open(table.header(), manifest.secrets[level].view()));
    CO_TRY(auto part, generation.open_private(table.header()));
    if (level + 1 == manifest.secrets.size())
      co_return std::make_shared<const OpenFile>(std::move(table), std::move(generation), std::move(part));
    std::string below;
    auto sink = std::make_unique<TextSink>(below, kLongManifestLevelBytesMax);
    CO_CHECK(
        co_await get_file(network, table, generation, part, hosts, std::move(sink), std::nullopt, {}, {}));
    text = std::move(below);
  }
}

Awaitable<Result<GetReport>> get_extents(Network network, LeaseBook& leases, const SharedFile& file,
                                         std::vector<transfer::HostAddress> hosts,
                                         std::unique_ptr<ByteSink> plain, std::optional<PlainRange> range,
                                         GetOptions options, GetCallbacks callbacks) {
  const auto open = [&](std::uint32_t number) {
    return open_manifest(network, leases, file.manifests[number], hosts);
  };
  ExtentOptions reading{.hosts = hosts, .get = options, .callbacks = std::move(callbacks)};
  co_return co_await read_extents(always(network), file.extents, file.bytes, open, std::move(plain), range,
                                  std::move(reading));
}

}  // namespace

Awaitable<Result<GetReport>> get_shared(Network network, LeaseBook& leases, const SharedFile& file,
                                        std::vector<transfer::HostAddress> hosts,
                                        std::unique_ptr<ByteSink> plain, std::optional<PlainRange> range,
                                        GetOptions options, GetCallbacks callbacks) {
  auto report = co_await get_extents(network, leases, file, std::move(hosts), std::move(plain), range,
                                     options, std::move(callbacks));
  // Hosts that were never asked are not to be blamed.
  if (!report && leases.trouble() && report.error().code != Code::integrity)
    co_return std::unexpected(*leases.trouble());
  co_return report;
}

}  // namespace inxt::client
