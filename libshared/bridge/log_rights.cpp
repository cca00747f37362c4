// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/log_rights.h"

namespace inxt::bridge {
namespace {

using format::Ability;
using format::Does;

Result<void> check_does(const Authority& authority, const Does& does) {
  switch (does.what) {
    case Does::What::create:
      return authority.allow(Ability::create, does.object);
    case Does::What::write:
      return authority.allow(Ability::write, does.object);
    case Does::What::remove:
      return authority.allow(Ability::delete_, does.object);
    case Does::What::share:
      return authority.allow(Ability::share, does.object);
    case Does::What::name:
      break;
  }
  return authority.allow(Ability::write);
}

Result<void> check_record(const Authority& authority, const AppendRecord& record) {
  if (!record.object) {
    if (authority.allow(Ability::write)) return {};
    return authority.allow(Ability::create);
  }
  const bool is_first = record.object->bytes == record.id.bytes;
  return authority.allow(is_first ? Ability::create : Ability::write, record.object);
}

}  // namespace

Result<void> check_append(const Authority& authority, const LogAppend& append) {
  for (const Does& does : append.does) TRY(check_does(authority, does));
  for (const AppendRecord& record : append.records) TRY(check_record(authority, record));
  return {};
}

}  // namespace inxt::bridge
