// SPDX-License-Identifier: AGPL-3.0-or-later
// What simulate-durability prints, at most 75 columns wide: the tables stand in inxt-durability(7) as they
// are.
#pragma once

#include <string>

#include "durability/chain.h"
#include "durability/simulation.h"

namespace inxt::durability {

/// "4+2", "3 mirrors".
std::string name_of(const plan::PlacedLayout& layout);

/// Each header begins with an empty line and a title; a row has the name that it is given.
void print_losses_header(const std::string& title, const char* first);
void print_losses(const std::string& name, const SimulationOptions& options, const SimulationResult& result);

void print_events_header();
void print_events(const std::string& name, const SimulationOptions& options, const SimulationResult& result);

/// What the chain says beside what was seen.
void print_comparison_header();
/// The interval of seen over computed.
Interval print_comparison(const SimulationOptions& options, const SimulationResult& result);

}  // namespace inxt::durability
