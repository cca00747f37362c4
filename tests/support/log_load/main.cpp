// SPDX-License-Identifier: AGPL-3.0-or-later
// Owners who write to their logs at a Bridge, many at once, and check afterwards that what was acknowledged
// is there; for tests/cli/bridge-logs.sh and scripts/bench.
//
//   inxt-log-load permit --key FILE --owner N         a permit by the Bridge whose identity.key this is
//   inxt-log-load append --bridge ID --permit P --addresses A,B --acks FILE ...
//   inxt-log-load check --bridge ID --permit P --addresses A --acks FILE ...
#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "bridge/identity.h"
#include "crypto/random.h"
#include "format/bridge_capability.h"
#include "log_load/options.h"
#include "sys/clock.h"

namespace inxt::log_load {
namespace {

[[noreturn]] void usage(const std::string& what) {
  fmt::print(stderr, "inxt-log-load: {}\n", what);
  std::exit(2);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) usage("cannot read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

void print_permit(const std::string& key_file, std::uint64_t owner) {
  const std::string text = read_file(key_file);
  const auto key = bridge::read_identity(text, key_file);
  if (!key) usage(key.error().what);
  const std::int64_t now_s = sys::SystemClock().unix_s();
  format::Permit permit;
  permit.issuer = permit.bridge = key->public_key();
  permit.holder = AccountId{key_number(owner).public_key()};
  permit.can = format::Abilities::all();
  permit.quota_bytes = std::uint64_t{1} << 40;
  permit.issued_unix_s = now_s;
  permit.expires_unix_s = now_s + 86400;
  crypto::SystemRandom().fill(permit.id);
  const auto token = format::sign_permit(permit, *key);
  if (!token) usage(token.error().what);
  fmt::print("{}\n", *token);
}

int run(int argc, char** argv) {
  if (argc < 2) usage("which action?");
  Options options;
  options.action = argv[1];
  std::string key_file;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    const std::uint64_t number = std::strtoull(value.c_str(), nullptr, 10);
    if (name == "--bridge") {
      if (!from_hex(value, options.bridge)) usage("--bridge: 64 hex digits");
    } else if (name == "--key") {
      key_file = value;
    } else if (name == "--permit") {
      options.permit = value;
    } else if (name == "--addresses") {
      options.addresses = split(value);
    } else if (name == "--acks") {
      options.acks = value;
    } else if (name == "--owner") {
      options.owner = number;
    } else if (name == "--writers") {
      options.writers = number;
    } else if (name == "--logs") {
      options.logs = number;
    } else if (name == "--entries") {
      options.entries = number;
    } else if (name == "--record-bytes") {
      options.record_bytes = number;
    } else if (name == "--batch") {
      options.batch = std::max<std::uint64_t>(number, 1);
    } else if (name == "--page") {
      options.page = static_cast<std::uint32_t>(number);
    } else {
      usage("what is " + name + "?");
    }
  }
  crypto::start();
  if (options.action == "permit") {
    print_permit(key_file, options.owner);
    return 0;
  }
  if (options.addresses.empty()) usage("--addresses?");
  if (options.action == "append") return append(options) ? 0 : 1;
  if (options.action == "check") return check(options) ? 0 : 1;
  usage("what is " + options.action + "?");
}

}  // namespace
}  // namespace inxt::log_load

int main(int argc, char** argv) {
  return inxt::log_load::run(argc, argv);
}
