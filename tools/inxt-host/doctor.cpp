// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host doctor: looks at what a Host depends on: one JSON line for each finding, and text with what to do.
#include "doctor.h"

#include <fmt/format.h>

#include "cli/escape.h"
#include "client/session.h"
#include "host/identity.h"
#include "host_line.h"
#include "sys/directory.h"

namespace inxt::tools {

namespace {

Finding look_at_key(const std::string& folder) {
  const auto key = host::load_identity(folder);
  if (key) return {"key", Health::well, "the Host's key is there, and only its owner can read it"};
  if (key.error().code == Code::not_found)
    return {"key", Health::advice, "there is no key yet", "it is made at the first start"};
  return {"key", Health::wrong, key.error().what, key.error().hint};
}

std::string_view mark(Health health) {
  switch (health) {
    case Health::well:
      return "well";
    case Health::advice:
      return "note";
    case Health::wrong:
      return "WRONG";
  }
  return "WRONG";
}

Result<Patient> admit(const HostOptions& options, cli::World& world) {
  Patient patient;
  patient.folder = TRY(store_now(options));
  TRY(sys::status_of(patient.folder));
  if (auto running = serve::read_running(patient.folder, "host")) patient.running = *std::move(running);
  if (auto line = read_host_line(patient.folder))
    patient.descriptor = TRY(format::open_hosts_line(*line, "descriptor.jsonl"));
  if (options.hosts) {
    patient.others = TRY(client::read_hosts_file(options.hosts)).for_new_pieces();
    std::erase_if(patient.others, [&](const format::Descriptor& other) {
      return patient.descriptor && other.host == patient.descriptor->host;
    });
    if (patient.others.size() > kHostsAskedMax) {
      world.detail(fmt::format("the first {} Hosts are asked", kHostsAskedMax));
      patient.others.resize(kHostsAskedMax);
    }
  }
  return patient;
}

}  // namespace

Result<cli::Exit> doctor(cli::World& world, const HostOptions& options) {
  const Patient patient = TRY(admit(options, world));
  Findings findings = look_at_clock(world, patient);
  const auto add = [&](Findings more) {
    findings.insert(findings.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add(look_at_disk(world, patient, options));
  add(look_at_limits(options));
  findings.push_back(look_at_key(patient.folder));
  add(look_at_reach(patient, options));
  add(look_at_bridges(patient));

  bool is_well = true;
  for (const Finding& finding : findings) {
    is_well = is_well && finding.health != Health::wrong;
    format::Json line{{"type", "finding"},
                      {"subject", finding.subject},
                      {"well", finding.health != Health::wrong},
                      {"message", cli::escape(finding.message)}};
    if (!finding.hint.empty()) line["hint"] = cli::escape(finding.hint);
    line.update(finding.figures);
    TRY(world.print(format::write_compact(line)));
    world.say(fmt::format("{:5} {}: {}{}{}", mark(finding.health), finding.subject, cli::escape(finding.message),
                          finding.hint.empty() ? "" : "\n      hint: ", cli::escape(finding.hint)));
  }
  return is_well ? cli::Exit::ok : cli::Exit::failure;
}

}  // namespace inxt::tools
