// SPDX-License-Identifier: AGPL-3.0-or-later
// Rotation of a Host's key and its backup: what a power cut at any instant leaves, and what is refused.
#include "host/identity.h"

#include <doctest/doctest.h>

#include "format/renewal.h"
#include "host/identity_backup.h"
#include "support/host_world.h"
#include "support/sim_directory.h"

namespace inxt::host {
namespace {

using testing::HostWorld;
using testing::SimDirectory;

using testing::kNow;

Identity identity_number(std::uint64_t number) {
  return {.key = testing::key_number(number)};
}

std::string read(sys::Directory& directory, std::string_view name) {
  const auto file = directory.open(sys::Path{name}, sys::Caching::cached);
  if (!file) return {};
  std::string text(kIdentityBytesMax, '\0');
  text.resize((*file)->read_at(0, {reinterpret_cast<std::byte*>(text.data()), text.size()}).value_or(0));
  return text;
}

TEST_CASE("an identity is written and read, before and after rotations") {
  crypto::start();
  crypto::SeededRandom random(7);
  Identity identity = identity_number(1);
  CHECK(identity_text(identity).text().starts_with("inxt-host-key 1\n"));
  std::vector<HostId> had;
  for (std::size_t i = 0; i < format::kSuccessionsMax; ++i) {
    had.push_back(identity.id());
    auto next = rotated(identity, random, kNow);
    REQUIRE(next);
    identity = *std::move(next);
    const auto text = identity_text(identity);
    CHECK(text.text().starts_with("inxt-host-key 2\n"));
    const auto again = read_identity(text.text(), "it");
    REQUIRE(again);
    CHECK(again->id() == identity.id());
    CHECK(again->former == had);
    CHECK(again->succession == identity.succession);
  }
  const auto once_more = rotated(identity, random, kNow);
  CHECK((!once_more && once_more.error().what.find("kSuccessionsMax") != std::string::npos));
}

TEST_CASE("a damaged identity is none") {
  crypto::start();
  crypto::SeededRandom random(8);
  const auto next = rotated(identity_number(1), random, kNow);
  const std::string text(identity_text(*next).text());
  CHECK(read_identity(text, "it"));
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK_MESSAGE(!read_identity(text.substr(0, size), "it"), size);
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_MESSAGE(!read_identity(changed, "it"), at);
  }
  CHECK(!read_identity(text + text.substr(81), "it"));  // the same link twice
}

TEST_CASE("a power cut at any instant of a rotation leaves the old identity or the new one") {
  crypto::start();
  int kept_old = 0, took_new = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    for (std::uint64_t step = 0;; ++step) {
      crypto::SeededRandom random(seed);
      SimDirectory disk(seed);
      const Identity old = identity_number(1);
      REQUIRE(save_identity(disk, old));
      if (seed % 2 == 1) {  // an earlier one was interrupted
        disk.fail_at(2, Code::failure, true);
        CHECK(!save_identity(disk, *rotated(old, random, kNow)));
        disk.cut_power();
      }
      const Identity next = *rotated(old, random, kNow);
      disk.fail_at(step, Code::failure, true);
      const auto saved = save_identity(disk, next);
      disk.cut_power();
      const std::string text = read(disk, kIdentityFile);
      const bool is_old = text == identity_text(old).text(), is_new = text == identity_text(next).text();
      CHECK_MESSAGE((is_old || is_new), "seed " << seed << ", step " << step);
      if (saved) CHECK(is_new);
      kept_old += is_old, took_new += is_new;
      // What is left over is in nobody's way.
      REQUIRE(save_identity(disk, next));
      CHECK(read(disk, kIdentityFile) == identity_text(next).text());
      if (saved) break;
    }
  CHECK(kept_old > 0);
  CHECK(took_new > 200);  // also such as did not know it yet
}

TEST_CASE("a backup brings the identity back, and nobody else's") {
  crypto::start();
  crypto::SeededRandom random(9);
  const Identity identity = *rotated(*rotated(identity_number(1), random, kNow), random, kNow);
  const keys::SealCost cheap{.memory_kib = 8, .passes = 1};
  const auto sealed = write_backup(identity, view_of("correct horse"), random, cheap);
  REQUIRE(sealed);
  const auto backup = Backup::parse(sealed->text());
  REQUIRE(backup);
  CHECK(backup->sealed());
  CHECK(backup->id() == identity.id());
  const auto opened = backup->open(view_of("correct horse"));
  REQUIRE(opened);
  CHECK(identity_text(*opened).text() == identity_text(identity).text());
  CHECK(opened->former == identity.former);
  CHECK(backup->open(view_of("correct horsf")).error().code == Code::wrong_key);

  // The public part is authenticated: a backup cannot be given another succession.
  std::string other(sealed->text());
  const auto first = other.find("\"succession\":[\""), second = other.find(',', first);
  other.erase(first + 14, second + 1 - (first + 14));
  const auto shorter = Backup::parse(other);
  REQUIRE(shorter);
  CHECK(shorter->open(view_of("correct horse")).error().code == Code::wrong_key);

  const auto clear = write_backup(identity_number(1), std::nullopt, random);
  CHECK(Backup::parse(clear->text())->open(std::nullopt)->id() == identity_number(1).id());
  std::string renamed(clear->text());
  renamed.replace(renamed.find(identity_number(1).id().hex()), 64, identity_number(2).id().hex());
  CHECK(Backup::parse(renamed)->open(std::nullopt).error().code == Code::integrity);
  CHECK(!Backup::parse(renamed.substr(0, renamed.size() / 2)));
  CHECK(write_backup(identity, ByteView{}, random, cheap).error().code == Code::usage);
}

TEST_CASE("after a rotation, what names the old id still ends contracts, and makes none") {
  HostWorld world;
  const Bytes body = testing::noise(5000, 1);
  const PieceId piece = proof::piece_id_of(body);
  REQUIRE(world.put(body).status == 201);

  // The same store under a new key: the engine's id is the new one, the old one is its past.
  const Identity old{.key = world.host_key.clone()};
  const Identity next = *rotated(old, world.random, kNow);
  world.loop.run(world.server->stop(std::chrono::milliseconds(2000)));
  world.host_key = next.key.clone();
  const Options terms = world.engine->options();
  world.engine.emplace(world.engine->parts(), terms);
  world.engine->set_former(next);
  world.server.emplace(world.loop.executor(), *net::TlsIdentity::make(world.host_key), *world.engine);
  world.address = *world.server->listen("127.0.0.1:0");

  CHECK(world.get(piece).status == 200);
  CHECK(world.ask(net::Method::get, "/v1/contracts/" + piece.hex(), &world.peer.tls).status == 200);
  const auto line = *world.engine->descriptor_line();
  const auto known = format::read_hosts(line);
  REQUIRE(known);
  CHECK(known->front().host == next.id());
  REQUIRE(known->front().former.size() == 1);
  CHECK(known->front().former.front().from == old.id());

  const Bytes more = testing::noise(5000, 2);
  auto offer = world.offer_for(more);
  offer.host = old.id();
  testing::check_refusal(world.put(more, offer), 403, "denied", "it is for Host");

  const auto contract =
      testing::json_of(world.ask(net::Method::get, "/v1/contracts/" + piece.hex(), &world.peer.tls));
  const auto acceptance = contract.at("acceptance").get<std::string>();
  const format::Renewal renewal{.control = world.control.public_key(),
                                .host = old.id(),
                                .contract = format::contract_hash(acceptance),
                                .piece = piece,
                                .account = world.peer.id,
                                .from_unix_s = kNow + 30 * 86400,
                                .until_unix_s = kNow + 60 * 86400,
                                .price = 0,
                                .issued_unix_s = kNow,
                                .expires_unix_s = kNow + 600};
  const auto renewed = testing::json_of(
      world.ask(net::Method::post, "/v1/contracts/" + piece.hex(), &world.peer.tls,
                {net::Header("Inxt-Renewal", *format::sign_renewal(renewal, world.control))}));
  const auto signed_offer = *format::open_offer(contract.at("offer").get<std::string>(), std::nullopt);
  const auto check = [&](std::span<const HostId> successors) {
    return format::check_renewed(signed_offer, acceptance, renewed.at("renewal").get<std::string>(),
                                 renewed.at("renewal_acceptance").get<std::string>(), successors);
  };
  const std::vector<HostId> successors{next.id()};
  CHECK(check(successors)->until_unix_s == kNow + 60 * 86400);
  CHECK_FALSE(check({}).has_value());

  format::Deletion deletion{.control = world.control.public_key(),
                            .host = HostId{testing::key_number(77).public_key()},
                            .piece = piece,
                            .account = world.peer.id,
                            .issued_unix_s = kNow,
                            .expires_unix_s = kNow + 600};
  const auto remove = [&] {
    return world.ask(net::Method::delete_, HostWorld::path(piece), &world.peer.tls,
                     {net::Header("Inxt-Deletion", *format::sign_deletion(deletion, world.control))});
  };
  testing::check_refusal(remove(), 403, "denied", "another Host");
  deletion.host = old.id();
  CHECK(remove().status == 200);
}

}  // namespace
}  // namespace inxt::host
