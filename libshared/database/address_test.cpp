// SPDX-License-Identifier: AGPL-3.0-or-later
#include "database/address.h"

#include <doctest/doctest.h>

#include "database/sql_text.h"

using namespace inxt;
using namespace inxt::database;

TEST_CASE("a path, or a server") {
  CHECK(parse_address("/var/lib/inxt/bridge.db").value().place == "/var/lib/inxt/bridge.db");
  CHECK(parse_address("sqlite:bridge.db").value().place == "bridge.db");
  CHECK(parse_address("sqlite:bridge.db").value().dialect == Dialect::sqlite);
  for (const std::string_view good :
       {"postgresql:///inxt", "postgres://bridge@db.example:5433/inxt?sslmode=verify-full",
        "postgresql://a,b:1/x", "postgresql:///?service=inxt&passfile=/run/credentials/pgpass",
        "postgresql://u@%2Frun%2Fpostgresql/inxt"}) {
    CAPTURE(good);
    const auto address = parse_address(good);
    REQUIRE(address);
    CHECK(address->dialect == Dialect::postgresql);
    CHECK(address->place == good);
  }
  for (const std::string_view bad :
       {std::string_view(""), std::string_view("sqlite:"), std::string_view("mysql://x/y"),
        std::string_view("postgresql://[::1/x"), std::string_view("postgresql:///x?nonsense=1"),
        std::string_view("host=x dbname=y"), std::string_view("a\0b", 3)}) {
    CAPTURE(bad);
    const auto address = parse_address(bad);
    REQUIRE(!address);
    CHECK(address.error().code == Code::usage);
  }
}

TEST_CASE("a password in an address is refused, and no error repeats it") {
  for (const std::string_view bad :
       {"postgresql://bridge:hunter2@db/inxt", "postgresql:///inxt?password=hunter2",
        "postgres://bridge:hunter%32@db/inxt", "postgresql://db/inxt?sslpassword=hunter2",
        "postgresql://bridge:hunter2%zz@db/inxt", "postgresql://bridge:hunter2@db/inxt?nonsense=hunter2",
        "postgresql://bridge:hunter2@[db/inxt", "host=db password=hunter2", "postgresql://:hunter2@/",
        "mysql://bridge:hunter2@db"}) {
    CAPTURE(bad);
    const auto address = parse_address(bad);
    REQUIRE(!address);
    CHECK(address.error().code == Code::usage);
    CHECK(!address.error().what.contains("hunter"));
    CHECK(!address.error().hint.contains("hunter"));
  }
  CHECK(parse_address("postgresql://u:x@h/d").error().hint.contains("passfile"));
}

TEST_CASE("words in braces are each dialect's own") {
  constexpr SqlText text = "a {int64} b {blob}{strict}";
  CHECK(in_dialect(text.text(), Dialect::sqlite) == "a INTEGER b BLOBSTRICT");
  CHECK(in_dialect(text.text(), Dialect::postgresql) == "a BIGINT b BYTEA");
  CHECK(in_dialect("nothing", Dialect::sqlite) == "nothing");
  static_assert(SqlText("$1 $3 $64").parameters() == (1 | 4 | std::uint64_t{1} << 63));
}
