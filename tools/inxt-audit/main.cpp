// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-audit: make Hosts prove that they still hold a file.  Manual: inxt-audit(1).
#include <fmt/format.h>

#include <algorithm>

#include "audit_tool.h"
#include "cli/disputes.h"
#include "cli/escape.h"
#include "client/commitments.h"
#include "client/transcript.h"
#include "client/tree_path.h"

namespace inxt::audit_tool {

Result<client::AuditTargets> read_targets(cli::World& world, const Options& options) {
  if (options.opened) {
    client::LineReader opened(options.opened->fd, options.opened->name);
    const auto manifest =
        TRY(client::ManifestTable::read(opened, options.opened->name, format::any_writer()));
    return client::audit_targets(manifest, options.only_segments);
  }
  const auto input = options.commitments ? TRY(world.input(options.commitments, "commitments"))
                                         : TRY(world.input(options.manifest, "a manifest"));
  client::LineReader lines(input.fd, input.name);
  if (options.commitments) return client::read_commitments(lines, input.name);
  return client::read_audit_targets(lines, input.name);
}

namespace {

Result<cli::Exit> verify(cli::World& world, const std::string& transcript, const Options& options) {
  const auto input = TRY(world.input(transcript, "a transcript"));
  client::LineReader lines(input.fd, input.name, format::kRequestLineBytesMax);
  const auto total = TRY_IN(input.name, client::verify_transcript(
                                            lines, [&](const client::HostReport& report) { return print_host(world, options, report); },
                                            options.audit.witnesses_required));
  return print_summary(world, options, total, std::nullopt);
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

/// No Host showed a head.
Result<cli::Exit> nothing_to_audit(cli::World& world, const Options& options,
                                   const std::vector<client::HostReport>& without_head) {
  client::AuditTotal total;
  for (const auto& report : without_head) total.add(report);
  return print_summary(world, options, total, std::nullopt);
}

}  // namespace

Result<cli::Exit> audit(cli::World& world, const Options& options) {
  if (options.recursive && !options.opened) return fail(Code::usage, "-R is for folders of your tree", "such as inxt:/photos");
  if (options.verify && options.manifest)
    return fail(Code::usage, "--verify reads a transcript, and no manifest");
  if (options.verify) return verify(world, *options.verify, options);
  if (options.proofs == "-")
    return fail(Code::usage, "--proofs needs a file: the verdicts are on standard output");
  if (options.commitments && options.manifest)
    return fail(Code::usage, "--commitments says what is audited: no manifest is read");
  if (options.host && options.manifest)
    return fail(Code::usage, "--host says what is audited: no manifest is read");
  if (options.chain && !options.host) return fail(Code::usage, "--chain is for whole Hosts: --host is missing");
  // Auditors are strangers: a key for each Host that nobody has seen before.
  client::Session session([&](const HostId&) { return crypto::SigningKey::from_seed(world.random().bytes<32>()); },
                          world.clock(), world.random());
  if (options.listed) return check_listed(world, session, options);
  std::vector<client::HostReport> without_head;
  auto targets = TRY(options.host ? whole_hosts(world, session, options, without_head) : read_targets(world, options));
  const auto hosts = TRY(client::read_hosts_file(options.hosts));
  cli::warn_of_disputes(world, hosts);
  if (!options.host) TRY(client::add_addresses(targets, client::addresses_of(hosts)));
  if (options.extract) {
    const auto* host = hosts.find(*options.extract);
    return extract(world, targets, host != nullptr ? host->host : *options.extract);
  }

  for (const auto& report : without_head) TRY(print_host(world, options, report));
  if (targets.hosts.empty()) return nothing_to_audit(world, options, without_head);
  TRY(commit_to(world, session, options, targets.hosts));
  if (options.commit) {
    TRY(save_commitments(world, *options.commit, targets.hosts));
    return cli::Exit::ok;
  }
  auto settled = options.audit;
  if (options.min_rate_bytes) settled.deadline.bytes_per_s = std::max<std::uint64_t>(*options.min_rate_bytes, 1);

  client::AuditCallbacks callbacks;
  std::optional<sys::OutputFile> proofs;
  if (options.proofs) {
    proofs = TRY(world.output(options.proofs, cli::World::Kind::text));
    callbacks.on_transcript = [&](std::string_view text) { return proofs->write(view_of(text)); };
  }
  // Only now, that everything else is settled.
  if (options.beacon) settled.beacon = TRY(beacon_for(world, *options.beacon, targets.hosts));
  callbacks.on_host = [&](const client::HostReport& report) { return print_host(world, options, report); };
  callbacks.on_progress = [&](std::uint64_t bytes, unsigned in_use) {
    world.progress().set_hosts(in_use);
    world.progress().add_bytes(bytes);
  };
  callbacks.stopped = [&] { return world.stop().requested(); };
  world.progress().begin("auditing");
  auto total =
      TRY(session.run(client::audit(session.network(), targets.hosts, std::move(settled), std::move(callbacks))));
  for (const auto& report : without_head) total.add(report);
  if (proofs) TRY(proofs->commit());
  world.progress().finish();
  return print_summary(world, options, total, options.host ? std::nullopt : std::optional(targets.pieces_without_place));
}

namespace {

Result<cli::Exit> audit_any(cli::World& world, const Options& options) {
  if (options.manifest && client::is_tree_path(*options.manifest)) return audit_named(world, options);
  return audit(world, options);
}

}  // namespace
}  // namespace inxt::audit_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::audit_tool::Options>(
      argc, argv,
      {"inxt-audit", "make Hosts prove that they still hold a file",
       "examples:\n"
       "  inxt-audit < photos.inxt\n"
       "  inxt-audit inxt:/photos.tar                    a name in your tree\n"
       "  inxt-audit -R inxt:/photos                     all files of a folder\n"
       "  inxt-audit --detect 0.1% photos.inxt           as many samples as find so much damage\n"
       "  inxt-audit --beacon https://api.drand.sh --proofs p photos.inxt\n"
       "  inxt-audit --host host.descriptor              all that a Host says it holds\n"
       "  inxt-audit --listed photos.inxt                whether the pieces are among that\n"
       "  inxt-audit --verify p                          no network, no key\n"
       "  inxt-audit --extract HOSTID photos.inxt        for an auditor who shall see nothing else"},
      inxt::audit_tool::declare, inxt::audit_tool::audit_any);
}
