// SPDX-License-Identifier: AGPL-3.0-or-later
#include "database/migrate.h"

#include "support/child.h"
#include "support/database_world.h"

using namespace inxt;
using namespace inxt::database;
using namespace inxt::testing;

namespace {

constexpr std::array<SqlText, 2> kFirst{
    SqlText("CREATE TABLE host (id {blob} PRIMARY KEY, name {text}) {strict}"),
    SqlText("CREATE INDEX host_name ON host (name)")};
constexpr std::array<SqlText, 2> kSecond{
    SqlText("ALTER TABLE host ADD COLUMN free_bytes {int64} NOT NULL DEFAULT 0"),
    SqlText("INSERT INTO host SELECT CAST('x' AS {blob}), 'first', 7")};
constexpr std::array<SqlText, 1> kThird{
    SqlText("CREATE TABLE mark (number {identity}, who {text}) {strict}")};
constexpr std::array<SqlText, 2> kBroken{SqlText("CREATE TABLE half (x {int64}) {strict}"),
                                         SqlText("CREATE NONSENSE")};
constexpr std::array<Migration, 3> kAll{Migration{1, "hosts", kFirst}, Migration{2, "room", kSecond},
                                        Migration{3, "marks", kThird}};
const sys::ManualClock kClock(1'800'000'000);

Result<Migrated> migrate_to(Database& database, std::size_t version) {
  return migrate(database, std::span(kAll).first(version), kClock);
}

}  // namespace

CONTRACT(steps, "what is missing is applied, once, and written down") {
  const World world;
  const auto database = open(world);
  const auto first = migrate_to(*database, 1);
  if (!first) FAIL(first.error().what);
  CHECK(first->from == 0);
  CHECK(first->to == 1);
  const auto rest = migrate_to(*database, 3);
  if (!rest) FAIL(rest.error().what);
  CHECK(rest->from == 1);
  CHECK(rest->to == 3);
  const auto again = migrate_to(*database, 3);
  CHECK(again.value().from == 3);
  const auto rows = database->read([](Transaction& t) -> Result<Rows> {
    CHECK(TRY(t.query("SELECT free_bytes FROM host"))[0].integer(0) == 7);
    return t.query("SELECT version, name, applied_unix_s FROM inxt_schema ORDER BY version");
  });
  REQUIRE(rows);
  REQUIRE(rows->size() == 3);
  CHECK((*rows)[2].text(1) == "marks");
  CHECK((*rows)[2].integer(2) == 1'800'000'000);
}

CONTRACT(newer, "a schema of a newer version is refused, with both versions") {
  const World world;
  const auto database = open(world);
  REQUIRE(migrate_to(*database, 3));
  const auto refused = migrate_to(*database, 2);
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::denied);
  CHECK(refused.error().what.contains("version 3"));
  CHECK(refused.error().what.contains("knows 2"));
  CHECK(refused.error().hint.contains("newer version"));
}

CONTRACT(altered, "a gap, another name and an edited migration are refused, and nothing is done") {
  const World world;
  const auto database = open(world);
  REQUIRE(migrate_to(*database, 2));
  std::array<Migration, 3> edited = kAll;
  edited[0].statements = kThird;
  auto refused = migrate(*database, edited, kClock);
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::denied);
  CHECK(refused.error().what.contains("migration 1"));
  edited = kAll;
  edited[1].name = "other";
  refused = migrate(*database, edited, kClock);
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::denied);
  CHECK(refused.error().what.contains("\"room\""));
  run_all(*database, SqlText("DELETE FROM inxt_schema WHERE version = 1"));
  refused = migrate_to(*database, 3);
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::denied);
  CHECK(refused.error().what.contains("migration 1 is missing"));
  CHECK(!database->read([](Transaction& t) { return t.query("SELECT * FROM mark"); }));
}

CONTRACT(broken, "a migration that fails leaves the version before it") {
  const World world;
  const auto database = open(world);
  const std::array<Migration, 2> list{kAll[0], Migration{2, "broken", kBroken}};
  const auto failed = migrate(*database, list, kClock);
  REQUIRE(!failed);
  CHECK(failed.error().what.starts_with("migration 2 (broken): "));
  CHECK(!database->read([](Transaction& t) { return t.query("SELECT * FROM half"); }));
  const auto mended = migrate_to(*database, 3);
  CHECK(mended.value().from == 1);
}

CONTRACT(together, "processes that start together migrate once") {
  for (int round = 0; round < 3; ++round) {
    const World world;
    const auto start = [&] {
      const auto database = try_open(world);
      if (!database) return 1;
      const auto done = migrate_to(**database, 3);
      return done && done->to == 3 ? 0 : 2;
    };
    Child one(start), two(start), three(start), four(start);
    for (Child* child : {&one, &two, &three, &four}) CHECK(child->wait() == 0);
    const auto hosts = open(world)->read([](Transaction& t) { return t.query("SELECT name FROM host"); });
    CHECK(hosts.value().size() == 1);
  }
}
