// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/units.h"

#include <doctest/doctest.h>

#include "cli/escape.h"
#include "cli/exit.h"

namespace inxt::cli {
namespace {

TEST_CASE("sizes") {
  CHECK(*parse_size("0") == 0);
  CHECK(*parse_size("1024") == 1024);
  CHECK(*parse_size("64KiB") == 65536);
  CHECK(*parse_size("2 MiB") == 2097152);
  CHECK(*parse_size("1.5gb") == 1500000000);
  CHECK(*parse_size("0.001KB") == 1);
  CHECK(*parse_size("1TiB") == 1ULL << 40);
  CHECK(*parse_size("9223372036854775807") == 9223372036854775807ULL);
  for (std::string_view bad :
       {"", "-1", "1.", "1.0001KB", "0.5", "1.5B", "1 ", "MiB", "1XB", "1KiBx", "9223372036854775808",
        "99999999999999999999", "9999999999999999999TiB", "1  KB", "0x10", "+1"})
    CHECK_MESSAGE(!parse_size(bad), bad);
  CHECK(parse_size("x").error().code == Code::usage);
}

TEST_CASE("durations and times") {
  CHECK(*parse_duration_s("90") == 90);
  CHECK(*parse_duration_s("90s") == 90);
  CHECK(*parse_duration_s("5min") == 300);
  CHECK(*parse_duration_s("1h30min") == 5400);
  CHECK(*parse_duration_s("30d") == 2592000);
  for (std::string_view bad : {"", "-1", "1h30", "5m", "h", "1y", "999999999999999999d", "1 h", "1.5h"})
    CHECK_MESSAGE(!parse_duration_s(bad), bad);

  CHECK(*parse_time_unix_s("90d", 1000) == 1000 + 90 * 86400);
  CHECK(*parse_time_unix_s("@1800000000", 0) == 1800000000);
  CHECK(*parse_time_unix_s("1970-01-02", 0) == 86400);
  CHECK(*parse_time_unix_s("2027-01-31T12:00:00Z", 0) == 1801396800);
  for (std::string_view bad :
       {"", "@", "@-1", "2027-02-31", "2027-13-01", "2027-01-31T12:00:00", "1969-12-31", "never"})
    CHECK_MESSAGE(!parse_time_unix_s(bad, 0), bad);
}

TEST_CASE("redundancy") {
  CHECK(parse_redundancy("4+2")->data == 4);
  CHECK(parse_redundancy("64+64")->parity == 64);
  CHECK(parse_redundancy("1+0")->parity == 0);
  for (std::string_view bad :
       {"", "4", "4+", "+2", "0+2", "65+1", "1+65", "4+2x", "4-2", "-4+2", "4 + 2", "00004+2"})
    CHECK_MESSAGE(!parse_redundancy(bad), bad);
}

TEST_CASE("what people read") {
  CHECK(show_size(0) == "0 B");
  CHECK(show_size(999) == "999 B");
  CHECK(show_size(1000) == "1.00 kB");
  CHECK(show_size(3200000000000) == "3.20 TB");
  CHECK(show_size(999999) == "1.00 MB");
  CHECK(show_duration(45) == "45 s");
  CHECK(show_duration(7500) == "2 h 5 min");
}

TEST_CASE("hostile text is escaped, other text is not") {
  CHECK(escape("photos.tar") == "photos.tar");
  CHECK(escape("Zürich 東京 🙂") == "Zürich 東京 🙂");
  CHECK(escape("a\x1b[2Jb") == "a\\x1b[2Jb");
  CHECK(escape("a\nb\tc") == "a\\x0ab\\x09c");
  CHECK(escape("a\nb", true) == "a\nb");
  CHECK(escape("\x7f") == "\\x7f");
  CHECK(escape("\xc2\x9b") == "\\u{9b}");  // CSI as one character
  CHECK(escape("\xe2\x80\xae"
               "gpj.exe") == "\\u{202e}gpj.exe");
  CHECK(escape("\xff\xfe") == "\\xff\\xfe");
  CHECK(escape("\xe2\x80") == "\\xe2\\x80");  // cut short
  CHECK(escape(std::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("the worse of two ends") {
  CHECK(worse(Exit::ok, Exit::try_again) == Exit::try_again);
  CHECK(worse(Exit::partial, Exit::try_again) == Exit::partial);
  CHECK(worse(Exit::below_redundancy, Exit::partial) == Exit::below_redundancy);
  CHECK(worse(Exit::below_redundancy, Exit::too_few_pieces) == Exit::too_few_pieces);
  CHECK(worse(Exit::too_few_pieces, Exit::audit_failed) == Exit::audit_failed);
  CHECK(worse(Exit::integrity, Exit::audit_failed) == Exit::integrity);
  CHECK(worse(Exit::ok, Exit::ok) == Exit::ok);
}

}  // namespace
}  // namespace inxt::cli
