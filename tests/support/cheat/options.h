// SPDX-License-Identifier: AGPL-3.0-or-later
// The command line of `cheating-host`.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace inxt::cheat {

/// What is said about a block that is not there any more.
enum class Lie {
  missing,  // the truth, signed
  zeros,    // a block of zeros with whatever path is at hand, signed
  refuse,   // nothing: 503, as long as one block of the question is not there
};

struct Options {
  std::string mode;
  std::string listen = "127.0.0.1:0";
  std::string store;       // a folder; made where it is not there
  double keep = 0.99;      // the part of the blocks that `keep` keeps
  std::uint64_t seed = 1;  // which ones
  Lie lie = Lie::missing;
  std::string peer;       // a file with the hosts line of another Host, for modes that ask one
  int delay_ms = 0;       // a question to the peer and its answer take this much longer
  std::string manifest;   // `share`: the pair has been given it
  std::string inventory;  // a lie of inventory.h, in place of the engine's own inventory
  std::uint64_t ghosts = 1;
  ByteArray<32> beacon{};       // `grinds`: what the Host knows already,
  std::uint64_t samples = 460;  // and how many will be asked for
};

/// Ends the program with status 2 and a sentence when the words are off.
Options parse(int argc, char** argv);

}  // namespace inxt::cheat
