// SPDX-License-Identifier: AGPL-3.0-or-later
// A Host that keeps hash trees and contracts, and has the data somewhere else: it stores every piece at its
// peer, as any client of that Host would, and asks there when it is asked.
#include "cheat/cheat.h"
#include "format/contract.h"

namespace inxt::cheat {

namespace {

class Relay final : public Cheat {
 public:
  using Cheat::Cheat;

  Awaitable<void> stored(store::Key key) override {
    StoredFile file(scene_, key);
    const Bytes piece = file.piece();
    const std::int64_t now = scene_.now_s();
    format::Offer offer;
    offer.account.bytes = scene_.key.public_key();
    offer.host = scene_.peer->host;
    offer.piece = key.piece;
    offer.size = static_cast<std::uint32_t>(piece.size());
    offer.until_unix_s = now + 30 * 86400;
    offer.control = scene_.key.public_key();
    offer.tag = Bytes(format::kTagBytes, std::byte{7});
    offer.issued_unix_s = now;
    offer.expires_unix_s = now + 3600;
    Asked put;
    put.method = net::Method::put;
    put.target = "/v1/pieces/" + key.piece.hex();
    put.headers.push_back(net::Header("Inxt-Offer", *format::sign_offer(offer, scene_.key)));
    put.body = text_of(piece);
    const Told told = co_await scene_.ask_peer(put);
    CHECK_BUG(told.status == 201 || told.status == 200);
    file.drop_data();
  }

  Awaitable<Told> asked(const Asked& asked) override {
    Told own = co_await scene_.ask_engine(asked);
    std::vector<std::string> lines = Scene::lines_of(own);
    const auto request = format::read_request(asked.body);
    if (!request || lines.size() != request->samples.size()) co_return own;
    Asked there = asked;
    there.headers.clear();
    const Told fetched = co_await scene_.ask_peer(there);
    const std::vector<std::string> found = Scene::lines_of(fetched);
    if (found.size() != lines.size()) co_return own;
    co_return scene_.sign(asked, found);
  }
};

}  // namespace

std::unique_ptr<Cheat> make_relay(Scene& scene) {
  return make<Relay>(scene);
}

}  // namespace inxt::cheat
