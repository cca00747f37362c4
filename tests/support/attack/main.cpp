// SPDX-License-Identifier: AGPL-3.0-or-later
// What a Host has to bear, and an honest client beside it; for tests/cli/under-attack.sh and scripts/bench.
// Each subcommand runs for --seconds and prints one line of JSON with what it did.
//
//   inxt-attack honest --address A --host ID    puts, gets and removes pieces of 2 MiB
//   inxt-attack store --address A --host ID     puts --pieces pieces and prints their paths; with --folder
//   also as files inxt-attack get --address A --paths a,b     asks for these, on --connections at once, as --accounts
//   inxt-attack identity                        the id and the certificate in PEM of --account
//   inxt-attack KIND --address A                see attacks.cpp
#include <fmt/core.h>

#include <cstdlib>

#include "attack/options.h"
#include "base/encoding.h"
#include "crypto/random.h"
#include "net/tls.h"
#include "sys/service.h"

namespace inxt::attack {

namespace {

[[noreturn]] void usage(const std::string& what) {
  fmt::print(stderr, "inxt-attack: {}\n", what);
  std::exit(2);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace

Options parse(int argc, char** argv) {
  Options options;
  if (argc < 2) usage("which subcommand?");
  options.kind = argv[1];
  for (int i = 2; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) usage(name + " needs a value");
    const std::string value = argv[i + 1];
    if (name == "--address") {
      options.address = value;
    } else if (name == "--host") {
      const auto id = HostId::parse(value);
      if (!id) usage("--host: 64 hex digits");
      options.host = *id;
    } else if (name == "--paths") {
      options.paths = split(value);
    } else if (name == "--seconds") {
      options.seconds = std::strtod(value.c_str(), nullptr);
    } else if (name == "--connections") {
      options.connections = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--sources") {
      options.sources = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--account") {
      options.account = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--accounts") {
      options.accounts = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--pieces") {
      options.pieces = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--folder") {
      options.folder = value;
    } else {
      usage("what is " + name + "?");
    }
  }
  return options;
}

void Tally::print(const Options& options, double seconds) const {
  std::string line = fmt::format("{{\"kind\":\"{}\",\"seconds\":{:.3f}", options.kind, seconds);
  for (const auto& [name, count] : counts) line += fmt::format(",\"{}\":{}", name, count);
  fmt::print("{}}}\n", line);
}

int print_identity(const Options& options) {
  const auto identity = net::TlsIdentity::make(key_number(options.account));
  if (!identity) usage(identity.error().what);
  fmt::print("{}\n{}", to_hex(identity->public_key()), identity->certificate_pem());
  return 0;
}

}  // namespace inxt::attack

int main(int argc, char** argv) {
  using namespace inxt::attack;
  inxt::crypto::start();
  (void)inxt::sys::raise_open_files_limit();
  const Options options = parse(argc, argv);
  if (options.kind == "honest") return run_honest(options);
  if (options.kind == "store") return run_store(options);
  if (options.kind == "get") return run_get(options);
  if (options.kind == "identity") return print_identity(options);
  if (is_attack(options.kind)) return run_attack(options);
  fmt::print(stderr, "inxt-attack: no subcommand {}\n", options.kind);
  return 2;
}
