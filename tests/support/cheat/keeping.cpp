// SPDX-License-Identifier: AGPL-3.0-or-later
// Hosts that save room: what they do not keep is gone from the disk.
#include <map>

#include "cheat/cheat.h"
#include "cheat/chosen.h"

namespace inxt::cheat {

namespace {

/// Zeros, with the path that the tree pages still have.
format::ProofLine zeros_for(const Scene& scene, const format::AuditSample& sample) {
  format::ProofLine line;
  line.sample = sample;
  const auto file = StoredFile::find(scene, sample.piece);
  if (!file) {
    line.missing = true;
    return line;
  }
  line.size = static_cast<std::uint32_t>(file->size_bytes());
  line.data = Bytes(proof::block_bytes(file->size_bytes(), sample.block));
  line.path = proof::path_from_page(file->page_of(sample.block), file->size_bytes(), sample.block);
  return line;
}

/// The lines that say `missing` become what options.lie says.
class Keeping : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<Told> asked(const Asked& asked) override {
    Told told = co_await scene_.ask_engine(asked);
    if (scene_.options.lie == Lie::missing || told.status != 200) co_return told;
    std::vector<std::string> lines = Scene::lines_of(told);
    bool is_whole = true;
    for (std::string& line : lines) {
      if (line.find("\"missing\":true") == line.npos) continue;
      is_whole = false;
      const auto read = format::read_proof(std::string_view(line).substr(0, line.size() - 1), "own line");
      if (read) line = format::write_proof(zeros_for(scene_, read->sample));
    }
    if (is_whole) co_return told;
    if (scene_.options.lie == Lie::zeros) co_return scene_.sign(asked, lines);
    Told refusal;
    refusal.status = 503;
    refusal.content_type = "application/json";
    refusal.body = "{\"error\":\"try_again\",\"message\":\"busy\"}\n";
    co_return refusal;
  }
};

class Drop final : public Keeping {
 public:
  using Keeping::Keeping;
  Awaitable<void> stored(store::Key key) override {
    StoredFile(scene_, key).unlink();
    co_return;
  }
};

class Keep final : public Keeping {
 public:
  using Keeping::Keeping;
  Awaitable<void> stored(store::Key key) override {
    StoredFile file(scene_, key);
    for (std::uint64_t block = 0; block < proof::blocks_in(file.size_bytes()); ++block)
      if (!is_kept(scene_.options.seed, key.piece, block, scene_.options.keep)) file.drop_block(block);
    co_return;
  }
};

class TreeOnly final : public Keeping {
 public:
  using Keeping::Keeping;
  Awaitable<void> stored(store::Key key) override {
    StoredFile(scene_, key).drop_data();
    co_return;
  }
};

/// Keeps 32 bytes of each block, from which every path can be computed, and tries what trees without care for
/// lengths and for the difference of leaves and nodes would let pass.
class Leaves final : public Cheat {
 public:
  using Cheat::Cheat;
  Awaitable<void> stored(store::Key key) override {
    StoredFile file(scene_, key);
    trees_.insert_or_assign(key.piece, proof::Tree(file.size_bytes(), file.leaves()));
    file.drop_data();
    file.drop_pages();
    co_return;
  }
  Awaitable<Told> asked(const Asked& asked) override {
    const auto request = format::read_request(asked.body);
    if (!request) co_return co_await scene_.ask_engine(asked);
    std::vector<std::string> lines;
    for (const auto& sample : request->samples)
      lines.push_back(format::write_proof(made_up(sample, lines.size() % 3)));
    co_return scene_.sign(asked, lines);
  }

 private:
  format::ProofLine made_up(const format::AuditSample& sample, std::size_t trick) const {
    format::ProofLine line;
    line.sample = sample;
    const auto found = trees_.find(sample.piece);
    if (found == trees_.end()) {
      line.missing = true;
      return line;
    }
    const proof::Tree& tree = found->second;
    const auto leaves = tree.leaves();
    line.size = static_cast<std::uint32_t>(tree.size_bytes());
    line.path = tree.path(sample.block);
    if (trick == 0) {  // the hash of the block in place of the block
      line.data = copy_of(leaves[sample.block]);
    } else if (trick == 1 &&
               !line.path.empty()) {  // a node in place of a leaf: a smaller tree with the same head
      const std::uint64_t left = sample.block & ~std::uint64_t{1};
      line.data = copy_of(leaves[left]);
      if (left + 1 < leaves.size())
        line.data.insert(line.data.end(), leaves[left + 1].begin(), leaves[left + 1].end());
      line.path.erase(line.path.begin());
      line.size /= 2;
    } else {  // the same, and the piece's true size and a block's true length
      line.data = Bytes(proof::block_bytes(tree.size_bytes(), sample.block));
      if (!line.path.empty()) line.path.erase(line.path.begin());
    }
    return line;
  }

  std::map<PieceId, proof::Tree> trees_;
};

}  // namespace

std::unique_ptr<Cheat> make_drop(Scene& scene) {
  return make<Drop>(scene);
}
std::unique_ptr<Cheat> make_keep(Scene& scene) {
  return make<Keep>(scene);
}
std::unique_ptr<Cheat> make_tree(Scene& scene) {
  return make<TreeOnly>(scene);
}
std::unique_ptr<Cheat> make_leaves(Scene& scene) {
  return make<Leaves>(scene);
}

}  // namespace inxt::cheat
