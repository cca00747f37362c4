// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/share_rows.h"

#include <algorithm>

#include "bridge/log_limits.h"
#include "support/bridge_rows.h"
#include "support/share_drafts.h"

using namespace inxt;
using namespace inxt::testing;
using database::Database;
using database::Transaction;

namespace {

SharePut put(Database& database, const Authority& owner, const std::string& body, std::int64_t now_s = kNow) {
  const auto read = format::read_share_request(body);
  if (!read) FAIL(read.error().what);
  const auto done =
      database.write([&](Transaction& transaction) { return put_share(transaction, owner, *read, now_s); });
  if (!done) FAIL(done.error().what);
  return *done;
}

Result<std::string> lease(Database& database, const ShareDraft& draft, std::size_t place,
                          const std::vector<PieceId>& pieces) {
  return database.read([&](Transaction& transaction) {
    return capability_for(transaction, draft.share, draft.places[place].host, draft.places[place].account,
                          pieces);
  });
}

std::vector<format::ShareInfo> list(Database& database, const Authority& owner,
                                    std::optional<format::ShareId> after, std::size_t limit) {
  const auto shares = database.read(
      [&](Transaction& transaction) { return list_shares(transaction, owner.owner(), after, limit); });
  REQUIRE(shares);
  return *shares;
}

bool remove(Database& database, const format::ShareId& share) {
  const auto removed =
      database.write([&](Transaction& transaction) { return remove_share(transaction, share); });
  REQUIRE(removed);
  return *removed;
}

std::int64_t rows_about_pieces(Database& database) {
  const auto count = database.read([](Transaction& transaction) -> Result<std::int64_t> {
    const auto rows = TRY(transaction.query(
        "SELECT (SELECT COUNT(*) FROM share_pieces) + (SELECT COUNT(*) FROM share_places)"));
    return rows[0].integer(0);
  });
  REQUIRE(count);
  return *count;
}

const Authority kOwner = owner_number(1), kOther = owner_number(2);

}  // namespace

CONTRACT(keeps, "a share is kept, replaced by its owner only, and removed whole") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  ShareDraft draft(1, 3, 2500);
  CHECK(put(*database, kOwner, draft.body()) == SharePut::made);
  const auto found = database->read([&](Transaction& t) { return find_share(t, draft.share); });
  REQUIRE(found->has_value());
  CHECK((*found)->owner == kOwner.owner());
  CHECK((*found)->info.client == draft.client.public_key());
  CHECK((*found)->info.pieces == 7500);
  CHECK((*found)->info.bundle_bytes == draft.bundle.size());
  CHECK((*found)->info.created_unix_s == kNow);
  CHECK((*found)->info.expires_unix_s == draft.expires_unix_s);
  CHECK(*database->read([&](Transaction& t) { return bundle_of_share(t, draft.share); }) ==
        copy_of(view_of(draft.bundle)));
  const std::int64_t paid = used_by(*database, kOwner);
  CHECK(paid > 7500 * 32);

  draft.bundle += "more";
  CHECK(put(*database, kOwner, draft.body(), kNow + 5) == SharePut::replaced);
  CHECK(used_by(*database, kOwner) == paid + 4);
  CHECK(list(*database, kOwner, std::nullopt, 10).size() == 1);
  CHECK(list(*database, kOwner, std::nullopt, 10)[0].created_unix_s == kNow);
  CHECK(list(*database, kOther, std::nullopt, 10).empty());

  const std::string body = draft.body();
  const auto read = format::read_share_request(body);
  const auto theirs = database->write([&](Transaction& t) { return put_share(t, kOther, *read, kNow); });
  REQUIRE(!theirs);
  CHECK(theirs.error().code == Code::denied);

  // Whoever may share one object replaces no share of another.
  const auto object = id_number<format::ObjectId>(7);
  const auto delegate =
      authority_of(handed_on(root_permit(1), 1, 9, {.can = {format::Ability::share}, .object = object}), 9);
  ShareDraft narrow(1, 1, 3);
  narrow.object = object;
  const auto narrow_body = narrow.body();
  const auto narrow_read = format::read_share_request(narrow_body);
  const auto replaced =
      database->write([&](Transaction& t) { return put_share(t, delegate, *narrow_read, kNow); });
  REQUIRE(!replaced);
  CHECK(replaced.error().code == Code::denied);
  CHECK(list(*database, kOwner, std::nullopt, 10)[0].pieces == 7500);

  CHECK(remove(*database, draft.share));
  CHECK(!remove(*database, draft.share));
  CHECK(used_by(*database, kOwner) == 0);
  CHECK(rows_about_pieces(*database) == 0);
}

CONTRACT(leases, "leases are for the share's own pieces, at their Host and account") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  const ShareDraft draft(1, 2, 2500), other(2, 2, 10);
  put(*database, kOwner, draft.body());
  put(*database, kOwner, other.body());
  const auto& pieces = draft.places[0].pieces;
  CHECK(lease(*database, draft, 0, {pieces.front(), pieces.back(), pieces[1023], pieces[1024]}) ==
        draft.places[0].capability);
  for (std::size_t i = 0; i < pieces.size(); i += 83) CHECK(lease(*database, draft, 0, {pieces[i]}));
  CHECK(lease(*database, draft, 1, {draft.places[1].pieces[5]}) == draft.places[1].capability);

  const auto refused = [&](const Result<std::string>& answer) {
    return !answer && answer.error().code == Code::denied;
  };
  CHECK(refused(lease(*database, draft, 1, {pieces[0]})));                             // another Host's
  CHECK(refused(lease(*database, draft, 0, {pieces[0], other.places[0].pieces[0]})));  // another share's
  CHECK(refused(lease(*database, draft, 0, {PieceId{}})));                             // before all
  PieceId last;
  last.bytes.fill(std::byte{0xff});
  CHECK(refused(lease(*database, draft, 0, {last})));
  ShareDraft elsewhere(1, 2, 2500);
  elsewhere.places[0].account = kOther.owner();
  CHECK(refused(lease(*database, elsewhere, 0, {pieces[0]})));
  remove(*database, draft.share);
  CHECK(refused(lease(*database, draft, 0, {pieces[0]})));
}

CONTRACT(lists, "shares are listed in pages, and expired ones are cleared away") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  for (std::uint64_t i = 0; i < 5; ++i) put(*database, kOwner, ShareDraft(10 + i, 1, 1).body());
  std::vector<format::ShareId> seen;
  while (true) {
    const auto some = list(*database, kOwner, seen.empty() ? std::nullopt : std::optional(seen.back()), 2);
    if (some.empty()) break;
    for (const format::ShareInfo& share : some) seen.push_back(share.share);
  }
  CHECK(seen.size() == 5);
  CHECK(std::is_sorted(seen.begin(), seen.end()));

  ShareDraft later(99, 1, 1);
  later.expires_unix_s += 1000;
  put(*database, kOwner, later.body(), ShareDraft(10, 1, 1).expires_unix_s);
  const auto left = list(*database, kOwner, std::nullopt, 10);
  REQUIRE(left.size() == 1);
  CHECK(left[0].share == later.share);
}

CONTRACT(expires, "a share that has expired gives back its quota, whoever's it is, without a request") {
  const World world;
  const auto database = open(world);
  make_tables(*database);
  const auto turn = [&](std::int64_t now_s) {
    const auto removed = database->write([&](Transaction& t) { return remove_expired_shares(t, now_s); });
    REQUIRE(removed);
    return *removed;
  };
  const std::int64_t end_s = ShareDraft(0, 1, 1).expires_unix_s;
  const auto handed = authority_of(handed_on(root_permit(1), 1, 9, {.can = {format::Ability::share}}), 9);
  for (std::uint64_t i = 0; i < kSharesRemovedAtOnceMax; ++i)
    put(*database, i % 2 == 0 ? handed : kOwner, ShareDraft(100 + i, 1, 1).body());
  ShareDraft later(99, 2, 5);
  later.expires_unix_s = end_s + 1;
  put(*database, kOther, later.body());
  const std::int64_t paid = used_by(*database, kOther);
  put(*database, kOther, ShareDraft(98, 2, 1500).body());

  CHECK(turn(end_s - 1) == 0);
  CHECK(used_by(*database, handed) > 0);
  CHECK(turn(end_s) == kSharesRemovedAtOnceMax);  // and there is one more
  CHECK(turn(end_s) == 1);
  CHECK(turn(end_s) == 0);
  CHECK(used_by(*database, kOwner) == 0);
  CHECK(used_by(*database, handed) == 0);
  CHECK(used_by(*database, kOther) == paid);
  CHECK(turn(end_s + 1) == 1);
  CHECK(used_by(*database, kOther) == 0);
  CHECK(rows_about_pieces(*database) == 0);
}
