// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include "audit_tool.h"

namespace inxt::audit_tool {
namespace {

/// "0.99" or "99%", in parts of a million: no more digits than those.
Result<std::uint32_t> parse_confidence(std::string_view text) {
  const auto bad = [&] {
    return fail(Code::usage, "a confidence is more than 0 and less than 1, in at most 6 decimals: 0.99, or 99%");
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

}  // namespace

void declare(cli::Command& command, Options& to) {
  command.positional("MANIFEST", to.manifest, "what inxt-put wrote, or auditor's extracts (default: standard input)");
  command.number("--samples", "N", to.audit.samples, 1, proof::kSamplesMax,
                 "blocks to ask of each Host (460: finds 1 % damage with 99 % probability)").setting();
  command.value("--confidence", "P",
                [&to](std::string_view text) -> Result<void> {
                  to.audit.confidence_ppm = TRY(parse_confidence(text));
                  return {};
                },
                "of the bound that is reported (0.99)").setting();
  command.value("--beacon", "HEX",
                [&to](std::string_view text) -> Result<void> {
                  proof::Beacon beacon;
                  if (!from_hex(text, beacon)) return fail(Code::usage, "a beacon is 32 bytes in lower-case hex (64 digits)");
                  to.audit.beacon = beacon;
                  return {};
                },
                "public randomness younger than the manifest; without it the auditor's own, which proves nothing to others");
  command.text("--proofs", "FILE", to.proofs, "save challenge, answers and set here, for --verify");
  command.text("--verify", "FILE", to.verify, "check what --proofs saved (- for standard input): no network, no key")
      .not_with("proofs").not_with("beacon").not_with("extract");
  command.value("--extract", "HOSTID",
                [&to](std::string_view text) -> Result<void> {
                  auto id = HostId::parse(text);
                  if (!id) return fail(Code::usage, "a Host id is 64 lower-case hex digits");
                  to.extract = *id;
                  return {};
                },
                "print what an auditor of this Host needs: piece ids, sizes, addresses; nothing else of the manifest")
      .not_with("proofs").not_with("beacon");
  command.text("--hosts", "FILE", to.hosts, "newer addresses of Hosts than the manifest has").setting();
  command.number("-j,--jobs", "N", to.audit.jobs, 1, 256, "Hosts asked at once").setting();
}

}  // namespace inxt::audit_tool
