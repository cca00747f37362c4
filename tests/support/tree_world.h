// SPDX-License-Identifier: AGPL-3.0-or-later
// An owner, machines of theirs, and a Bridge in memory that keeps their log: for tests of views of it.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>

#include "client/tree.h"
#include "net/event_loop.h"
#include "support/memory_bridge_log.h"

namespace inxt::testing {

inline keys::OwnerKeys owner_keys(std::uint8_t number) {
  ByteArray<32> entropy;
  entropy.fill(std::byte{number});
  return keys::OwnerKeys::from_entropy(entropy);
}

/// A machine's own folders.
struct Machine {
  Machine() {
    std::string pattern = std::filesystem::temp_directory_path() / "inxt-tree-XXXXXX";
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Machine() { std::filesystem::remove_all(path); }
  client::TreeOptions options() const {
    return {.log = {},
            .state_folder = path + "/state",
            .cache_folder = path + "/cache",
            .cache = true,
            .append_wait_ms_max = 5};
  }
  std::string path;
};

struct TreeWorld {
  TreeWorld() { crypto::start(); }
  client::TreeWorld tree_world() {
    return {.bridge = bridge, .workers = workers, .clock = clock, .random = random};
  }

  Result<std::unique_ptr<client::TreeView>> open(const Machine& machine) { return open(machine, key); }
  Result<std::unique_ptr<client::TreeView>> open(const Machine& machine, const keys::Key& with,
                                                 std::optional<format::LogId> log_id = {}) {
    auto options = machine.options();
    options.log = log_id;
    return loop.run(client::TreeView::open(tree_world(), with, options));
  }
  Result<client::AppendReport> append(client::TreeView& view, client::MakeChanges make) {
    return loop.run(view.append(std::move(make)));
  }
  Result<client::AppendReport> apply(client::TreeView& view, std::vector<format::Op> ops) {
    return append(view, [ops](const tree::Tree&) -> Result<client::Changes> {
      return client::Changes{.ops = ops, .records = {}};
    });
  }
  /// Puts a new version of a file of `bytes` bytes.
  Result<client::AppendReport> put(client::TreeView& view, const std::string& path, std::uint64_t bytes) {
    return append(view, [&](const tree::Tree& tree) {
      return view.put_at(
          tree, path,
          format::whole_object(bytes, format::InlineManifest{fmt::format("manifest of {}\n", path)}));
    });
  }
  Error refused(const Machine& machine) {
    auto view = open(machine);
    REQUIRE_FALSE(view.has_value());
    return view.error();
  }
  MemoryBridgeLog::Log& log() {
    return bridge.logs[format::TreeKey::of(key.owner()->recipient_secret()).log()];
  }

  keys::Key key = keys::Key::of_owner(owner_keys(1));
  sys::ManualClock clock{1'800'000'000};
  crypto::SeededRandom random{5};
  net::EventLoop loop;
  net::WorkerPool workers;
  MemoryBridgeLog bridge;
};

inline std::string show(const tree::Tree& tree) {
  std::string out;
  tree.walk(tree::Names::kRoot, [&](const tree::Item& item) {
    out += tree.path_of(item.node) + (item.is_folder ? "/ " : fmt::format("={} ", item.version->bytes));
    return true;
  });
  return out;
}

inline bool says(const Error& error, std::string_view text) {
  if (error.what.find(text) != std::string::npos) return true;
  MESSAGE(error.what);
  return false;
}

}  // namespace inxt::testing
