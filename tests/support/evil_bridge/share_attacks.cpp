// SPDX-License-Identifier: AGPL-3.0-or-later
// Lies about shares.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "evil_bridge/evil.h"
#include "format/lease.h"
#include "format/share_requests.h"

namespace inxt::evil {
namespace {

using format::Json;

/// Says that it is done, and does nothing: a share that was to be made, or to be ended.
Awaitable<Answer> share_not_stored(Scene&, const Args&, const Asked& asked) {
  const auto first = Json::parse(lines_of(asked.body).front());
  co_return Answer(told(201, Json{{"share", first["share"]}, {"expires", first["expires"]}}.dump() + '\n'));
}
Awaitable<Answer> share_not_ended(Scene&, const Args&, const Asked&) {
  co_return Answer(told(200, "{\"deleted\":true}\n"));
}

/// The bundle as it was when it was first asked for, whatever the owner or the reader may want now.
Awaitable<Answer> old_bundle(Scene& scene, const Args&, const Asked& asked) {
  auto& kept = scene.kept["bundle " + part_of(asked, 2)];
  auto out = co_await scene.ask(asked);
  if (kept.empty()) {
    kept = out.body;
    co_return Answer(std::move(out));
  }
  co_return Answer(told(200, kept, "application/octet-stream"));
}

/// Another share's bundle: ARGS[0] is a share that was asked for before, by old-bundle.
Awaitable<Answer> other_bundle(Scene& scene, const Args& args, const Asked&) {
  co_return Answer(told(200, scene.kept.at("bundle " + args.at(0)), "application/octet-stream"));
}

Awaitable<Answer> alter_bundle(Scene& scene, const Args&, const Asked& asked) {
  auto out = co_await scene.ask(asked);
  out.body[out.body.size() / 2] ^= 1;
  co_return Answer(std::move(out));
}

/// The first half.
Awaitable<Answer> cut_bundle(Scene& scene, const Args&, const Asked& asked) {
  auto out = co_await scene.ask(asked);
  out.body.resize(out.body.size() / 2);
  co_return Answer(std::move(out));
}

/// Leases for other pieces or Hosts than were asked for: those of the first request, for ever.
Awaitable<Answer> other_lease(Scene& scene, const Args&, const Asked& asked) {
  auto& kept = scene.kept["lease"];
  if (kept.empty()) {
    const auto first = co_await scene.ask(asked);
    kept = first.body;
  }
  co_return Answer(told(200, kept));
}
Awaitable<Answer> false_lease(Scene& scene, const Args&, const Asked& asked) {
  const auto out = co_await scene.ask(asked);
  auto json = Json::parse(out.body);
  json["lease"] = "e30.e30.AAAA";
  co_return Answer(told(200, json.dump() + '\n'));
}

/// A lease for somebody or something else, as far as a Bridge can sign one: other-account, other-host,
/// other-reader, other-pieces, other-bridge, over; other-capability: one by an account of its own.
Awaitable<Answer> lease(Scene& scene, const Args& args, const Asked& asked) {
  auto out = co_await scene.ask(asked);
  if (out.status != 200) co_return Answer(std::move(out));
  auto answer = must(format::read_lease_answer(lines_of(out.body).at(0)));
  auto lease = must(format::open_lease(answer.lease, std::nullopt));
  const auto stranger = crypto::SigningKey::from_seed(scene.random.bytes<32>());
  const auto* by = &scene.key;
  const std::string& kind = args.at(0);
  if (kind == "other-account") lease.account = AccountId{stranger.public_key()};
  if (kind == "other-host") lease.host = HostId{stranger.public_key()};
  if (kind == "other-reader") lease.client = stranger.public_key();
  if (kind == "other-pieces")
    for (auto& piece : lease.pieces) scene.random.fill(piece.bytes);
  if (kind == "other-bridge") {
    lease.bridge = stranger.public_key();
    by = &stranger;
  }
  if (kind == "over") {
    lease.issued_unix_s -= 200'000;
    lease.expires_unix_s -= 200'000;
  }
  if (kind == "other-capability") {
    auto capability = must(format::open_leasing_capability(answer.capability, std::nullopt));
    capability.account = lease.account = AccountId{stranger.public_key()};
    answer.capability = must(format::sign_leasing_capability(capability, stranger));
  }
  std::ranges::sort(lease.pieces);
  answer.lease = must(format::sign_lease(lease, *by));
  co_return Answer(told(200, format::write_lease_answer(answer) + '\n'));
}

/// Leases for whatever is asked for, under the owner's capabilities that it has seen: what an honest Bridge
/// would not lease any more.
Awaitable<Answer> any_lease(Scene& scene, const Args&, const Asked& asked) {
  const auto request = must(format::read_lease_request(asked.body));
  auto& capability = scene.kept["capability " + request.host.hex() + request.account.hex()];
  auto out = co_await scene.ask(asked);
  if (out.status == 200) {
    capability = must(format::read_lease_answer(lines_of(out.body).at(0))).capability;
    co_return Answer(std::move(out));
  }
  if (capability.empty() || !asked.peer) co_return Answer(std::move(out));
  format::Lease lease;
  lease.bridge = scene.key.public_key();
  lease.host = request.host;
  lease.client = *asked.peer;
  lease.account = request.account;
  lease.pieces = request.pieces;
  std::ranges::sort(lease.pieces);
  scene.random.fill(lease.jti);
  lease.issued_unix_s = scene.engine.parts().clock.unix_s();
  lease.expires_unix_s = lease.issued_unix_s + 3600;
  const format::LeaseAnswer answer{.capability = capability,
                                   .lease = must(format::sign_lease(lease, scene.key)),
                                   .expires_unix_s = lease.expires_unix_s};
  co_return Answer(told(200, format::write_lease_answer(answer) + '\n'));
}

/// A list without the shares that there are, or with one that there is not.
Awaitable<Answer> no_shares(Scene&, const Args&, const Asked&) {
  co_return Answer(told(200, {}, "application/jsonl"));
}
Awaitable<Answer> same_shares(Scene& scene, const Args&, const Asked& asked) {
  Asked first = asked;
  first.target = "/v1/shares?limit=256";
  co_return co_await scene.answer(first);
}

constexpr Attack kAttacks[] = {
    {"share-not-stored", About::share_put, "says that it has made it", share_not_stored},
    {"share-not-ended", About::share_end, "says that it has ended it", share_not_ended},
    {"old-bundle", About::share, "gives the bundle that it gave at first", old_bundle},
    {"other-bundle", About::share, "gives another share's bundle", other_bundle},
    {"alter-bundle", About::share, "changes a byte of the bundle", alter_bundle},
    {"cut-bundle", About::share, "gives the first half of the bundle", cut_bundle},
    {"other-lease", About::leases, "gives the same lease for everything", other_lease},
    {"false-lease", About::leases, "gives noise as a lease", false_lease},
    {"lease", About::leases, "gives a lease for something else: see lease()", lease},
    {"any-lease", About::leases, "leases whatever is asked for, under capabilities that it has seen",
     any_lease},
    {"no-shares", About::share_list, "lists none", no_shares},
    {"same-shares", About::share_list, "gives the first page again and again", same_shares},
};

}  // namespace

std::span<const Attack> share_attacks() {
  return kAttacks;
}

}  // namespace inxt::evil
