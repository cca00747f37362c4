// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/letting_go.h"

#include "format/contract.h"
#include "host/inventory.h"
#include "store/index.h"
#include "store/term.h"

namespace inxt::host {
namespace {

Result<void> remove(Host& host, const Inventory::Leaving& leaving) {
  Inventory::Letting letting;
  if (host.inventory() != nullptr) letting = TRY(host.inventory()->let_go({&leaving, 1}));
  const store::Trailer& trailer = *leaving.trailer;
  return host.parts().store.remove(trailer.piece, trailer.account, format::offer_hash(trailer.offer));
}

}  // namespace

Result<void> remove_deleted(Host& host, const store::Trailer& trailer, std::string_view deletion_token) {
  return remove(host, {.trailer = &trailer, .deletion = deletion_token, .release = {}});
}

Result<void> remove_released(Host& host, const store::Trailer& trailer, std::string_view release_token) {
  return remove(host, {.trailer = &trailer, .deletion = {}, .release = release_token});
}

Result<void> remove_ended(Host& host, const store::Key& key, std::int64_t before_unix_s) {
  return remove_ended(host, std::span(&key, 1), before_unix_s).front();
}

std::vector<Result<void>> remove_ended(Host& host, std::span<const store::Key> keys,
                                       std::int64_t before_unix_s) {
  store::Store& store = host.parts().store;
  std::vector<Result<void>> outcomes(keys.size());
  Inventory::Letting letting;
  if (host.inventory() != nullptr) {
    std::vector<store::Trailer> trailers;
    trailers.reserve(keys.size());
    std::vector<Inventory::Leaving> leaving;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      Result<store::Trailer> trailer = store.read_trailer(keys[i].piece, keys[i].account);
      if (!trailer) {
        outcomes[i] = std::unexpected(std::move(trailer).error());
        continue;
      }
      const std::uint32_t until = store::term_of(*trailer);
      if (until == store::kTermNone || std::int64_t{until} >= before_unix_s) {
        outcomes[i] = fail(Code::not_found, "its term has not ended");
        continue;
      }
      trailers.push_back(*std::move(trailer));
      leaving.push_back({.trailer = &trailers.back(), .deletion = {}, .release = {}});
    }
    Result<Inventory::Letting> let = host.inventory()->let_go(leaving);
    if (!let && keys.size() > 1) {  // one that cannot go must not keep the others here
      for (std::size_t i = 0; i < keys.size(); ++i)
        if (outcomes[i]) outcomes[i] = remove_ended(host, keys[i], before_unix_s);
      return outcomes;
    }
    if (!let) {
      if (outcomes.front()) outcomes.front() = std::unexpected(std::move(let).error());
      return outcomes;
    }
    letting = *std::move(let);
  }
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (outcomes[i]) outcomes[i] = store.remove_ended(keys[i], before_unix_s);
  return outcomes;
}

}  // namespace inxt::host
