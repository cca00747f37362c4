// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/commitments.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "format/descriptor.h"
#include "net/event.h"
#include "net/task.h"

namespace inxt::client {
namespace {

using net::Awaitable;

/// Errors: integrity unless it is this witness's signed line about this hash, and of the time when it was asked: a
/// witness that dates its word back would anchor a beacon that was known before, and one that dates it ahead would have
/// the audit wait.
Result<void> check_witness(std::string_view line, const HostId& witness, const crypto::Hash& hash,
                           std::int64_t asked_unix_s, std::int64_t answered_unix_s) {
  const auto said = TRY(format::read_witness(line, "its line"));
  if (said.witness != witness) return fail(Code::integrity, "its line: witness: another Host");
  if (said.hash != hash) return fail(Code::integrity, "its line: hash: not the one it was shown");
  if (said.time_unix_s < asked_unix_s - proof::kAnchorMarginS ||
      said.time_unix_s > answered_unix_s + proof::kAnchorMarginS)
    return fail(Code::integrity, fmt::format("its line: time: its clock or yours is off by {} s, more than {} (kAnchorMarginS)",
                                             said.time_unix_s - asked_unix_s, proof::kAnchorMarginS));
  return {};
}

class Gathering {
 public:
  Gathering(Network network, std::vector<AuditTarget>& targets, WitnessCallbacks callbacks)
      : net_(network), targets_(targets), callbacks_(std::move(callbacks)), event_(network.executor) {}

  Awaitable<Result<void>> run(const std::vector<transfer::HostAddress>& witnesses) {
    for (const auto& witness : witnesses) {
      ++running_;
      net::spawn(net_.executor, ask_all(witness));
    }
    while (running_ > 0) {
      co_await event_.wait_for(std::chrono::milliseconds(200));
      stopped_ = stopped_ || (callbacks_.stopped && callbacks_.stopped());
    }
    if (stopped_) co_return fail(Code::failure, "stopped by a signal");
    co_return Result<void>{};
  }

 private:
  struct End {
    Gathering& gathering;
    ~End() {
      --gathering.running_;
      gathering.event_.notify();
    }
  };

  Awaitable<void> ask_all(transfer::HostAddress witness) {
    const End end{*this};
    unsigned refusals = 0;
    for (std::size_t i = 0; i < targets_.size() && !stopped_;) {
      if (targets_[i].host.id == witness.present_id() || targets_[i].commit->witness_lines.size() >= proof::kWitnessesMax) {
        ++i;
        continue;
      }
      const auto asked_unix_s = net_.clock.unix_s();
      Result<std::string> line = co_await net_.service.witness(witness, targets_[i].commitment());
      if (line) {
        if (const auto said = check_witness(*line, witness.present_id(), targets_[i].commitment(), asked_unix_s,
                                            net_.clock.unix_s());
            !said)
          line = std::unexpected(said.error());
      }
      if (line) {
        auto& lines = targets_[i].commit->witness_lines;
        if (lines.size() < proof::kWitnessesMax) lines.push_back(*std::move(line));
        ++i;
        continue;
      }
      if (line.error().code != Code::try_again || ++refusals > kWitnessRefusalsMax) {
        if (callbacks_.on_trouble) callbacks_.on_trouble(witness.present_id(), line.error());
        co_return;
      }
      co_await net::sleep_for(std::chrono::milliseconds(kWitnessPauseMs));
    }
  }

  Network net_;
  std::vector<AuditTarget>& targets_;
  WitnessCallbacks callbacks_;
  net::Event event_;
  unsigned running_ = 0;
  bool stopped_ = false;
};

}  // namespace

void fix_commitments(std::vector<AuditTarget>& targets, std::int64_t now_unix_s) {
  for (auto& target : targets)
    if (!target.commit) target.commit = Commit{.time_unix_s = now_unix_s};
}

Awaitable<Result<void>> gather_witnesses(Network network, std::vector<AuditTarget>& targets,
                                         const std::vector<transfer::HostAddress>& witnesses, WitnessCallbacks callbacks) {
  Gathering gathering(network, targets, std::move(callbacks));
  co_return co_await gathering.run(witnesses);
}

Result<std::int64_t> committed_by(const std::vector<AuditTarget>& targets) {
  std::int64_t latest = 0;
  for (const auto& target : targets) {
    latest = std::max(latest, target.commit->time_unix_s);
    for (const auto& line : target.commit->witness_lines)
      latest = std::max(latest, TRY(format::read_witness(line, "witness")).time_unix_s);
  }
  return latest;
}

Result<void> write_commitments(const std::vector<AuditTarget>& targets,
                               const std::function<Result<void>(std::string_view)>& write) {
  for (const auto& target : targets) {
    auto addresses = target.host.addresses;
    addresses.resize(std::min(addresses.size(), format::kAddressesMax));
    TRY(write(format::write_commitment_line({.host = target.host.id,
                                             .addresses = std::move(addresses),
                                             .kind = target.kind(),
                                             .commitment = target.commitment(),
                                             .pieces = target.pieces()})));
    if (const auto* head = std::get_if<AuditHead>(&target.what)) {
      TRY(write(head->line + '\n'));
    } else {
      for (const auto& piece : target.set().pieces())
        TRY(write(format::write_set_line({.piece = piece.id, .size = static_cast<std::uint32_t>(piece.size_bytes)})));
    }
    TRY(write(format::write_commit_line({target.commit->time_unix_s})));
    for (const auto& witness : target.commit->witness_lines) TRY(write(witness + '\n'));
  }
  return {};
}

Result<AuditTargets> read_commitments(LineReader& lines, const std::string& name) {
  AuditTargets out;
  std::set<HostId> seen;
  std::uint64_t number = 0;
  const auto where = [&] { return fmt::format("{}: line {}", name, number); };
  const auto next = [&]() -> Result<std::string> {
    const auto line = TRY_IN(name, lines.next());
    if (!line) return fail(Code::integrity, fmt::format("{}: cut short behind line {}", name, number));
    ++number;
    return std::string(*line);
  };
  while (TRY_IN(name, lines.peek())) {
    const auto text = TRY(next());
    const auto line = TRY(format::read_commitment_line(text, where()));
    if (!seen.insert(line.host).second) return fail(Code::integrity, where() + ": host: a second commitment of one Host");
    AuditTarget target{.host = {line.host, line.addresses}, .what = AuditHead{}};
    if (line.kind == format::AuditKind::set) {
      target.what = TRY(read_set_lines(lines, name, number, line.pieces));
    } else {
      AuditHead head{.line = TRY(next()), .head = {}, .chained = line.kind == format::AuditKind::chain};
      head.head = TRY(format::read_head(head.line, where()));
      if (head.head.head.host != line.host) return fail(Code::integrity, where() + ": host: another Host's head");
      target.what = std::move(head);
    }
    if (target.commitment() != line.commitment)
      return fail(Code::integrity, where() + ": this is not what the commitment says");
    const auto commit = TRY(next());
    target.commit = Commit{.time_unix_s = TRY(format::read_commit_line(commit, where())).time_unix_s};
    while (const auto more = TRY_IN(name, lines.peek())) {
      if (format::type_of(*more) != "witness") break;
      auto witness = TRY(next());
      const auto said = TRY(format::read_witness(witness, where()));
      if (said.hash != line.commitment) return fail(Code::integrity, where() + ": hash: not the commitment");
      target.commit->witness_lines.push_back(std::move(witness));
      if (target.commit->witness_lines.size() > proof::kWitnessesMax)
        return fail(Code::integrity, fmt::format("{}: more than {} witnesses (kWitnessesMax)", where(), proof::kWitnessesMax));
    }
    out.hosts.push_back(std::move(target));
  }
  if (out.hosts.empty()) return fail(Code::usage, name + ": no commitment stands in it");
  std::ranges::sort(out.hosts, {}, [](const AuditTarget& target) { return target.host.id; });
  return out;
}

}  // namespace inxt::client
