// SPDX-License-Identifier: AGPL-3.0-or-later
// What a lying Bridge works with: the honest engine, the Bridge's key, and all that it has ever been told.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bridge/bridge.h"
#include "cheat/memory_exchange.h"
#include "format/log_entry.h"

namespace inxt::evil {

using cheat::Asked;
using net::Awaitable;

/// How the connection goes on.
enum class Ending {
  whole,
  cut,      // the head promises twice what comes
  endless,  // the head promises 2^40 bytes, and they come
  silent,   // nothing comes
};

struct Answer {
  // No aggregate, because of g++ 12 (net/async.h).
  explicit Answer(cheat::Told as) : told(std::move(as)) {}
  cheat::Told told;
  Ending ending = Ending::whole;
};

using Args = std::vector<std::string>;

/// A log as this Bridge shows it: not always what was appended.
struct Log {
  std::vector<std::string> lines;  // without newlines
  format::LogHead head;

  void recount();  // head is that of the last line
};

struct Scene {
  bridge::Bridge& engine;
  const crypto::SigningKey& key;
  crypto::Random& random;
  std::string address = {};                  // its own
  std::map<std::string, Log> branches = {};  // by log id and name: what a part of the owner's machines sees
  std::map<std::string, std::string> records = {};  // by id: of branches
  std::map<std::string, std::string> kept = {};     // whatever an attack wants to repeat later
  std::map<std::string, int> counts = {};  // how often an attack was mounted since the control file changed

  /// The honest engine's answer.
  Awaitable<cheat::Told> ask(const Asked& asked);
  Awaitable<Answer> answer(const Asked& asked);
  /// The log that is asked for, whole, as it was appended; empty where there is none.
  Awaitable<Log> whole_log(const Asked& asked, std::string log_id);  // by value: it may be a temporary
};

/// What a request is about.
enum class About {
  anything,
  log_page,       // GET /v1/logs/{log}
  append,         // POST /v1/logs/{log}
  any_log,        // the two before, and records
  record,         // GET /v1/objects/{log}/{record}
  record_end,     // DELETE of one
  placement,      // POST /v1/placements
  placement_end,  // DELETE of one
  vouchers,       // POST /v1/placements/{id}/vouchers
  account,        // GET /v1/account
  revocation,     // POST /v1/permits/revoke
  hosts,          // GET /v1/hosts
  share_put,      // POST /v1/shares
  share_list,     // GET /v1/shares
  share,          // GET /v1/shares/{share}
  share_end,      // DELETE of one
  leases,         // POST /v1/shares/{share}/leases
};
bool is_about(const Asked& asked, About about);
/// "log_page", ...: the names above.
std::optional<About> about_named(std::string_view name);

struct Attack {
  std::string_view name;
  About about;
  std::string_view what;
  Awaitable<Answer> (*mount)(Scene&, const Args&, const Asked&);
};
std::span<const Attack> log_attacks();
std::span<const Attack> append_attacks();
std::span<const Attack> record_attacks();
std::span<const Attack> placement_attacks();
std::span<const Attack> host_attacks();
std::span<const Attack> share_attacks();

/// The named part of a path, from 0: "v1" of "/v1/logs/aa?x".
std::string part_of(const Asked& asked, std::size_t number);
/// A query parameter, or `otherwise`.
std::uint64_t query_number(const Asked& asked, std::string_view name, std::uint64_t otherwise);
std::vector<std::string> lines_of(std::string_view text);
cheat::Told told(int status, std::string body, std::string content_type = "application/json");
/// The page that is asked for of a log; entries are counted by where they stand.
cheat::Told page_of(const Log& log, const Asked& asked);

/// One way to write JSON that nobody should read; `body` is a true answer.
Result<std::string> hostile_json(std::string_view kind, const std::string& body);

/// From a test's own words: ends the program where they are off.
template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "evil-bridge: %s\n", result.error().what.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// In front of the engine.  The control file says what is to be done now, one attack a line:
///   NAME [ARGUMENT...]       an attack of the lists above; "once NAME ..." mounts it only for the first
///   request json KIND ABOUT          the true answer, as hostile JSON status CODE ABOUT        that status
///   and an error end cut|endless|silent ABOUT redirect ABOUT, noise ABOUT, empty ABOUT
/// An empty file: an honest Bridge.  Each attack that is mounted is a line of the file of hits.
class EvilBridge final : public net::Handler {
 public:
  EvilBridge(Scene& scene, std::string control, std::string hits)
      : scene_(scene), control_(std::move(control)), hits_(std::move(hits)) {}
  Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override;

 private:
  Awaitable<Answer> answer(const Asked& asked);
  void hit(const std::string& order, const Asked& asked);

  Scene& scene_;
  std::string control_;
  std::string hits_;
  std::string orders_;
};

}  // namespace inxt::evil
