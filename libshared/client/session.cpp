// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/session.h"

#include <fmt/format.h>

#include "client/file_stream.h"
#include "sys/files.h"

namespace inxt::client {

transfer::AccountFor accounts_of(const keys::Key& key, std::uint32_t number, crypto::Random& random) {
  if (auto uploader = key.uploader(number)) {
    const auto shared = std::make_shared<keys::UploaderKeys>(*std::move(uploader));
    return [shared](const HostId& host) { return shared->account(host); };
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

Result<std::vector<format::Descriptor>> read_hosts_file(const std::optional<std::string>& path, int stop_fd) {
  if (!path) return std::vector<format::Descriptor>{};
  const auto text = *path == "-" ? TRY(read_standard_input(stop_fd))
                                 : TRY(sys::read_file(*path, kHostsFileBytesMax, "hosts file"));
  auto hosts = format::read_hosts(text_of(text));
  if (!hosts) return std::unexpected(std::move(hosts).error().in(*path == "-" ? "standard input" : *path));
  return hosts;
}

std::vector<transfer::HostAddress> addresses_of(const std::vector<format::Descriptor>& hosts) {
  std::vector<transfer::HostAddress> out;
  for (const auto& host : hosts) out.push_back({host.host, host.addresses});
  return out;
}

}  // namespace inxt::client
