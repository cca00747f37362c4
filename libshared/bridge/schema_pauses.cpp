// SPDX-License-Identifier: LGPL-3.0-or-later
#include <array>

#include "bridge/schema.h"

namespace inxt::bridge {

std::span<const database::SqlText> pauses_schema() {
  static constexpr std::array<database::SqlText, 4> kStatements{
      // 0: none.  paused_until is this Bridge's, away_until the Host's.
      "ALTER TABLE host_beats ADD COLUMN retiring {int64} NOT NULL DEFAULT 0",
      "ALTER TABLE host_beats ADD COLUMN away_until {int64} NOT NULL DEFAULT 0",
      "ALTER TABLE host_beats ADD COLUMN paused_until {int64} NOT NULL DEFAULT 0",
      // That were granted, and do not overlap; for as long as they count.
      "CREATE TABLE host_pauses ("
      "host {blob} NOT NULL REFERENCES hosts ON DELETE CASCADE, "
      "began {int64} NOT NULL, "
      "until {int64} NOT NULL, "
      "PRIMARY KEY (host, began)"
      ") {strict}",
  };
  return kStatements;
}

}  // namespace inxt::bridge
