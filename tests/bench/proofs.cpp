// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bench-proofs FOLDER PROOFS: what proofs of blocks cost, in CPU seconds of one thread, as one JSON
// object; and in FOLDER `transcript.jsonl`, an audit of four Hosts with so many proofs, and `blocks`, the
// blocks that they show.  Run by scripts/bench proofs.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "client/audit.h"
#include "transfer/audit_answer.h"
#include "format/inventory_lines.h"
#include "net/event_loop.h"
#include "proof/inventory_tree.h"
#include "proof/verify_pair.h"
#include "support/acting_hosts.h"
#include "sys/files.h"

namespace inxt {
namespace {

constexpr unsigned kHosts = 4;
constexpr std::size_t kInventoryPieces = 100'000;
constexpr unsigned kPieces = 64;  // of 2 MiB, the same on each Host: 128 MiB of blocks, no cache holds them

double cpu_s() {
  std::timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

class Output {
 public:
  explicit Output(const std::string& path)
      : path_(path), file_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
    if (file_.number() < 0) throw std::runtime_error(path);
  }
  Result<void> write(ByteView bytes) { return sys::write_all(file_.number(), bytes, path_); }

 private:
  std::string path_;
  sys::Fd file_;
};

struct Question {
  proof::Challenge challenge;
  transfer::AuditPart part;
  std::string answer;                    // to it
  std::vector<format::ProofLine> lines;  // that it shows
  std::vector<proof::Proof> proofs;      // the same
};

class Bench {
 public:
  Bench(const std::string& folder, std::uint64_t proofs) : folder_(folder), each_(proofs / kHosts) {
    std::vector<proof::SetPiece> pieces;
    for (unsigned i = 0; i < kPieces; ++i) {
      Bytes bytes(proof::kPieceBytesMax);
      crypto::SeededRandom(i).fill(bytes);
      proof::Tree tree{ByteView(bytes)};
      const auto id = tree.id();
      pieces.push_back({id, bytes.size()});
      pieces_.emplace(id, Piece{std::move(bytes), std::move(tree)});
    }
    set_ = must(proof::AuditSet::make(std::move(pieces)));
    for (unsigned number = 1; number <= kHosts; ++number)
      hosts_.add(number, 0, 0).act = [this](testing::ActingHost& host,
                                            std::string_view body) -> Result<std::string> {
        std::string lines;
        for (const auto& sample : testing::samples_asked(body)) {
          const auto line = prove(sample);
          lines += format::write_proof(line);
          TRY(blocks_.write(line.data));
        }
        return host.sign(body, lines);
      };
  }

  void save_transcript() {
    Output transcript(folder_ + "/transcript.jsonl");
    std::vector<client::AuditTarget> targets;
    for (const auto& [id, host] : hosts_.hosts())
      targets.push_back({.host = {id, {"192.0.2.1:1"}}, .what = set_});
    client::AuditOptions options;
    options.goal.samples = each_;
    client::AuditCallbacks callbacks;
    callbacks.on_transcript = [&](std::string_view text) { return transcript.write(view_of(text)); };
    sys::SystemClock clock;
    crypto::SeededRandom random(3);
    net::EventLoop loop;
    net::WorkerPool workers;
    const auto total = must(loop.run(client::audit({hosts_, loop.executor(), workers, clock, random}, targets,
                                                   options, std::move(callbacks))));
    if (total.hosts_unreachable + total.hosts_failed > 0) throw std::runtime_error("an honest Host failed");
  }

  nlohmann::ordered_json measure() {
    make_questions();
    const auto proofs = each_ * kHosts;
    const auto rounds = proofs / (questions_.size() * format::kSamplesPerRequestMax);
    const auto per_proof_us = [&](auto work) {
      const auto begun = cpu_s();
      for (std::uint64_t round = 0; round < rounds; ++round)
        for (const auto& question : questions_) work(question);
      const auto took = cpu_s() - begun;
      return took * 1e6 / static_cast<double>(rounds * questions_.size() * format::kSamplesPerRequestMax);
    };
    const auto id = host().id();
    nlohmann::ordered_json out;
    out["write_us"] = per_proof_us([&](const Question& question) {
      for (const auto& line : question.lines) sink_ += format::write_proof(line).size();
    });
    out["read_us"] = per_proof_us([&](const Question& question) {
      for (std::string_view rest = question.answer; rest.starts_with("{\"type\":\"proof\"");) {
        const auto end = rest.find('\n');
        sink_ += must(format::read_proof(rest.substr(0, end), "line")).data.size();
        rest.remove_prefix(end + 1);
      }
    });
    const auto shown = [&](const Question& question, std::size_t i) {
      const auto& sample = question.challenge.samples[i];
      const auto& piece = set_.piece(sample);
      return proof::ShownBlock{.piece = piece.id,
                               .size_bytes = piece.size_bytes,
                               .block = sample.block,
                               .proof = question.proofs[i]};
    };
    const auto expect_held = [](proof::Outcome outcome) {
      if (outcome != proof::Outcome::held) throw std::runtime_error("an honest Host failed");
    };
    out["verify_alone_us"] = per_proof_us([&](const Question& question) {
      for (std::size_t i = 0; i < question.proofs.size(); ++i) {
        const auto each = shown(question, i);
        expect_held(proof::verify(each.piece, each.size_bytes, each.block, each.proof));
      }
    });
    out["verify_us"] = per_proof_us([&](const Question& question) {
      for (std::size_t i = 0; i < question.proofs.size(); i += 2)
        for (const auto outcome : proof::verify_pair(shown(question, i), shown(question, i + 1)))
          expect_held(outcome);
    });
    out["check_us"] = per_proof_us([&](const Question& question) {
      for (const auto outcome :
           must(transfer::check_answer(id, question.challenge, set_, question.part, question.answer)).outcomes)
        expect_held(outcome);
    });
    out["sha256_of_block_us"] = per_proof_us([&](const Question& question) {
      for (const auto& line : question.lines)
        sink_ += std::to_integer<unsigned>(crypto::sha256(line.data)[0]);
    });
    out["sha256_of_line_us"] = per_proof_us([&](const Question& question) {
      sink_ += std::to_integer<unsigned>(crypto::sha256(view_of(question.answer))[0]);
    });
    measure_inclusions(out);
    if (sink_ == 0) throw std::runtime_error("nothing was done");
    out["proofs"] = proofs;
    out["line_bytes"] = questions_.front().answer.size() / format::kSamplesPerRequestMax;
    return out;
  }

 private:
  struct Piece {
    Bytes bytes;
    proof::Tree tree;
  };

  /// Inclusion lines of an inventory of kInventoryPieces.
  void measure_inclusions(nlohmann::ordered_json& out) const {
    std::vector<proof::InventoryLeaf> leaves(kInventoryPieces);
    crypto::SeededRandom random(5);
    for (auto& leaf : leaves) {
      random.fill(leaf.piece.bytes);
      random.fill(leaf.contracts_root);
      leaf.size_bytes = proof::kPieceBytesMax;
      leaf.contracts = 1;
    }
    std::ranges::sort(leaves, {}, &proof::InventoryLeaf::piece);
    std::vector<std::span<const proof::InventoryLeaf>> folders(proof::kInventoryFolders);
    for (std::size_t begin = 0, end = 0; begin < leaves.size(); begin = end) {
      const auto folder = proof::inventory_folder(leaves[begin].piece);
      while (end < leaves.size() && proof::inventory_folder(leaves[end].piece) == folder) ++end;
      folders[folder] = std::span(leaves).subspan(begin, end - begin);
    }
    std::vector<proof::InventoryBranch> branches;
    for (const auto& folder : folders) branches.push_back(must(proof::inventory_branch(folder)));
    const auto top = must(proof::InventoryTop::make(branches));
    std::vector<format::InclusionLine> lines;
    for (std::size_t i = 0; i < 4096; ++i) {
      const auto& leaf = leaves[i * 7919 % leaves.size()];
      auto path = must(top.path_to(leaf.piece, folders[proof::inventory_folder(leaf.piece)]));
      lines.push_back({.leaf = leaf, .steps = std::move(path.steps), .contract = {}});
    }
    std::vector<std::string> texts;
    const auto per_line_us = [&](auto work) {
      const auto begun = cpu_s();
      for (const auto& line : lines) work(line);
      return (cpu_s() - begun) * 1e6 / static_cast<double>(lines.size());
    };
    out["inclusion_write_us"] =
        per_line_us([&](const auto& line) { texts.push_back(format::write_inclusion(line)); });
    std::size_t at = 0;
    out["inclusion_read_us"] = per_line_us([&](const auto& line) {
      const auto& text = texts[at++];
      if (must(format::read_inclusion(std::string_view(text).substr(0, text.size() - 1), "line")) != line)
        throw std::runtime_error("an inclusion is read as something else");
    });
    out["inclusion_verify_us"] = per_line_us([&](const auto& line) {
      if (must(proof::verify_inclusion(line.leaf, line.steps)).root != top.root())
        throw std::runtime_error("an inclusion does not lead to the root");
    });
    out["inclusion_bytes"] = texts.front().size();
  }

  testing::ActingHost& host() { return hosts_.hosts().begin()->second; }

  format::ProofLine prove(const format::AuditSample& sample) const {
    const auto& piece = pieces_.at(sample.piece);
    format::ProofLine line;
    line.sample = sample;
    line.size = static_cast<std::uint32_t>(piece.bytes.size());
    line.data = copy_of(ByteView(piece.bytes).subspan(sample.block * proof::kBlockBytes, proof::kBlockBytes));
    line.path = piece.tree.path(sample.block);
    return line;
  }

  /// As many as are larger than the CPU's caches together.
  void make_questions() {
    questions_.reserve(64);
    for (unsigned number = 0; number < 64; ++number) {
      proof::Beacon beacon;
      beacon.fill(static_cast<std::byte>(number));
      Question question{.challenge = must(proof::derive_challenge(beacon, host().id(), set_,
                                                                  format::kSamplesPerRequestMax)),
                        .part = {},
                        .answer = {},
                        .lines = {},
                        .proofs = {}};
      std::string lines;
      for (const auto& sample : question.challenge.samples) {
        question.lines.push_back(prove({set_.piece(sample).id, static_cast<std::uint32_t>(sample.block)}));
        const auto& line = question.lines.back();
        lines += format::write_proof(line);
        question.proofs.push_back({.piece = line.sample.piece,
                                   .block = line.sample.block,
                                   .missing = false,
                                   .size_bytes = line.size,
                                   .data = line.data,
                                   .path = line.path});
      }
      questions_.push_back(std::move(question));
      auto& last = questions_.back();  // a part points into its challenge
      last.part = transfer::audit_part(last.challenge, set_, 0);
      last.answer = host().sign(last.part.body, lines);
    }
  }

  std::string folder_;
  std::uint64_t each_;
  std::map<PieceId, Piece> pieces_;
  proof::AuditSet set_;
  testing::ActingHosts hosts_;
  Output blocks_{folder_ + "/blocks"};
  std::vector<Question> questions_;
  std::size_t sink_ = 0;  // so that no work is left out
};

}  // namespace
}  // namespace inxt

int main(int count, char** arguments) {
  if (count != 3) {
    fmt::print(stderr, "usage: inxt-bench-proofs FOLDER PROOFS\n");
    return 2;
  }
  inxt::crypto::start();
  inxt::Bench bench(arguments[1], std::stoull(arguments[2]));
  bench.save_transcript();
  fmt::print("{}\n", bench.measure().dump());
}
