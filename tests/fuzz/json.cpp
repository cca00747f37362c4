// SPDX-License-Identifier: AGPL-3.0-or-later
// Strict JSON: what is accepted means one thing, and is written again as something that means the same.
#include <nlohmann/json.hpp>

#include "format/json.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {

void fuzz(ByteView input) {
  const auto text = text_of(input);
  const auto json = format::parse_object(text);
  if (!json) return;
  CHECK_BUG(text.size() <= format::kLineBytesMax && format::is_utf8(text) && json->is_object());
  const auto again = format::write_compact(*json);
  const auto back = format::parse_object(again, again.size());
  CHECK_BUG(back && *back == *json);

  const format::Fields fields(*json, "input");
  ByteArray<32> bytes;
  for (const auto& [key, value] : json->items()) {
    const char* name = key.c_str();
    CHECK_BUG(value.type() != format::Json::value_t::number_float);
    if (const auto number = fields.integer(name)) CHECK_BUG(*number <= format::kJsonIntegerMax);
    if (const auto time = fields.time(name)) CHECK_BUG(*time >= 0);
    if (const auto found = fields.text(name, 64)) CHECK_BUG(found->size() <= 64);
    (void)fields.boolean(name);
    (void)fields.hex(name, bytes);
    (void)fields.base64(name, ByteSpan(bytes));
    if (const auto found = fields.base64(name, std::size_t{48})) CHECK_BUG(found->size() <= 48);
    if (const auto found = fields.texts(name, 4, 16)) CHECK_BUG(found->size() <= 4);
  }
  (void)fields.check_crit({"known"});
}

}  // namespace inxt::fuzz
