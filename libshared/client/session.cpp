// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/session.h"

#include <fmt/format.h>

#include "client/file_stream.h"
#include "sys/files.h"

namespace inxt::client {

transfer::BridgeClient& Session::bridge(const format::BridgeFile& file, const keys::UploaderKeys& uploader) {
  transfer::BridgePeer peer{.id = file.bridge.bridge, .addresses = file.bridge.addresses};
  bridges_.push_back(std::make_unique<transfer::BridgeClient>(http_, random_, std::move(peer),
                                                              uploader.account(HostId{file.bridge.bridge}), file.permits_text()));
  return *bridges_.back();
}

transfer::BridgeClient& Session::bridge(transfer::BridgePeer peer, const crypto::SigningKey& key) {
  bridges_.push_back(std::make_unique<transfer::BridgeClient>(http_, random_, std::move(peer),
                                                              std::optional(key.clone()), std::string()));
  return *bridges_.back();
}

Network Session::network_as(const keys::Key& key, std::uint32_t uploader) {
  auto& found = services_[uploader];
  if (!found)
    found = std::make_unique<transfer::HttpPieceService>(http_, accounts_of(key, uploader, random_), clock_);
  return {*found, loop_.executor(), workers_, clock_, random_};
}

transfer::AccountFor accounts_of(const keys::Key& key, std::uint32_t number, crypto::Random& random) {
  if (auto uploader = key.uploader(number)) {
    const auto shared = std::make_shared<keys::UploaderKeys>(*std::move(uploader));
    return {[shared](const HostId& host) { return shared->account(host); },
            [&key](std::uint32_t other, const HostId& host) -> std::optional<crypto::SigningKey> {
              const auto keys = key.uploader(other);
              if (!keys) return std::nullopt;
              return keys->account(host);
            }};
  }
  crypto::Key stranger;
  random.fill(stranger.span());
  const auto shared = std::make_shared<keys::UploaderKeys>(number, std::move(stranger));
  return [shared](const HostId& host) { return shared->account(host); };
}

namespace {

Result<Bytes> read_standard_input(int stop_fd) {
  FdSource source(sys::kStandardInput, "hosts on standard input");
  source.stop_on(stop_fd);
  Bytes text, run(65536);
  while (true) {
    const auto got = TRY(source.read(run));
    append(text, ByteView(run).first(got));
    if (text.size() > kHostsFileBytesMax)
      return fail(Code::usage, fmt::format("hosts on standard input: more than {} bytes (kHostsFileBytesMax)", kHostsFileBytesMax));
    if (got < run.size()) return text;
  }
}

}  // namespace

Result<format::KnownHosts> read_hosts_file(const std::optional<std::string>& path, int stop_fd) {
  if (!path) return format::KnownHosts{};
  const auto text = *path == "-" ? TRY(read_standard_input(stop_fd))
                                 : TRY(sys::read_file(*path, kHostsFileBytesMax, "hosts file"));
  auto hosts = format::read_hosts(text_of(text));
  if (!hosts) return std::unexpected(std::move(hosts).error().in(*path == "-" ? "standard input" : *path));
  return format::KnownHosts(*std::move(hosts));
}

}  // namespace inxt::client
