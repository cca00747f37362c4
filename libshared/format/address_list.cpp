// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/address_list.h"

#include "format/descriptor.h"

namespace inxt::format {

Result<std::vector<std::string>> read_addresses(const Fields& fields) {
  auto addresses = TRY(fields.texts("addresses", kAddressesMax, kHostAddressBytesMax));
  for (const auto& address : addresses)
    if (!is_address(address)) return fields.bad("addresses", "one is not of the form host:port");
  return addresses;
}

}  // namespace inxt::format
