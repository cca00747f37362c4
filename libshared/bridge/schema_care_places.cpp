// SPDX-License-Identifier: LGPL-3.0-or-later
#include <array>

#include "bridge/schema.h"

namespace inxt::bridge {

std::span<const database::SqlText> care_places_schema() {
  static constexpr std::array<database::SqlText, 5> kStatements{
      // Whose accounts have the contracts: 4 bytes for each of places.  NULL: all are the header's
      // uploader's.
      "ALTER TABLE care_segments ADD COLUMN uploaders {blob}",
      // 1: the care of this segment has ended, and not of its file.
      "ALTER TABLE care_segments ADD COLUMN ended {int64} NOT NULL DEFAULT 0",
      // The segment's, so that a file's places are read in their order without all of them.
      "ALTER TABLE care_places ADD COLUMN file {int64} NOT NULL DEFAULT 0",
      "UPDATE care_places SET file ="
      " (SELECT s.file FROM care_segments s WHERE s.key = care_places.segment)",
      "CREATE INDEX care_places_of_file ON care_places (file, key)",
  };
  return kStatements;
}

}  // namespace inxt::bridge
