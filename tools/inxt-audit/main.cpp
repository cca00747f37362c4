// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-audit: make Hosts prove that they still hold a file.  Manual: inxt-audit(1).
#include <fmt/format.h>

#include <algorithm>

#include "audit_tool.h"
#include "cli/escape.h"
#include "client/session.h"
#include "client/transcript.h"

namespace inxt::audit_tool {
namespace {

Result<cli::Exit> verify(cli::World& world, const std::string& transcript) {
  const auto input = TRY(world.input(transcript, "a transcript"));
  client::LineReader lines(input.fd, input.name, format::kRequestLineBytesMax);
  const auto total = TRY_IN(input.name, client::verify_transcript(lines, [&](const client::HostReport& report) {
                              return print_host(world, report);
                            }));
  return print_summary(world, total, std::nullopt);
}

Result<cli::Exit> extract(cli::World& world, const client::AuditTargets& targets, const HostId& host) {
  const auto found = std::ranges::find(targets.hosts, host, [](const auto& target) { return target.host.id; });
  if (found == targets.hosts.end())
    return fail(Code::not_found, fmt::format("the manifest names no Host {}", host.hex()));
  auto output = TRY(world.output(std::nullopt, cli::World::Kind::text));
  TRY(client::write_extract(*found, [&](std::string_view line) { return output.write(view_of(line)); }));
  TRY(output.commit());
  return cli::Exit::ok;
}

Result<cli::Exit> audit(cli::World& world, const Options& options) {
  if (options.verify && options.manifest)
    return fail(Code::usage, "--verify reads a transcript, and no manifest");
  if (options.verify) return verify(world, *options.verify);
  if (options.proofs == "-")
    return fail(Code::usage, "--proofs needs a file: the verdicts are on standard output");
  const auto input = TRY(world.input(options.manifest, "a manifest"));
  client::LineReader lines(input.fd, input.name);
  auto targets = TRY(client::read_audit_targets(lines, input.name));
  const auto hosts = TRY(client::read_hosts_file(options.hosts));
  client::add_addresses(targets, client::addresses_of(hosts));
  if (options.extract) return extract(world, targets, *options.extract);

  client::AuditCallbacks callbacks;
  std::optional<sys::OutputFile> proofs;
  if (options.proofs) {
    proofs = TRY(world.output(options.proofs, cli::World::Kind::text));
    callbacks.on_transcript = [&](std::string_view text) { return proofs->write(view_of(text)); };
  }
  callbacks.on_host = [&](const client::HostReport& report) { return print_host(world, report); };
  callbacks.on_progress = [&](std::uint64_t bytes, unsigned in_use) {
    world.progress().set_hosts(in_use);
    world.progress().add_bytes(bytes);
  };
  callbacks.stopped = [&] { return world.stop().requested(); };
  // Auditors are strangers: a key for each Host that nobody has seen before.
  client::Session session([&](const HostId&) { return crypto::SigningKey::from_seed(world.random().bytes<32>()); },
                          world.clock(), world.random());
  world.progress().begin("auditing");
  const auto total =
      TRY(session.run(client::audit(session.network(), targets.hosts, options.audit, std::move(callbacks))));
  if (proofs) TRY(proofs->commit());
  world.progress().finish();
  return print_summary(world, total, targets.pieces_without_place);
}

}  // namespace
}  // namespace inxt::audit_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::audit_tool::Options>(
      argc, argv,
      {"inxt-audit", "make Hosts prove that they still hold a file",
       "examples:\n"
       "  inxt-audit < photos.inxt\n"
       "  inxt-audit --beacon $(curl -s https://api.drand.sh/public/latest | jq -r .randomness) --proofs p photos.inxt\n"
       "  inxt-audit --verify p                          no network, no key\n"
       "  inxt-audit --extract HOSTID photos.inxt        for an auditor who shall see nothing else"},
      inxt::audit_tool::declare, inxt::audit_tool::audit);
}
