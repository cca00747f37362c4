// SPDX-License-Identifier: AGPL-3.0-or-later
// What a dishonest Host does otherwise than an honest one.  Each mode is one of these; the table stands in
// cheats.cpp.
#pragma once

#include <chrono>
#include <memory>

#include "cheat/inventory.h"

namespace inxt::cheat {

inline constexpr std::chrono::hours kSilence{1};  // nobody waits for so long

class Cheat {
 public:
  explicit Cheat(Scene& scene) : scene_(scene) {}
  virtual ~Cheat() = default;
  Cheat(const Cheat&) = delete;
  Cheat& operator=(const Cheat&) = delete;

  /// A piece was stored and its receipt has gone out.
  virtual Awaitable<void> stored(store::Key key);
  /// A question of an audit, or about the inventory.
  virtual Awaitable<Told> asked(const Asked& asked);
  /// Sends an answer to a question.
  virtual Awaitable<void> send(net::ServerResponse& response, Told told);
  /// It answers no request about single pieces, and gives and takes none.
  virtual bool is_silent_on_pieces() const { return false; }

 protected:
  Scene& scene_;
};

using Maker = std::unique_ptr<Cheat> (*)(Scene&);
template <class Kind>
std::unique_ptr<Cheat> make(Scene& scene) {
  return std::make_unique<Kind>(scene);
}

struct Mode {
  std::string_view name;
  std::string_view what;
  Maker make;
};
std::span<const Mode> modes();

// keeping.cpp
std::unique_ptr<Cheat> make_drop(Scene&);
std::unique_ptr<Cheat> make_keep(Scene&);
std::unique_ptr<Cheat> make_tree(Scene&);
std::unique_ptr<Cheat> make_leaves(Scene&);
// lying.cpp
std::unique_ptr<Cheat> make_replay(Scene&);
std::unique_ptr<Cheat> make_replay_signed(Scene&);
std::unique_ptr<Cheat> make_other_piece(Scene&);
std::unique_ptr<Cheat> make_other_size(Scene&);
std::unique_ptr<Cheat> make_other_host(Scene&);
std::unique_ptr<Cheat> make_other_key(Scene&);
// relay.cpp
std::unique_ptr<Cheat> make_relay(Scene&);
// slow.cpp
std::unique_ptr<Cheat> make_drip(Scene&);
std::unique_ptr<Cheat> make_gigabyte(Scene&);
std::unique_ptr<Cheat> make_silent(Scene&);
std::unique_ptr<Cheat> make_stall(Scene&);
std::unique_ptr<Cheat> make_withhold(Scene&);
// sharing.cpp
std::unique_ptr<Cheat> make_share(Scene&);

/// In front of the engine: everything but questions of audits goes through to it.
class CheatingHost final : public net::Handler {
 public:
  CheatingHost(Scene& scene, std::unique_ptr<Cheat> cheat);
  Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override;

 private:
  Scene& scene_;
  std::unique_ptr<Cheat> cheat_;
  std::optional<Inventory> inventory_;  // where options.inventory names one
};

}  // namespace inxt::cheat
