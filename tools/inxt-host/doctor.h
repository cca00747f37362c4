// SPDX-License-Identifier: AGPL-3.0-or-later
// What inxt-host doctor looks at, each subject in a file of its own.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "format/descriptor.h"
#include "format/json.h"
#include "options.h"
#include "serve/running.h"

namespace inxt::tools {

enum class Health { well, advice, wrong };  // advice: it works, and could be better

struct Finding {
  Finding(std::string about, Health how, std::string what, std::string then = {})
      : subject(std::move(about)), health(how), message(std::move(what)), hint(std::move(then)) {}
  std::string subject;
  Health health = Health::well;
  std::string message;
  std::string hint;                             // what to do; empty when there is nothing
  format::Json figures = format::Json::object();  // members of the JSON line
};
using Findings = std::vector<Finding>;

inline constexpr const char* kOpenIt =
    "let the router lead the port here: --map-port auto, or by hand; and look at the firewalls of both";

/// What is known before anything is looked at.
struct Patient {
  std::string folder;                            // of the store
  std::optional<serve::Running> running;                // the Host that runs on it
  std::optional<format::Descriptor> descriptor;  // what it announces, or has announced
  std::vector<format::Descriptor> others;        // of --hosts, at most kHostsAskedMax of them
};
inline constexpr std::size_t kHostsAskedMax = 8;

Findings look_at_clock(const cli::World& world, const Patient& patient);
/// Writes up to 20 MB into the store's folder, and removes it.
Findings look_at_disk(const cli::World& world, const Patient& patient, const HostOptions& options);
Findings look_at_limits(const HostOptions& options);
/// How the running Host stands with the Bridges that it reports to.
Findings look_at_bridges(const Patient& patient);
/// Binds or asks ports; asks other Hosts to look from outside.
Findings look_at_reach(const Patient& patient, const HostOptions& options);

}  // namespace inxt::tools
