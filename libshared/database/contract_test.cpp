// SPDX-License-Identifier: AGPL-3.0-or-later
// What holds over both databases: types, errors, rollback, contention.
#include <atomic>
#include <limits>
#include <thread>

#include "base/ids.h"
#include "support/database_world.h"

using namespace inxt;
using namespace inxt::database;
using namespace inxt::testing;

namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

constexpr SqlText kMakeKinds =
    "CREATE TABLE kinds (id {identity}, number {int64}, ratio {real}, name {text}, bytes {blob}) {strict}";
constexpr SqlText kMakeCounter =
    "CREATE TABLE counter (name {text} PRIMARY KEY, value {int64} NOT NULL CHECK (value >= 0)) {strict}";

Result<std::int64_t> value_of(Database& database, std::string_view name) {
  return database.read([&](Transaction& transaction) -> Result<std::int64_t> {
    const Rows rows = TRY(transaction.query("SELECT value FROM counter WHERE name = $1", {name}));
    if (rows.empty()) return fail(Code::not_found, "no counter");
    return rows[0].integer(0);
  });
}

Result<std::int64_t> put_counter(Database& database, std::string_view name, std::int64_t value) {
  return database.write([&](Transaction& transaction) {
    return transaction.execute("INSERT INTO counter (name, value) VALUES ($1, $2)", {name, value});
  });
}

}  // namespace

static_assert(!std::is_constructible_v<SqlText, std::string>);
static_assert(!std::is_constructible_v<SqlText, std::string_view>);
static_assert(!std::is_constructible_v<SqlText, const char*>);
static_assert(!std::is_constructible_v<Sql, std::string>);
static_assert(!std::is_constructible_v<Value, std::uint64_t>);
template <class Text>
concept Runs = requires(Transaction& transaction, Text text) {
  transaction.query(text);
};
static_assert(Runs<SqlText> && !Runs<std::string> && !Runs<std::string_view> && !Runs<const char*>);

CONTRACT(types, "values of every kind come back as they went in") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeKinds);
  const std::string name = "Ærøskøbing ✓ \U0001f9f6 $1 ' \" ; --";
  Bytes bytes;
  for (int i = 0; i < 1000; ++i) bytes.push_back(static_cast<std::byte>(i));
  const auto written = database->write([&](Transaction& t) -> Result<void> {
    constexpr SqlText insert = "INSERT INTO kinds (number, ratio, name, bytes) VALUES ($1, $2, $3, $4)";
    CHECK(TRY(t.execute(insert, {kLeast, 0.1, name, bytes})) == 1);
    TRY(t.execute(insert, {kMost, -1.7976931348623157e308, "", ByteView{}}));
    TRY(t.execute(insert, {nullptr, std::nullopt, std::optional<std::string>{}, std::optional<Bytes>{}}));
    TRY(t.execute(insert, {std::uint32_t{4294967295U}, 2.0, "x", FileId{}}));
    return {};
  });
  REQUIRE(written);
  const auto read = database->read(
      [&](Transaction& t) { return t.query("SELECT number, ratio, name, bytes FROM kinds ORDER BY id"); });
  REQUIRE(read);
  const Rows& rows = *read;
  REQUIRE(rows.size() == 4);
  REQUIRE(rows.columns() == 4);
  CHECK(rows[0].integer(0) == kLeast);
  CHECK(rows[0].real(1) == 0.1);
  CHECK(rows[0].text(2) == name);
  CHECK(copy_of(rows[0].blob(3)) == bytes);
  CHECK(rows[1].integer(0) == kMost);
  CHECK(rows[1].real(1) == -1.7976931348623157e308);
  CHECK(rows[1].kind(2) == Kind::text);
  CHECK(rows[1].text(2).empty());
  CHECK(rows[1].kind(3) == Kind::blob);
  CHECK(rows[1].blob(3).empty());
  for (std::size_t column = 0; column < 4; ++column) CHECK(rows[2].is_null(column));
  CHECK(rows[3].integer(0) == 4294967295);
  CHECK(rows[3].kind(1) == Kind::real);
  CHECK(rows[3].id<FileId>(3) == FileId{});
  CHECK(!rows[2].optional_integer(0));
  int seen = 0;
  for (const Row row : rows) seen += row.is_null(0) ? 0 : 1;
  CHECK(seen == 3);
}

CONTRACT(parameters, "parameters go by their numbers, and text in them is never SQL") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeCounter);
  const std::string hostile = "x'); DROP TABLE counter; --";
  REQUIRE(put_counter(*database, hostile, 7));
  CHECK(value_of(*database, hostile) == 7);
  const auto rows = database->read([&](Transaction& t) {
    return t.query(
        "SELECT CAST($2 AS {int64}), CAST($1 AS {int64}), CAST($2 AS {int64}) + CAST($3 AS {int64})",
        {1, 2, 40});
  });
  REQUIRE(rows);
  CHECK((*rows)[0].integer(0) == 2);
  CHECK((*rows)[0].integer(1) == 1);
  CHECK((*rows)[0].integer(2) == 42);
  // Aggregates that PostgreSQL makes wider come back as the integers that they are.
  const auto sums = database->read([&](Transaction& t) {
    return t.query("SELECT sum(value), count(*), max(value), count(*) = 1, avg(value) FROM counter");
  });
  REQUIRE(sums);
  CHECK((*sums)[0].integer(0) == 7);
  CHECK((*sums)[0].integer(1) == 1);
  CHECK((*sums)[0].integer(2) == 7);
  CHECK((*sums)[0].integer(3) == 1);
  CHECK((*sums)[0].real(4) == 7.0);
  // Filters put together from literals.
  Sql sql("SELECT name FROM counter WHERE value > $1");
  sql += " AND name <> $2";
  const std::array<Value, 2> values{Value(1), Value("other")};
  const auto found = database->read([&](Transaction& t) { return t.query(sql, values); });
  REQUIRE(found);
  CHECK(found->size() == 1);
}

CONTRACT(bad_parameters, "a parameter that no column holds is refused, with its number") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeKinds);
  const auto put = [&](Value value) {
    return database->write([&](Transaction& t) {
      return t.execute("INSERT INTO kinds (number, name) VALUES ($1, $2)", {1, value});
    });
  };
  const std::string long_text(kValueBytesMax + 1, 'x');
  for (const Value bad : {Value(std::string_view("a\0b", 3)), Value("\xff"), Value("\xed\xa0\x80"),
                          Value(std::numeric_limits<double>::quiet_NaN()), Value(long_text)}) {
    const auto done = put(bad);
    REQUIRE(!done);
    CHECK(done.error().code == Code::usage);
    CHECK(done.error().what.contains("parameter 2"));
  }
  CHECK(put(long_text).error().what.contains("value_bytes_max"));
  // A column of another kind, and too few parameters.
  CHECK(!database->write(
      [&](Transaction& t) { return t.execute("INSERT INTO kinds (number) VALUES ($1)", {"x"}); }));
  CHECK(
      !database->write([&](Transaction& t) { return t.execute("INSERT INTO kinds (number) VALUES ($1)"); }));
  CHECK(!database->write([&](Transaction& t) {
    return t.execute("INSERT INTO kinds (number) VALUES ($2)", {1, 2});
  }));
  const auto rows = database->read([](Transaction& t) { return t.query("SELECT count(*) FROM kinds"); });
  CHECK(rows.value()[0].integer(0) == 0);
}

CONTRACT(order, "text orders by its bytes") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeCounter);
  for (const std::string_view name : {"b", "B", "a", "é", "Z", "a-b", "ab", "_"})
    REQUIRE(put_counter(*database, name, 1));
  const auto rows = database->read([](Transaction& t) {
    return t.query("SELECT name FROM counter WHERE name > $1 ORDER BY name", {"A"});
  });
  REQUIRE(rows);
  std::string all;
  for (const Row row : *rows) all += std::string(row.text(0)) + " ";
  CHECK(all == "B Z _ a a-b ab b é ");
}

CONTRACT(violations, "violations are told apart") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeCounter,
          SqlText("CREATE TABLE child (name {text} NOT NULL REFERENCES counter (name), note {text} UNIQUE) "
                  "{strict}"));
  REQUIRE(put_counter(*database, "one", 1));
  const auto violation_of = [&](SqlText sql) {
    Violation seen = Violation::none;
    const auto done = database->write([&](Transaction& t) -> Result<void> {
      auto executed = t.execute(sql);
      seen = t.violation();
      CHECK(!executed);
      // The transaction has failed, even if nobody looks.
      auto after = t.execute("INSERT INTO counter VALUES ('after', 1)");
      CHECK(!after);
      CHECK(after.error().what.starts_with("after a statement that failed: "));
      return {};
    });
    CHECK(!done);
    if (!done) CHECK(done.error().code == Code::failure);
    return seen;
  };
  CHECK(violation_of("INSERT INTO counter VALUES ('one', 2)") == Violation::unique);
  CHECK(violation_of("INSERT INTO counter VALUES ('two', -1)") == Violation::check);
  CHECK(violation_of("INSERT INTO counter VALUES ('two', NULL)") == Violation::not_null);
  CHECK(violation_of("INSERT INTO child VALUES ('nobody', 'x')") == Violation::foreign_key);
  run_all(*database, SqlText("INSERT INTO child VALUES ('one', 'x')"));
  CHECK(violation_of("INSERT INTO child VALUES ('one', 'x')") == Violation::unique);
  CHECK(violation_of("DELETE FROM counter") == Violation::foreign_key);
  CHECK(violation_of("this is no SQL") == Violation::none);
  CHECK(value_of(*database, "after").error().code == Code::not_found);
  // The way without an error.
  const auto again = database->write([](Transaction& t) {
    return t.execute("INSERT INTO counter VALUES ($1, $2) ON CONFLICT DO NOTHING", {"one", 5});
  });
  CHECK(again == 0);
}

CONTRACT(rollback, "an error or an exception leaves nothing behind") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeCounter);
  const std::uint64_t commits = database->counts().commits;
  const auto refused = database->write([](Transaction& t) -> Result<int> {
    TRY(t.execute("INSERT INTO counter VALUES ('one', 1)"));
    return fail(Code::quota, "over quota", "pay");
  });
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::quota);
  CHECK(refused.error().hint == "pay");
  CHECK_THROWS_AS(static_cast<void>(database->write([](Transaction& t) -> Result<void> {
                    TRY(t.execute("INSERT INTO counter VALUES ('one', 1)"));
                    throw std::runtime_error("x");
                  })),
                  std::runtime_error);
  CHECK(value_of(*database, "one").error().code == Code::not_found);
  CHECK(database->counts().commits == commits);
}

CONTRACT(reading, "work that reads cannot write") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeCounter);
  const auto done =
      database->read([](Transaction& t) { return t.execute("INSERT INTO counter VALUES ('one', 1)"); });
  REQUIRE(!done);
  CHECK(done.error().code == Code::denied);
  CHECK(value_of(*database, "one").error().code == Code::not_found);
}

CONTRACT(affected, "execute counts rows, query returns what RETURNING says") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeCounter);
  for (const std::string_view name : {"a", "b", "c"}) REQUIRE(put_counter(*database, name, 1));
  const auto done = database->write([](Transaction& t) -> Result<void> {
    CHECK(TRY(t.execute("UPDATE counter SET value = value + 1 WHERE name < $1", {"c"})) == 2);
    CHECK(TRY(t.execute("CREATE TABLE other (x {int64}) {strict}")) == 0);
    CHECK(TRY(t.execute("DELETE FROM counter WHERE name = 'zzz'")) == 0);
    const Rows rows =
        TRY(t.query("UPDATE counter SET value = 9 WHERE name = $1 RETURNING value, name", {"c"}));
    CHECK(rows.size() == 1);
    CHECK(rows[0].integer(0) == 9);
    CHECK(TRY(t.query("SELECT name FROM counter WHERE value = 12345")).empty());
    CHECK(TRY(t.query("SELECT name FROM counter ORDER BY name LIMIT $1 {skip_locked}", {2})).size() == 2);
    CHECK(TRY(t.execute("DELETE FROM counter")) == 3);
    return {};
  });
  if (!done) FAIL(done.error().what);
}

CONTRACT(limits, "a result that is too large is an error that names its limit") {
  const World world;
  Limits limits;
  limits.rows_max = 100;
  limits.result_bytes_max = 100'000;
  limits.prepared_max = 4;
  const auto database = open(world, limits);
  constexpr SqlText count =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT i FROM n";
  const auto up_to = [&](int most) {
    return database->read([&](Transaction& t) { return t.query(count, {most}); });
  };
  CHECK(up_to(100).value().size() == 100);
  const auto many = up_to(101);
  REQUIRE(!many);
  CHECK(many.error().code == Code::usage);
  CHECK(many.error().what.contains("rows_max (100)"));
  const std::string text(99'000, 'x');
  const auto twice = [&](std::string_view what) {
    return database->read([&](Transaction& t) { return t.query("SELECT $1 || 'y', $1 || 'z'", {what}); });
  };
  CHECK(twice(std::string_view(text).substr(0, 40'000)).has_value());
  CHECK(twice(text).error().what.contains("result_bytes_max (100000)"));
  CHECK(up_to(3).value().size() == 3);  // and the connection is as good as before
}

CONTRACT(contention, "eight threads that count together count exactly") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeCounter, SqlText("INSERT INTO counter VALUES ('all', 0), ('other', 0)"));
  constexpr int kThreads = 8, kTimes = 25;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < kTimes; ++n) {
        // Reads, then writes what rests on what it read: lost updates show.
        const auto done = database->write([&](Transaction& t) -> Result<void> {
          const Rows rows = TRY(t.query("SELECT value FROM counter WHERE name = 'all'"));
          TRY(t.execute("UPDATE counter SET value = $1 WHERE name = 'all'", {rows[0].integer(0) + 1}));
          return {};
        });
        if (!done) ++failed;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(value_of(*database, "all") == kThreads * kTimes);
}

CONTRACT(serializable, "what two transactions decide on rows that they only read stays true") {
  const World world;
  Limits limits;
  limits.group_max = 1;
  const auto database = open(world, limits);
  run_all(*database, kMakeCounter);
  // Each puts a row when there are fewer than 3: with snapshots alone two would put the third.
  std::vector<std::thread> threads;
  std::atomic<int> put = 0, failed = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      const auto done = database->write([&](Transaction& t) -> Result<bool> {
        if (TRY(t.query("SELECT count(*) FROM counter"))[0].integer(0) >= 3) return false;
        TRY(t.execute("INSERT INTO counter VALUES ($1, 0)", {std::to_string(i)}));
        return true;
      });
      if (!done)
        ++failed;
      else if (*done)
        ++put;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(put == 3);
  CHECK(database->read([](Transaction& t) { return t.query("SELECT name FROM counter"); }).value().size() ==
        3);
}

CONTRACT(changed_schema, "a statement that is ready follows a schema that another process changes") {
  const World world;
  const auto one = open(world), other = open(world);
  run_all(*one, kMakeCounter, SqlText("INSERT INTO counter VALUES ('a', 1)"));
  const auto all = [&] { return one->read([](Transaction& t) { return t.query("SELECT * FROM counter"); }); };
  CHECK(all().value().columns() == 2);
  run_all(*other, SqlText("ALTER TABLE counter ADD COLUMN note {text} NOT NULL DEFAULT 'x'"));
  const auto rows = all();
  if (!rows) FAIL(rows.error().what);
  CHECK(rows->columns() == 3);
  CHECK((*rows)[0].text(2) == "x");
}

CONTRACT(giving_up, "what never succeeds ends, with the limit's name") {
  const World world;
  Limits limits;
  limits.attempts_max = 3;
  limits.retry_ms = 500;
  limits.statement_ms_max = 10'000;
  const auto one = open(world, limits), other = open(world, limits);
  run_all(*one, kMakeCounter, SqlText("INSERT INTO counter VALUES ('a', 1)"));
  int attempts = 0;
  // The other one always comes between.
  const auto done = one->write([&](Transaction& t) -> Result<void> {
    ++attempts;
    TRY(t.query("SELECT value FROM counter"));
    const auto between = [](Transaction& u) { return u.execute("UPDATE counter SET value = value + 1"); };
    TRY(other->write(between));
    TRY(t.execute("UPDATE counter SET value = value + 1"));
    return {};
  });
  REQUIRE(!done);
  CHECK(done.error().code == Code::try_again);
  if (World::kDialect == Dialect::sqlite) {
    CHECK(done.error().what.contains("retry_ms (500)"));
  } else {
    CHECK(attempts == 3);
    CHECK(one->counts().repeats == 2);
    CHECK(done.error().what.contains("attempts_max (3)"));
  }
}

CONTRACT(slow, "a statement that takes too long is ended, with the limit's name") {
  const World world;
  Limits limits;
  limits.statement_ms_max = 200;
  const auto database = open(world, limits);
  const auto done = database->read([](Transaction& t) {
    return t.query(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
        "SELECT count(*) FROM n");
  });
  REQUIRE(!done);
  CHECK(done.error().code == Code::try_again);
  CHECK(done.error().what.contains("statement_ms_max (200)"));
  CHECK(database->read([](Transaction& t) { return t.query("SELECT 1"); }));
}

CONTRACT(readers, "readers see one snapshot while others write") {
  const World world;
  const auto database = open(world);
  run_all(*database, kMakeCounter, SqlText("INSERT INTO counter VALUES ('a', 1)"));
  const auto done = database->read([&](Transaction& t) -> Result<void> {
    CHECK(TRY(t.query("SELECT value FROM counter"))[0].integer(0) == 1);
    std::thread([&] { run_all(*database, SqlText("UPDATE counter SET value = 2")); }).join();
    CHECK(TRY(t.query("SELECT value FROM counter"))[0].integer(0) == 1);
    return {};
  });
  CHECK(done);
  CHECK(value_of(*database, "a") == 2);
}

CONTRACT(commit_fails,
         "a commit that fails is acknowledged to nobody, and takes none with it that were good") {
  const World world;
  const auto database = open(world);
  // Looked at by the commit alone: until then nothing is wrong.
  run_all(
      *database, kMakeCounter, SqlText("INSERT INTO counter VALUES ('there', 0)"),
      SqlText(
          "CREATE TABLE child (number {int64} PRIMARY KEY, name {text} NOT NULL REFERENCES counter (name) "
          "DEFERRABLE INITIALLY DEFERRED) {strict}"));
  constexpr int kThreads = 8, kTimes = 10;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int n = 0; n < kTimes; ++n) {
        const bool is_good = thread % 4 != 0;
        const auto done = database->write([&](Transaction& t) {
          return t.execute("INSERT INTO child VALUES ($1, $2)",
                           {thread * 100 + n, is_good ? "there" : "nowhere"});
        });
        if (done.has_value() != is_good) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  const auto rows = database->read([](Transaction& t) { return t.query("SELECT count(*) FROM child"); });
  CHECK(rows.value()[0].integer(0) == kThreads / 4 * 3 * kTimes);
}
