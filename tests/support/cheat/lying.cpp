// SPDX-License-Identifier: AGPL-3.0-or-later
// Hosts that answer another question than the one asked, or as somebody else.
#include <map>

#include "cheat/cheat.h"
#include "crypto/random.h"
#include "support/signed_answer.h"

namespace inxt::cheat {

namespace {

class Replay final : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<Told> asked(const Asked& asked) override {
    if (asked.method != net::Method::post) co_return co_await scene_.ask_engine(asked);
    auto first = first_.find(asked.target);
    if (first == first_.end()) {
      Told told = co_await scene_.ask_engine(asked);
      first = first_.insert_or_assign(asked.target, std::move(told)).first;
    }
    co_return first->second;
  }

 private:
  std::map<std::string, Told> first_;
};

/// After the first audit only the blocks of that one are left.
class ReplaySigned final : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<Told> asked(const Asked& asked) override {
    Told told = co_await scene_.ask_engine(asked);
    std::vector<std::string> lines = Scene::lines_of(told);
    const auto request = format::read_request(asked.body);
    if (!request || lines.size() != request->samples.size()) co_return told;
    if (challenge_ && *challenge_ != request->challenge) {
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& sample = request->samples[i];
        const auto kept = kept_.find({sample.piece, sample.block});
        lines[i] = kept != kept_.end() ? kept->second : std::next(kept_.begin(), i % kept_.size())->second;
      }
      co_return scene_.sign(asked, lines);
    }
    challenge_ = request->challenge;
    for (std::size_t i = 0; i < lines.size(); ++i)
      kept_[{request->samples[i].piece, request->samples[i].block}] = lines[i];
    co_return told;
  }

 private:
  std::optional<crypto::Hash> challenge_;
  std::map<std::pair<PieceId, std::uint32_t>, std::string> kept_;
};

/// One proof after the other in place of that which was asked for: under its own name, and under the asked
/// one's.
class OtherPiece final : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<void> stored(store::Key key) override {
    if (!has_) has_ = key.piece;
    co_return;
  }
  Awaitable<Told> asked(const Asked& asked) override {
    auto request = format::read_request(asked.body);
    if (!request || !has_) co_return co_await scene_.ask_engine(asked);
    const auto file = StoredFile::find(scene_, *has_);
    if (!file) {  // it was let go
      has_.reset();
      co_return co_await scene_.ask_engine(asked);
    }
    const Bytes piece = file->piece();
    const proof::Tree tree{ByteView(piece)};
    std::vector<std::string> lines;
    for (const auto& sample : request->samples) {
      format::ProofLine line;
      const std::uint32_t block = static_cast<std::uint32_t>((sample.block + 1) % tree.blocks());
      line.sample = lines.size() % 2 == 0 ? format::AuditSample{*has_, block} : sample;
      line.size = static_cast<std::uint32_t>(piece.size());
      const auto length = proof::block_bytes(piece.size(), block);
      line.data = copy_of(ByteView(piece).subspan(block * proof::kBlockBytes, length));
      line.path = tree.path(block);
      lines.push_back(format::write_proof(line));
    }
    co_return scene_.sign(asked, lines);
  }

 private:
  std::optional<PieceId> has_;
};

/// A true block with a true path, and a size that is not the piece's.
class OtherSize final : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<Told> asked(const Asked& asked) override {
    const Told told = co_await scene_.ask_engine(asked);
    std::vector<std::string> lines = Scene::lines_of(told);
    bool longer = false;
    for (std::string& text : lines) {
      auto line = format::read_proof(std::string_view(text).substr(0, text.size() - 1), "own line");
      if (!line || line->missing) continue;
      longer = !longer;
      line->size = longer ? line->size + 1 : line->size - 1;
      text = format::write_proof(*line);
    }
    if (lines.empty()) co_return told;
    co_return scene_.sign(asked, lines);
  }
};

class OtherHost final : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<Told> asked(const Asked& asked) override { return scene_.ask_peer(asked); }
};

/// Signed by a key that it made up, once in that key's name and once in its own.
class OtherKey final : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<Told> asked(const Asked& asked) override {
    const Told told = co_await scene_.ask_engine(asked);
    const auto request = format::read_request(asked.body);
    if (!request) co_return told;
    std::string lines;
    for (const std::string& line : Scene::lines_of(told)) lines += line;
    const auto other = crypto::SigningKey::from_seed(crypto::SystemRandom().bytes<32>());
    Told out;
    out.status = 200;
    out.body = testing::sign_as_answer(other, request->challenge, asked.body, request->samples.size(), lines,
                                       scene_.now_s());
    own_name_ = !own_name_;
    if (own_name_) {
      const std::string name = HostId{other.public_key()}.hex();
      out.body.replace(out.body.rfind(name), name.size(), scene_.id().hex());
    }
    co_return out;
  }

 private:
  bool own_name_ = false;
};

}  // namespace

std::unique_ptr<Cheat> make_replay(Scene& scene) {
  return make<Replay>(scene);
}
std::unique_ptr<Cheat> make_replay_signed(Scene& scene) {
  return make<ReplaySigned>(scene);
}
std::unique_ptr<Cheat> make_other_piece(Scene& scene) {
  return make<OtherPiece>(scene);
}
std::unique_ptr<Cheat> make_other_size(Scene& scene) {
  return make<OtherSize>(scene);
}
std::unique_ptr<Cheat> make_other_host(Scene& scene) {
  return make<OtherHost>(scene);
}
std::unique_ptr<Cheat> make_other_key(Scene& scene) {
  return make<OtherKey>(scene);
}

}  // namespace inxt::cheat
