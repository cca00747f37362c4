// SPDX-License-Identifier: LGPL-3.0-or-later
// An object's metadata as a member of JSON, in records and in operations.
#pragma once

#include "format/object_record.h"

namespace inxt::format {

Json metadata_json(const Metadata& metadata);
/// The member "metadata" of `json`; none where it is absent.  Errors: integrity, also past check_metadata's
/// limits.
Result<Metadata> metadata_from_json(const Json& json, const std::string& where);

}  // namespace inxt::format
