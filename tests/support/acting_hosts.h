// SPDX-License-Identifier: AGPL-3.0-or-later
// A piece service whose Hosts answer audits honestly or not, each with a real key, real pieces and real proofs.
#pragma once

#include <algorithm>
#include <functional>
#include <map>

#include "crypto/random.h"
#include "format/audit_lines.h"
#include "format/inventory_lines.h"
#include "proof/tree.h"
#include "support/signed_answer.h"
#include "transfer/piece_service.h"

namespace inxt::testing {

inline std::vector<format::AuditSample> samples_asked(std::string_view body) {
  return format::read_request(body).value().samples;
}

struct ActingHost {
  crypto::SigningKey key;
  std::map<PieceId, Bytes> pieces;
  unsigned asked = 0;  // requests so far
  /// Instead of the honest answer to request number `asked`, counted from 1.
  std::function<Result<std::string>(ActingHost&, std::string_view body)> act = {};
  bool silent = false;
  std::optional<unsigned> rtt_ms = 1;  // none: cannot be measured
  unsigned delay_ms = 1;               // of an answer
  unsigned witnessed = 0;              // hashes so far
  /// Instead of its signed word about the hash, of time 1,600,000,050.
  std::function<Result<std::string>(ActingHost&, const crypto::Hash&)> act_as_witness = {};

  HostId id() const {
    HostId id;
    id.bytes = key.public_key();
    return id;
  }

  format::ProofLine prove(const format::AuditSample& sample) const {
    format::ProofLine line;
    line.sample = sample;
    const auto piece = pieces.find(sample.piece);
    if (piece == pieces.end()) {
      line.missing = true;
      return line;
    }
    const auto& bytes = piece->second;
    const auto begin = sample.block * proof::kBlockBytes;
    line.size = static_cast<std::uint32_t>(bytes.size());
    line.data = copy_of(ByteView(bytes).subspan(begin, proof::block_bytes(bytes.size(), sample.block)));
    line.path = proof::Tree(ByteView(bytes)).path(sample.block);
    return line;
  }
  std::string proofs(std::string_view body) const {
    std::string lines;
    for (const auto& sample : samples_asked(body)) lines += format::write_proof(prove(sample));
    return lines;
  }
  /// Signs any lines as the answer to `body`.
  std::string sign(std::string_view body, const std::string& lines) const {
    const auto request = format::read_request(body).value();
    return sign_as_answer(key, request.challenge, body, request.samples.size(), lines, 1'700'000'005);
  }
  std::string word(const crypto::Hash& hash) const {
    auto line = format::sign_witness({.hash = hash, .witness = id(), .time_unix_s = 1'600'000'050}, key);
    line.pop_back();
    return line;
  }
  std::string honest(std::string_view body) const { return sign(body, proofs(body)); }
};

class ActingHosts final : public transfer::PieceService {
 public:
  /// A Host with `count` pieces of `size_bytes` that follow from the number.
  ActingHost& add(unsigned number, unsigned count, std::size_t size_bytes) {
    ByteArray<32> seed;
    seed.fill(static_cast<std::byte>(number));
    ActingHost host{.key = crypto::SigningKey::from_seed(seed), .pieces = {}};
    for (unsigned i = 0; i < count; ++i) {
      Bytes bytes(size_bytes);
      crypto::SeededRandom(number * 1000 + i).fill(bytes);
      const auto id = proof::piece_id_of(bytes);
      host.pieces.emplace(id, std::move(bytes));
    }
    const auto id = host.id();
    return hosts_.emplace(id, std::move(host)).first->second;
  }
  std::map<HostId, ActingHost>& hosts() { return hosts_; }
  unsigned at_once_max = 0;

  net::Awaitable<Result<std::string>> audit(const transfer::HostAddress& address, std::string_view request) override {
    struct Running {
      unsigned& count;
      ~Running() { --count; }
    } const running{++running_};
    at_once_max = std::max(at_once_max, running_);
    auto& host = hosts_.at(address.id);
    ++host.asked;
    co_await net::sleep_for(std::chrono::milliseconds(host.silent ? 3'600'000 : host.delay_ms));
    if (host.act) co_return host.act(host, request);
    co_return host.honest(request);
  }

  net::Awaitable<Result<std::string>> witness(const transfer::HostAddress& address, const crypto::Hash& hash) override {
    co_await net::sleep_for(std::chrono::milliseconds(1));
    auto& host = hosts_.at(address.id);
    ++host.witnessed;
    if (host.act_as_witness) co_return host.act_as_witness(host, hash);
    co_return host.word(hash);
  }

  net::Awaitable<Result<std::chrono::nanoseconds>> round_trip(const transfer::HostAddress& address) override {
    co_await net::sleep_for(std::chrono::milliseconds(1));
    if (!hosts_.at(address.id).rtt_ms) co_return fail(Code::try_again, "no connection");
    co_return std::chrono::milliseconds(*hosts_.at(address.id).rtt_ms);
  }

  net::Awaitable<Result<transfer::StoredPiece>> put(const transfer::HostAddress&, std::string_view, ByteView) override {
    co_return fail(Code::denied, "an audit puts nothing");
  }
  net::Awaitable<Result<void>> get(const transfer::HostAddress&, const PieceId&, std::uint64_t, ByteSpan) override {
    co_return fail(Code::denied, "an audit gets nothing");
  }
  net::Awaitable<Result<transfer::HeldPiece>> contract(const transfer::HostAddress&, const PieceId&) override {
    co_return fail(Code::denied, "an audit asks for no contract");
  }
  net::Awaitable<Result<std::vector<transfer::HeldPiece>>> list(const transfer::HostAddress&, const std::optional<PieceId>&,
                                                                std::uint32_t) override {
    co_return fail(Code::denied, "an audit lists nothing");
  }
  net::Awaitable<Result<void>> remove(const transfer::HostAddress&, const PieceId&, std::string_view) override {
    co_return fail(Code::denied, "an audit removes nothing");
  }
  net::Awaitable<Result<std::optional<transfer::HeldRenewal>>> renew(const transfer::HostAddress&, const PieceId&,
                                                                     std::string_view) override {
    co_return fail(Code::denied, "an audit renews nothing");
  }

 private:
  std::map<HostId, ActingHost> hosts_;
  unsigned running_ = 0;
};

}  // namespace inxt::testing
