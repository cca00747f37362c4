// SPDX-License-Identifier: AGPL-3.0-or-later
// Care over the wire: keys, files, places, reports, and who may.
#include "bridge/care_segments.h"
#include "format/lease.h"
#include "support/bridge_world.h"
#include "support/care_drafts.h"
#include "transfer/http_bridge_care.h"

using namespace inxt;
using namespace inxt::testing;
using database::Transaction;
using format::Ability;
using transfer::HttpBridgeCare;

namespace {

template <class T>
void refused(const Result<T>& answer, Code code, std::string_view part = {}) {
  REQUIRE(!answer);
  check_error(answer.error(), code, part);
}

format::CareKey key_of_caretaker(std::uint64_t number) {
  const keys::UploaderKeys keys = caretaker_number(number);
  format::CareKey key;
  key.uploader = keys.number();
  key.uploader_key = crypto::Key(std::span<const std::byte, 32>(keys.uploader_key()));
  return key;
}

format::CareReading reading(std::int64_t seconds, std::uint64_t bridge = kBridgeNumber) {
  const crypto::SigningKey account = key_number(40);
  format::CareReading made;
  made.uploader = 0;
  made.host = host_number(0);
  made.account = AccountId{account.public_key()};
  format::LeasingCapability capability;
  capability.account = made.account;
  capability.host = made.host;
  capability.bridge = key_number(bridge).public_key();
  capability.issued_unix_s = kNow;
  capability.expires_unix_s = kNow + seconds;
  made.capability = *format::sign_leasing_capability(capability, account);
  return made;
}

}  // namespace

CONTRACT(care_over_the_wire, "a file goes into care with a caretaker's key, is listed, and its care ends") {
  BridgeWorld<World> world;
  auto owner = world.owner(1);
  HttpBridgeCare mine(owner);
  const format::CareKey key = key_of_caretaker(0);
  const AccountId caretaker = world.get(mine.put_key(key));
  CHECK(caretaker == caretaker_number(0).account_id(HostId{world.key.public_key()}));
  CHECK(world.get(mine.put_key(key)) == caretaker);

  const CareDraft one(1, 2), two(2, 1);
  const std::string head = format::write_care_head(caretaker, {reading(86400)});
  const auto taken = world.get(mine.entrust(head + one.whole() + two.whole()));
  CHECK(taken == format::CareTaken{.files = 2, .complete = 2, .segments = 3, .places = 9});
  CHECK(world.get(mine.entrust(head + one.whole())).segments == 0);
  auto listed = world.get(mine.list(std::nullopt, 1));
  REQUIRE(listed.size() == 1);
  const FileId first = listed[0].file;
  listed = world.get(mine.list(first, 10));
  REQUIRE(listed.size() == 1);
  CHECK(std::min(one.file, two.file) == first);
  CHECK(listed[0].file == std::max(one.file, two.file));

  const auto account = world.database->read([&](Transaction& t) {
    return care_account(t, caretaker, AccountId{key_number(1).public_key()}, 0, host_number(0));
  });
  REQUIRE(account);
  REQUIRE(account->has_value());
  CHECK((*account)->expires_unix_s == kNow + 86400);

  CHECK(world.get(mine.places(one.file, 0, {})).empty());
  refused(world.run(mine.places(CareDraft(9, 1).file, 0, {})), Code::not_found);
  const format::CareReport report{
      .file = one.file, .place = {.segment = 1, .shard = 0, .mirror = 0}, .host = host_number(0)};
  CHECK(world.run(mine.report(report)));
  const auto doubts = world.database->write([&](Transaction& t) { return take_care_doubts(t, 10); });
  REQUIRE(doubts);
  CHECK(doubts->size() == 1);

  refused(world.run(mine.remove_key(caretaker)), Code::denied, "files are in this caretaker's care");
  CHECK(world.get(mine.end(one.file, 0)) == transfer::CareEnded::ended);
  CHECK(world.get(mine.end(one.file, 0)) == transfer::CareEnded::not_in_care);
  CHECK(world.get(mine.end(two.file, 0)) == transfer::CareEnded::ended);
  CHECK(world.run(mine.remove_key(caretaker)));
  CHECK(world.run(mine.remove_key(caretaker)));
  refused(world.run(mine.entrust(head + one.whole())), Code::not_found, "no key of this caretaker");
}

CONTRACT(care_is_guarded, "who may not, does not; and what does not fit is refused whole") {
  BridgeWorld<World> world;
  auto owner = world.owner(1), stranger = world.owner(2);
  HttpBridgeCare mine(owner), theirs(stranger);
  const format::CareKey key = key_of_caretaker(0);
  const AccountId caretaker = world.get(mine.put_key(key));
  const CareDraft draft(1, 2);
  const std::string head = format::write_care_head(caretaker, {});
  world.get(mine.entrust(head + draft.whole()));

  // Another's care is not seen, ended or reported.
  CHECK(world.get(theirs.list(std::nullopt, 10)).empty());
  CHECK(world.get(theirs.end(draft.file, 0)) == transfer::CareEnded::not_in_care);
  refused(world.run(theirs.places(draft.file, 0, {})), Code::not_found);
  refused(world.run(theirs.entrust(head + draft.whole())), Code::not_found, "no key");

  // Abilities.
  const std::string root = root_permit(1);
  const auto with = [&](std::uint64_t number, format::Abilities can) {
    PermitTerms terms;
    terms.can = can;
    return world.client(number, handed_on(root, 1, number, terms));
  };
  auto lister = with(11, {Ability::list});
  auto creator = with(12, {Ability::create});
  HttpBridgeCare listing(lister), creating(creator);
  CHECK(world.get(listing.list(std::nullopt, 10)).size() == 1);
  refused(world.run(listing.entrust(head + draft.whole())), Code::denied);
  refused(world.run(listing.put_key(key)), Code::denied);
  refused(world.run(listing.end(draft.file, 0)), Code::denied);
  refused(world.run(listing.places(draft.file, 0, {})), Code::denied);
  CHECK(world.get(creating.entrust(head + draft.whole())).segments == 0);
  refused(world.run(creating.list(std::nullopt, 10)), Code::denied);
  refused(world.run(creating.end(draft.file, 0)), Code::denied);
  auto nobody = world.client(13, "");
  refused(world.run(HttpBridgeCare(nobody).list(std::nullopt, 10)), Code::denied);

  // Bodies.
  refused(world.run(mine.entrust("")), Code::usage);
  refused(world.run(mine.entrust(head + draft.whole() + "x\n")), Code::usage, "line");
  refused(world.run(mine.entrust(std::string(format::kCareBodyBytesMax + 1, 'a'))), Code::usage,
          "kCareBodyBytesMax");
  const auto reading_of = [&](const format::CareReading& one) {
    return format::write_care_head(caretaker, {one}) + draft.whole();
  };
  refused(world.run(mine.entrust(reading_of(reading(86400, 7)))), Code::denied, "another Bridge");
  refused(world.run(mine.entrust(reading_of(reading(-86400)))), Code::denied);
  format::CareKey no_caretaker = key_of_caretaker(0);
  no_caretaker.uploader = 3;
  refused(world.run(mine.put_key(no_caretaker)), Code::usage, "caretaker");
  CHECK(!world.logged.contains(to_base64url(key.uploader_key.view())));
}
