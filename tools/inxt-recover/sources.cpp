// SPDX-License-Identifier: AGPL-3.0-or-later
// Whose pieces are looked for, and where.
#include <fmt/format.h>

#include <algorithm>

#include "cli/disputes.h"
#include "cli/escape.h"
#include "keys/words_source.h"
#include "recover_tool.h"
#include "transfer/bridge_hosts.h"

namespace inxt::recover_tool {

Result<keys::Key> key_of(cli::World& world, const Options& options) {
  const bool names_key = options.key.key_file || options.key.key_fd || options.key.key_command;
  if (names_key && options.words_fd) return fail(Code::usage, "--words-fd and a key file exclude each other");
  if (options.words_fd)
    return keys::key_from_words(*options.words_fd, fmt::format("--words-fd {}", *options.words_fd));
  const bool has_key = names_key || keys::find_key_file(world.key_source(options.key)).has_value();
  if (has_key) {
    auto key = TRY(world.key(options.key));
    if (!key.is_owner())
      return fail(Code::denied, "a delegated machine's key recovers nothing", "use the words: --words-fd N");
    return key;
  }
  if (world.common().no_input)
    return fail(Code::usage, "the words are needed, and --no-input forbids to ask", "--words-fd N");
  world.progress().clear();
  return keys::key_from_asked_words([&world](const Error& error) {
    world.warn(cli::escape(error.hint.empty() ? error.what : fmt::format("{}: {}", error.what, error.hint)));
  });
}

namespace {

net::Awaitable<Result<std::vector<format::Descriptor>>> list_all(transfer::BridgeHosts& bridge) {
  std::vector<format::Descriptor> out;
  transfer::HostsQuery query;
  query.all = true;
  while (true) {
    CO_TRY(const auto page, co_await bridge.list(query));
    if (page.empty()) co_return out;
    query.after = page.back().descriptor.host;
    for (const auto& host : page) out.push_back(host.descriptor);
    if (out.size() > format::kHostsMax)
      co_return fail(Code::integrity,
                     fmt::format("the Bridge lists more than {} Hosts (kHostsMax)", format::kHostsMax));
  }
}

Result<std::vector<format::Descriptor>> hosts_at(cli::World& world, const format::BridgeFile& file,
                                                 const keys::Key& key) {
  TRY(format::check_permit_holder(file, key.uploader().account_id(HostId{file.bridge.bridge})));
  client::Session session(client::accounts_of(key, 0, world.random()), world.clock(), world.random());
  transfer::HttpBridgeHosts bridge(session.bridge(file, key.uploader()));
  return session.run(list_all(bridge));
}

}  // namespace

Result<format::KnownHosts> hosts_of(cli::World& world, const Options& options, const keys::Key& key) {
  std::vector<format::Descriptor> all;
  if (options.hosts) {
    const auto text = *options.hosts == "-"
                          ? TRY(sys::read_all(sys::kStandardInput, client::kHostsFileBytesMax, "hosts"))
                          : TRY(sys::read_file(*options.hosts, client::kHostsFileBytesMax, "hosts file"));
    all = TRY_IN(cli::escape(*options.hosts), format::read_hosts(text_of(text)));
  }
  cli::BridgeFileOptions from = options.bridge;
  if (!from.bridge && !options.hosts) from.bridge = options.adopt;
  if (const auto file = TRY(cli::find_bridge_file(from))) {
    auto listed = hosts_at(world, *file, key);
    if (!listed && !options.hosts) return std::unexpected(std::move(listed).error());
    // The Bridge may be the one that is lost.
    if (!listed)
      world.warn(fmt::format("the Bridge lists no Hosts: {}", cli::escape(listed.error().what)));
    else
      all.insert(all.end(), listed->begin(), listed->end());
  }
  if (all.empty())
    return fail(Code::usage, "no Hosts are known that could be asked",
                "--hosts FILE (any list of Hosts), or --bridge FILE of any Bridge");
  // What a Host said last counts.
  std::ranges::sort(all, std::ranges::greater(),
                    [](const format::Descriptor& host) { return std::pair(host.issued_unix_s, host.host); });
  format::KnownHosts known(std::move(all));
  cli::warn_of_disputes(world, known);
  return known;
}

}  // namespace inxt::recover_tool
