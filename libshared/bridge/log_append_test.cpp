// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/log_append.h"

#include <doctest/doctest.h>

#include "bridge/log_limits.h"
#include "support/log_writer.h"

using namespace inxt;
using namespace inxt::bridge;
using namespace inxt::testing;

namespace {

std::string lines(std::initializer_list<std::string> all) {
  std::string out;
  for (const std::string& line : all) (out += line) += '\n';
  return out;
}

void refused(const LogWriter& writer, const std::string& body, Code code, std::string_view part) {
  const auto read = read_append(body, writer.log());
  REQUIRE(!read);
  CAPTURE(read.error().what);
  CHECK(read.error().code == code);
  CHECK(read.error().what.contains(part));
}

}  // namespace

TEST_CASE("an append's entries and records are read with what they do") {
  LogWriter writer;
  const auto one = writer.record("one"), two = writer.record("two");
  const std::string put_one = writer.entry({writer.put("/one", one)});
  const std::string put_two =
      writer.entry({writer.put("/two", two), format::Op(format::MkdirOp{"/folder", 0755})});
  const std::string body = lines({one.line, two.line, put_one, put_two});
  const auto read = read_append(body, writer.log());
  REQUIRE(read);
  REQUIRE(read->entries.size() == 2);
  CHECK(read->entries[0].seq == 1);
  CHECK(read->entries[0].previous == crypto::Hash{});
  CHECK(read->entries[0].line == put_one);
  CHECK(read->entries[0].hash == format::entry_hash(put_one));
  CHECK(read->entries[1].previous == read->entries[0].hash);
  REQUIRE(read->records.size() == 2);
  CHECK(read->records[0].id == one.id);
  CHECK(read->records[0].line == one.line);
  CHECK(read->records[0].object == format::ObjectId{one.id.bytes});
  CHECK(read->records[1].object == format::ObjectId{two.id.bytes});
  REQUIRE(read->does.size() == 3);
  CHECK(read->does[0].what == format::Does::What::create);
  CHECK(read->does[2].what == format::Does::What::name);
}

TEST_CASE("a record's object is known only where the entries tell") {
  LogWriter writer;
  const auto first = writer.record("first"),
             second = writer.record("second", format::ObjectId{first.id.bytes});
  const std::string entry = writer.entry({writer.put("/a", second, format::ObjectId{first.id.bytes})});
  const auto told = read_append(lines({second.line, entry}), writer.log());
  REQUIRE(told);
  CHECK(told->records[0].object == format::ObjectId{first.id.bytes});
  CHECK(!read_append(lines({second.line}), writer.log())->records[0].object);  // no entry
  CHECK(!read_append(lines({first.line, second.line, entry}), writer.log())
             ->records[1]
             .object);  // one put, two records
  // An entry that says that this record begins another object.
  LogWriter other;
  const std::string lie = other.entry({other.put("/a", first)});
  const auto read = read_append(lines({second.line, lie}), writer.log());
  REQUIRE(read);
  CHECK(!read->records[0].object);
}

TEST_CASE("what is no append is refused, with the line") {
  LogWriter writer;
  const auto record = writer.record("r");
  const std::string first = writer.entry({writer.put("/r", record)});
  const std::string second = writer.entry({format::Op(format::MkdirOp{"/f", 0755})});
  const std::string third = writer.entry({format::Op(format::MkdirOp{"/g", 0755})});
  CHECK(read_append(lines({first, second, third}), writer.log()));
  refused(writer, "", Code::usage, "empty");
  refused(writer, first, Code::integrity, "line 1: it has no newline");
  refused(writer, lines({first, "{}"}), Code::integrity, "line 2: type");
  refused(writer, lines({first, ""}), Code::integrity, "line 2: type");
  refused(writer, lines({first, third}), Code::integrity, "line 2: seq");
  refused(writer, lines({second, first}), Code::integrity, "line 2: seq");
  LogWriter other;
  other.entry({format::Op(format::MkdirOp{"/x", 0755})});
  refused(writer, lines({first, other.entry({format::Op(format::MkdirOp{"/y", 0755})})}), Code::integrity,
          "line 2: prev");
  LogWriter stranger(77);
  refused(writer, lines({stranger.entry({format::Op(format::MkdirOp{"/x", 0755})})}), Code::integrity,
          "line 1: log");
  refused(writer, lines({stranger.record("x").line}), Code::integrity, "line 1: log");
  std::string forged = first;
  forged[forged.find("\"time\":") + 8] ^= 1;
  refused(writer, lines({forged}), Code::integrity, "line 1");
  forged = record.line;
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  refused(writer, lines({forged}), Code::integrity, "line 1");
  refused(writer, std::string(kAppendBytesMax + 1, 'x'), Code::usage, "append_bytes_max");
  std::string many;
  for (std::size_t i = 0; i <= kAppendRecordsMax; ++i) (many += record.line) += '\n';
  refused(writer, many, Code::usage, "append_records_max");
  many.clear();
  LogWriter busy;
  for (std::size_t i = 0; i <= kAppendEntriesMax; ++i)
    (many += busy.entry({format::Op(format::MkdirOp{"/x", 0755})})) += '\n';
  refused(busy, many, Code::usage, "append_entries_max");
}
