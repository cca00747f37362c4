// SPDX-License-Identifier: AGPL-3.0-or-later
// The command line of `inxt-attack`, and what its subcommands have in common.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "crypto/sign.h"
#include "net/event_loop.h"
#include "net/tls_stream.h"
#include "support/key_number.h"

namespace inxt::attack {

using net::Awaitable;
using SteadyClock = std::chrono::steady_clock;
using asio_tcp = net::asio::ip::tcp;

struct Options {
  std::string kind;
  std::string address;             // of the server
  HostId host{};                   // zeros: any
  std::vector<std::string> paths;  // of what is there to get
  std::string folder;              // for copies of what is stored
  double seconds = 3;
  std::size_t connections = 64;
  std::size_t sources = 1;  // 127.0.66.1 and so on: where attackers come from
  std::uint64_t account = 1;
  std::size_t accounts = 1;  // get: as so many, from `account` on
  std::size_t pieces = 16;
};

Options parse(int argc, char** argv);
using testing::key_number;

/// What an attack did, for its one line of JSON.
struct Tally {
  std::map<std::string, std::uint64_t> counts;
  std::uint64_t& operator[](const std::string& name) { return counts[name]; }
  void print(const Options& options, double seconds) const;
};

/// An offer of `account` for a piece of `size` bytes, as a token.
std::string offer_token(const Options& options, const crypto::SigningKey& account, const PieceId& piece,
                        std::uint32_t size, const crypto::PublicKey& control);

/// A TCP connection from source address number `number` (round and round); null when refused.
Awaitable<std::unique_ptr<asio_tcp::socket>> dial(const Options& options, std::size_t number,
                                                  int receive_buffer_bytes = 0);
/// The same with TLS as `identity`.
Awaitable<std::shared_ptr<net::TlsStream>> dial_tls(const Options& options, std::size_t number,
                                                    const net::TlsIdentity& identity,
                                                    int receive_buffer_bytes = 0);

int run_honest(const Options& options);
int run_store(const Options& options);
int run_get(const Options& options);
int run_attack(const Options& options);
int print_identity(const Options& options);
bool is_attack(const std::string& kind);

}  // namespace inxt::attack
