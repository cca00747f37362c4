// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether the Bridges hear this Host, reach it from outside, and may send it accounts: what the running Host knows of it.
#include <fmt/format.h>

#include "doctor.h"
#include "serve/control_client.h"
#include "serve/limits.h"

namespace inxt::tools {

namespace {

Finding about(const format::Json& bridge) {
  const format::Fields fields(bridge, "the Host's status");
  const std::string name = "Bridge " + fields.text("bridge", 64).value_or("").substr(0, 8);
  const std::string state = fields.text("state", 32).value_or("");
  Finding finding("bridge", Health::well, name + " hears this Host");
  if (state == "failing") {
    finding.health = Health::wrong;
    finding.message = fmt::format("{} does not hear this Host: {}", name,
                                  fields.text("trouble", serve::kStatusBytesMax).value_or(""));
    finding.hint = "does the way out to its addresses work?  or ask its operator, also for a newer bridge file";
  } else if (state == "waiting") {
    finding.health = Health::wrong;
    finding.message = name + " is told nothing, because this Host announces no address";
    finding.hint = "give --announce ADDR:PORT, or listen on an address that others reach";
  } else if (state != "registered") {
    finding.health = Health::advice;
    finding.message = name + " has not been told anything yet";
  } else if (!fields.has("reachable")) {
    finding.message += "; it has not looked yet whether it reaches it";
  } else if (fields.boolean("reachable").value_or(false)) {
    finding.message += ", and reaches it from outside";
  } else {
    finding.health = Health::wrong;
    finding.message += ", but does not reach it from outside";
    if (const auto reason = fields.text("reason", serve::kStatusBytesMax)) finding.message += ": " + *reason;
    finding.hint = "do the announced addresses lead here?  " + std::string(kOpenIt);
  }
  if (finding.health == Health::well && !fields.boolean("accepted").value_or(false)) {
    finding.health = Health::advice;
    finding.hint = fmt::format("its vouchers do not count here: \"bridge {}\" in the file of --accept makes them",
                               fields.text("bridge", 64).value_or(""));
  }
  finding.figures = {{"bridge", bridge.value("bridge", "")}, {"state", state}};
  if (const auto reachable = fields.boolean("reachable")) finding.figures["reachable"] = *reachable;
  return finding;
}

}  // namespace

Findings look_at_bridges(const Patient& patient) {
  Findings findings;
  if (!patient.running) return findings;
  auto status = serve::ask_daemon(patient.folder, "Host", "/status.json");
  if (!status) return {Finding("bridge", Health::advice, status.error().what, status.error().hint)};
  while (status->ends_with('\n')) status->pop_back();
  const auto json = format::parse_object(*status, serve::kStatusBytesMax);
  if (!json || !json->contains("bridges") || !json->at("bridges").is_array()) return findings;
  for (const format::Json& bridge : json->at("bridges"))
    if (bridge.is_object()) findings.push_back(about(bridge));
  return findings;
}

}  // namespace inxt::tools
