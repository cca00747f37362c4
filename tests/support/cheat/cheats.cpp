// SPDX-License-Identifier: AGPL-3.0-or-later
#include <array>

#include "cheat/cheat.h"

namespace inxt::cheat {

namespace {

constexpr auto kModes = std::to_array<Mode>({
    {"honest", "no cheat: what an honest Host shows in the same place", make<Cheat>},
    {"drop", "loses every piece once its receipt is out", make_drop},
    {"keep", "keeps a random part (--keep) of the blocks", make_keep},
    {"tree", "keeps the hash trees and no data", make_tree},
    {"leaves", "keeps the hashes of the blocks, and makes up blocks that hash to something", make_leaves},
    {"replay", "gives its first answer to every later question", make_replay},
    {"replay-signed", "keeps the blocks that were asked for once, and signs them again for others",
     make_replay_signed},
    {"other-piece", "answers for another piece that it has", make_other_piece},
    {"other-size", "claims pieces to be longer or shorter than they are", make_other_size},
    {"other-host", "passes on what another Host (--peer) answers, as that Host signed it", make_other_host},
    {"other-key", "signs with a key that is not its own", make_other_key},
    {"relay", "keeps no data and fetches it from another Host (--peer, --delay) when asked", make_relay},
    {"drip", "answers one byte a second", make_drip},
    {"gigabyte", "answers a gigabyte", make_gigabyte},
    {"silent", "never answers", make_silent},
    {"stall", "never answers, nor gives or takes a piece: its health is all it tells", make_stall},
    {"withhold", "shows what it is asked for, and never gives or takes a piece", make_withhold},
    {"share", "two Hosts and one copy: what the second is given, it does not keep", make_share},
});

bool is_about_piece(const net::ServerRequest& request) {
  return request.path().starts_with("/v1/pieces") || request.path().starts_with("/v1/contracts");
}

bool is_question(const net::ServerRequest& request) {
  return request.path() == "/v1/audit" || request.path().starts_with("/v1/inventory");
}

}  // namespace

std::span<const Mode> modes() {
  return kModes;
}

Awaitable<void> Cheat::stored(store::Key) {
  co_return;
}

Awaitable<Told> Cheat::asked(const Asked& asked) {
  return scene_.ask_engine(asked);
}

Awaitable<void> Cheat::send(net::ServerResponse& response, Told told) {
  std::vector<net::Header> headers;
  headers.push_back(net::Header("Inxt-Protocol", "1"));
  headers.push_back(net::Header("Content-Type", told.content_type));
  const Result<void> ignored = co_await response.send(told.status, std::move(headers), view_of(told.body));
}

CheatingHost::CheatingHost(Scene& scene, std::unique_ptr<Cheat> cheat)
    : scene_(scene), cheat_(std::move(cheat)) {
  if (const auto lie = inventory_lie_named(scene.options.inventory))
    inventory_.emplace(scene_, *lie, [this](const Asked& asked) { return cheat_->asked(asked); });
}

Awaitable<void> CheatingHost::handle(net::ServerRequest& request, net::ServerResponse& response) {
  if (!is_question(request)) {
    if (cheat_->is_silent_on_pieces() && is_about_piece(request)) co_await net::sleep_for(kSilence);
    co_await scene_.engine.handle(request, response);
    constexpr std::string_view kPieces = "/v1/pieces/";
    if (request.method() != net::Method::put || !request.path().starts_with(kPieces) || !request.peer_key())
      co_return;
    const auto piece = PieceId::parse(request.path().substr(kPieces.size()));
    if (!piece) co_return;
    const store::Key key{.piece = *piece, .account = AccountId{*request.peer_key()}};
    const auto found = scene_.engine.parts().store.find(key.piece, key.account);
    if (!found || !*found) co_return;
    if (inventory_) inventory_->stored(key);
    co_await cheat_->stored(key);
    co_return;
  }
  Asked asked;
  asked.method = request.method();
  asked.target = request.target();
  asked.headers.assign(request.headers().begin(), request.headers().end());
  asked.peer = request.peer_key();
  asked.address = request.peer_address();
  const Result<Bytes> body = co_await request.read_all(format::kAuditRequestBytesMax);
  if (!body) co_return;
  asked.body = text_of(*body);
  const bool is_own = inventory_ && request.path().starts_with("/v1/inventory");
  Told told;
  if (is_own)
    told = co_await inventory_->asked(asked);
  else
    told = co_await cheat_->asked(asked);
  co_await cheat_->send(response, std::move(told));
}

}  // namespace inxt::cheat
