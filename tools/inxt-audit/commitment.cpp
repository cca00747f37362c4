// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include "audit_tool.h"
#include "cli/escape.h"
#include "client/beacon_fetch.h"
#include "client/commitments.h"
#include "format/token.h"

namespace inxt::audit_tool {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

}  // namespace

Result<void> commit_to(cli::World& world, client::Session& session, const Options& options,
                       std::vector<client::AuditTarget>& targets) {
  client::fix_commitments(targets, world.clock().unix_s());
  if (!options.witness) return {};
  const auto hosts = TRY(client::read_hosts_file(options.witness));
  std::vector<transfer::HostAddress> witnesses;
  for (const auto& descriptor : hosts.for_new_pieces()) witnesses.push_back({descriptor.host, descriptor.addresses});
  if (witnesses.empty() || witnesses.size() > proof::kWitnessesMax)
    return fail(Code::usage, fmt::format("--witness names {} Hosts, where 1 to {} may be (kWitnessesMax)", witnesses.size(),
                                         proof::kWitnessesMax));
  client::WitnessCallbacks callbacks;
  callbacks.stopped = [&] { return world.stop().requested(); };
  callbacks.on_trouble = [&](const HostId& witness, const Error& error) {
    world.warn(fmt::format("Host {} is no witness: {}", witness.hex(), cli::escape(error.what)));
  };
  return session.run(client::gather_witnesses(session.network(), targets, witnesses, std::move(callbacks)));
}

Result<void> save_commitments(cli::World& world, const std::string& path, const std::vector<client::AuditTarget>& targets) {
  auto output = TRY(world.output(path, cli::World::Kind::text));
  TRY(client::write_commitments(targets, [&](std::string_view line) { return output.write(view_of(line)); }));
  TRY(output.commit());
  std::size_t words = 0;
  for (const auto& target : targets) words += target.commit->witness_lines.size();
  world.say(fmt::format("{} {} fixed, {} {} of witnesses; a beacon that comes {} s later, or after that, anchors them",
                        targets.size(), targets.size() == 1 ? "commitment is" : "commitments are", words,
                        words == 1 ? "word" : "words", proof::kAnchorMarginS));
  return {};
}

Result<format::Beacon> beacon_for(cli::World& world, const std::string& named, const std::vector<client::AuditTarget>& targets) {
  if (client::is_beacon_url(named)) {
    client::BeaconWait wait;
    wait.stopped = [&] { return world.stop().requested(); };
    wait.on_wait = [&](std::int64_t wait_s) {
      world.say(fmt::format("waiting {} s for the first beacon that is younger than what is audited", wait_s));
    };
    return client::fetch_beacon(named, TRY(client::committed_by(targets)) + proof::kAnchorMarginS, world.clock(), wait);
  }
  format::Beacon randomness;
  if (from_hex(named, randomness.randomness)) {
    randomness.source = format::BeaconSource::given;
    return randomness;
  }
  const auto text = sys::read_file(named, format::kBeaconBytesMax, "beacon");
  if (!text && text.error().code == Code::not_found && named.find_first_not_of(kHexDigits) == named.npos)
    return fail(Code::usage, "a beacon is 32 bytes in lower-case hex (64 digits), a file, or an address of a server");
  if (!text) return std::unexpected(text.error());
  auto beacon = TRY(format::read_beacon_file(text_of(*text), cli::escape(named)));
  if (const auto ahead_s = beacon.time_unix_s.value_or(0) - world.clock().unix_s(); ahead_s > format::kClockSkewS)
    return fail(Code::usage, fmt::format("{}: its time comes in {} s only, so nobody can know it", cli::escape(named), ahead_s));
  return beacon;
}

}  // namespace inxt::audit_tool
