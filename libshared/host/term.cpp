// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/term.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/renewal.h"
#include "format/token.h"

namespace inxt::host {

Result<std::int64_t> end_of_term_unix_s(const store::Trailer& contract) {
  if (contract.renewal)
    return TRY_IN("stored renewal", format::open_renewal_acceptance(contract.renewal->acceptance))
        .until_unix_s;
  return TRY_IN("stored acceptance", format::open_acceptance(contract.acceptance)).until_unix_s;
}

std::expected<void, Refusal> check_terms(const Options& terms, std::string_view what, std::uint64_t price,
                                         std::int64_t until_unix_s, std::int64_t now_unix_s) {
  if (price < terms.price)
    return refuse(403, Code::denied,
                  fmt::format("{}: its price {} is below price_min ({})", what, price, terms.price));
  if (until_unix_s <= now_unix_s) return refuse(403, Code::denied, fmt::format("{}: its term is over", what));
  const auto last_s = static_cast<std::uint64_t>(now_unix_s + format::kClockSkewS) + terms.term_seconds_max;
  if (static_cast<std::uint64_t>(until_unix_s) > last_s)
    return refuse(403, Code::denied,
                  fmt::format("{}: its term ends at {}, later than term_seconds_max ({}) from now", what,
                              until_unix_s, terms.term_seconds_max));
  return {};
}

void add_renewal(format::Json& json, const store::Trailer& contract) {
  if (!contract.renewal) return;
  json["renewal"] = contract.renewal->renewal;
  json["renewal_acceptance"] = contract.renewal->acceptance;
}

}  // namespace inxt::host
