// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include "audit_tool.h"

namespace inxt::audit_tool {
namespace {

/// "0.99" or "99%", in parts of a million: no more digits than those.  `name`: "a confidence".
Result<std::uint32_t> parse_part(std::string_view name, std::string_view example, std::string_view text) {
  const auto bad = [&] {
    return fail(Code::usage, fmt::format("{} is more than 0 and less than 1, in at most 6 decimals: {}", name, example));
  };
  std::uint64_t scale = format::kPartsPerMillion;
  if (text.ends_with('%')) {
    text.remove_suffix(1);
    scale /= 100;
  }
  if (text.size() > 10) return bad();
  std::uint64_t ppm = 0;
  const auto point = text.find('.');
  for (const char c : text.substr(0, point)) {
    if (c < '0' || c > '9') return bad();
    ppm = ppm * 10 + static_cast<std::uint64_t>(c - '0') * scale;
  }
  if (point != text.npos) {
    for (const char c : text.substr(point + 1)) {
      if (c < '0' || c > '9' || scale % 10 != 0) return bad();
      scale /= 10;
      ppm += static_cast<std::uint64_t>(c - '0') * scale;
    }
  }
  if (ppm == 0 || ppm >= format::kPartsPerMillion) return bad();
  return static_cast<std::uint32_t>(ppm);
}

Result<HostId> parse_host(std::string_view text) {
  auto id = HostId::parse(text);
  if (!id) return fail(Code::usage, "a Host id is 64 lower-case hex digits");
  return *id;
}

}  // namespace

void declare(cli::Command& command, Options& to) {
  command.positional("MANIFEST", to.manifest, "what inxt-put wrote, or auditor's extracts (default: standard input); or a name in your tree: inxt:/a.tar");
  command.flag("-R,--recursive", to.recursive,
               "all files below a folder of the tree; with inxt:/ also those without a name, and the pieces in which the log lies")
      .not_with("proofs").not_with("commit").not_with("extract").not_with("host").not_with("commitments").not_with("verify");
  cli::declare_tree_option(command, to.bridge);
  cli::declare_key_options(command, to.key);
  command.text("--host", "FILE", to.host,
               "audit all that these Hosts say they hold: descriptors, as inxt-host descriptor prints them (- for standard "
               "input)").not_with("extract").not_with("commitments");
  command.flag("--chain", to.chain, "with --host: each block follows from the one before, which fetching on demand makes slow");
  command.flag("--listed", to.listed, "check that the manifest's pieces are in the inventories of their Hosts, and ask for no block")
      .not_with("host").not_with("extract").not_with("commit").not_with("commitments").not_with("proofs").not_with("beacon")
      .not_with("witness").not_with("detect");
  command.text("--heads", "FILE", to.heads,
               "remembers the last head of each Host's inventory (in the state folder), to find those that show others later")
      .setting();
  command.number("--samples", "N", to.audit.goal.samples, 1, proof::kSamplesMax,
                 "blocks to ask of each Host (460: finds 1 % damage with 99 % probability)").setting();
  command.value("--detect", "PART",
                [&to](std::string_view text) -> Result<void> {
                  to.audit.goal.detect_ppm = TRY(parse_part("damage to detect", "0.01, or 1%", text));
                  return {};
                },
                "instead: as many as find this part of damage with the confidence").not_with("samples");
  command.value("--confidence", "P",
                [&to](std::string_view text) -> Result<void> {
                  to.audit.confidence_ppm = TRY(parse_part("a confidence", "0.99, or 99%", text));
                  return {};
                },
                "of the bound that is reported, and of --detect (0.99)").setting();
  command.text("--beacon", "HEX|FILE|URL", to.beacon,
               "public randomness younger than what is audited: 64 hex digits, a file, or a server of drand, whose first "
               "round after the commitment is waited for; without it the auditor's own, which proves nothing to others");
  command.text("--commit", "FILE", to.commit, "only fix what is audited, now, and save it for --commitments")
      .not_with("beacon").not_with("proofs").not_with("extract").not_with("commitments");
  command.text("--commitments", "FILE", to.commitments, "audit what --commit saved, instead of a manifest")
      .not_with("extract");
  command.text("--witness", "FILE", to.witness, "a hosts file: these sign that they saw what is audited before the beacon")
      .not_with("extract");
  command.value("--require-witness", "HOSTID",
                [&to](std::string_view text) -> Result<void> {
                  to.audit.witnesses_required.push_back(TRY(parse_host(text)));
                  return {};
                },
                "anchored only when this Host saw it in time, whatever the auditor says; may be given again").repeats = true;
  command.text("--proofs", "FILE", to.proofs, "save challenge, answers and set here, for --verify");
  command.text("--verify", "FILE", to.verify, "check what --proofs saved (- for standard input): no network, no key")
      .not_with("proofs").not_with("beacon").not_with("extract").not_with("commit").not_with("commitments").not_with("witness")
      .not_with("detect").not_with("host").not_with("listed");
  command.value("--extract", "HOSTID",
                [&to](std::string_view text) -> Result<void> {
                  to.extract = TRY(parse_host(text));
                  return {};
                },
                "print what an auditor of this Host needs: piece ids, sizes, addresses; nothing else of the manifest")
      .not_with("proofs").not_with("beacon");
  command.text("--hosts", "FILE", to.hosts, "newer addresses of Hosts than the manifest has").setting();
  command.number("-j,--jobs", "N", to.audit.jobs, 1, 256, "Hosts asked at once").setting();
  command.number("--disk-ms", "MS", to.audit.deadline.disk_ms, 0, static_cast<std::int64_t>(client::kAuditSilenceMs),
                 "what a Host's disk may take for a sample (25), for the deadline");
  command.size("--min-rate", "BYTES", to.min_rate_bytes, "bytes a second that a Host must send at least (128KiB), for the deadline");
  command.number("--deadline", "MS", to.audit.deadline.request_ms, 1, static_cast<std::int64_t>(client::kAuditSilenceMs),
                 "until when an answer is in time, instead of what is measured");
}

}  // namespace inxt::audit_tool
