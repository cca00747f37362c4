// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tree/names.h"

#include <algorithm>

#include "base/check.h"

namespace inxt::tree {
namespace {

struct Slot {
  Names::Node parent = Names::kNone;  // kNone of the root, and of what was removed
  std::uint32_t mode = 0;
  std::string name;
  std::unique_ptr<Version> version;
};

struct Key {
  Names::Node parent;
  std::string_view name;
};

struct Less {
  using is_transparent = void;
  const std::deque<Slot>* items;

  Key key(Names::Node node) const { return {(*items)[node].parent, (*items)[node].name}; }
  static bool before(const Key& a, const Key& b) {
    return a.parent != b.parent ? a.parent < b.parent : a.name < b.name;
  }
  bool operator()(Names::Node a, Names::Node b) const { return before(key(a), key(b)); }
  bool operator()(Names::Node a, const Key& b) const { return before(key(a), b); }
  bool operator()(const Key& a, Names::Node b) const { return before(a, key(b)); }
};

}  // namespace

struct Names::Storage {
  std::deque<Slot> items;  // grows without copies
  std::vector<Node> free;
  std::set<Node, Less> order{Less{&items}};
};

Names::Names() : storage_(std::make_unique<Storage>()) {
  storage_->items.emplace_back();
  storage_->items.front().mode = 0755;
}
Names::Names(Names&&) noexcept = default;
Names& Names::operator=(Names&&) noexcept = default;
Names::~Names() = default;

Names::Node Names::child(Node folder, std::string_view name) const {
  const auto found = storage_->order.find(Key{folder, name});
  return found == storage_->order.end() ? kNone : *found;
}

Names::Node Names::child_behind(Node folder, std::string_view after) const {
  const auto found = storage_->order.upper_bound(Key{folder, after});
  return found == storage_->order.end() || storage_->items[*found].parent != folder ? kNone : *found;
}

Names::Node Names::next_sibling(Node node) const {
  auto at = storage_->order.find(node);
  CHECK_BUG(at != storage_->order.end());
  ++at;
  return at == storage_->order.end() || storage_->items[*at].parent != storage_->items[node].parent ? kNone
                                                                                                    : *at;
}

Names::Node Names::add(Node folder, std::string_view name, std::uint32_t mode,
                       std::unique_ptr<Version> version) {
  CHECK_BUG(is_folder(folder));
  Node node;
  if (storage_->free.empty()) {
    node = static_cast<Node>(storage_->items.size());
    storage_->items.emplace_back();
  } else {
    node = storage_->free.back();
    storage_->free.pop_back();
  }
  auto& item = storage_->items[node];
  item.parent = folder;
  item.mode = mode;
  item.name = name;
  item.version = std::move(version);
  CHECK_BUG(storage_->order.insert(node).second);
  return node;
}

void Names::move(Node node, Node folder, std::string_view name) {
  std::string text(name);  // may be the node's own
  storage_->order.erase(node);
  auto& item = storage_->items[node];
  item.parent = folder;
  item.name = std::move(text);
  CHECK_BUG(storage_->order.insert(node).second);
}

std::unique_ptr<Version> Names::remove(Node node) {
  CHECK_BUG(node != kRoot && child_behind(node, {}) == kNone);
  storage_->order.erase(node);
  auto version = std::move(storage_->items[node].version);
  storage_->items[node] = Slot{};
  storage_->free.push_back(node);
  return version;
}

std::unique_ptr<Version> Names::replace(Node file, std::unique_ptr<Version> version) {
  std::swap(storage_->items[file].version, version);
  return version;
}

bool Names::is_folder(Node node) const {
  return storage_->items[node].version == nullptr;
}
Names::Node Names::parent(Node node) const {
  return storage_->items[node].parent;
}
std::string_view Names::name(Node node) const {
  return storage_->items[node].name;
}
std::uint32_t Names::mode(Node node) const {
  return is_folder(node) ? storage_->items[node].mode : version(node)->mode;
}
const Version* Names::version(Node node) const {
  return storage_->items[node].version.get();
}

std::string Names::path(Node node) const {
  if (node == kRoot) return "/";
  std::vector<Node> up;
  std::size_t bytes = 0;
  for (; node != kRoot; node = parent(node)) {
    up.push_back(node);
    bytes += name(node).size() + 1;
  }
  std::string out;
  out.reserve(bytes);
  for (auto at = up.rbegin(); at != up.rend(); ++at) {
    out += '/';
    out += name(*at);
  }
  return out;
}

std::vector<Names::Node> Names::below(Node folder) const {
  std::vector<Node> out;
  if (!is_folder(folder)) return out;
  const auto append_children = [&](Node of) {
    for (auto at = storage_->order.upper_bound(Key{of, {}});
         at != storage_->order.end() && storage_->items[*at].parent == of; ++at)
      out.push_back(*at);
  };
  append_children(folder);
  for (std::size_t i = 0; i < out.size(); ++i)
    if (is_folder(out[i])) append_children(out[i]);
  return out;
}

std::size_t Names::height(Node node) const {
  const auto depth = [this](Node of) {
    std::size_t names = 0;
    for (; of != kRoot; of = parent(of)) ++names;
    return names;
  };
  const auto all = below(node);  // breadth first: the last lies deepest
  return all.empty() ? 1 : depth(all.back()) - depth(node) + 1;
}

std::size_t Names::count() const {
  return storage_->order.size();
}

}  // namespace inxt::tree
