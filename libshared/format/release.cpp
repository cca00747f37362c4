// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/release.h"

#include <algorithm>

#include "format/contract_release.h"
#include "format/renewal.h"
#include "format/succession.h"
#include "proof/inventory_contracts.h"

namespace inxt::format {
namespace {

std::unexpected<Error> bad(std::string_view why) {
  return fail(Code::integrity, "released: " + std::string(why));
}

/// The ids of the Host from that of the contract on.
Result<std::vector<HostId>> ids_from(const HostId& contract_host, const HostId& host,
                                     std::span<const std::string> succession) {
  std::vector<HostId> ids{contract_host};
  if (contract_host == host) return ids;
  for (const auto& link : TRY(open_successions(succession, host)))
    if (link.from == ids.back()) ids.push_back(link.to);
  if (ids.back() != host) return bad("the contract is another Host's");
  return ids;
}

Result<Acceptance> check_contract(const ReleasedLine& line, const Offer& offer) {
  auto acceptance = TRY(open_acceptance(line.acceptance));
  if (acceptance.host != offer.host) return bad("another Host accepted the offer");
  if (acceptance.offer != offer_hash(line.offer)) return bad("the acceptance names another offer");
  if (acceptance.piece != offer.piece || acceptance.size != offer.size || acceptance.account != offer.account)
    return bad("the acceptance is about another piece");
  if (acceptance.until_unix_s < offer.until_unix_s || acceptance.price > offer.price)
    return bad("the acceptance changes term or price");
  return acceptance;
}

Result<void> check_deleted(const std::string& token, const Offer& offer, std::span<const HostId> ids) {
  const auto deletion = TRY(open_deletion(token, std::nullopt));
  if (deletion.control != offer.control)
    return bad("the deletion is signed by another key than the control key");
  if (deletion.piece != offer.piece || deletion.account != offer.account ||
      std::ranges::find(ids, deletion.host) == ids.end())
    return bad("the deletion is about another contract");
  return {};
}

Result<void> check_release(const ReleasedLine& line, const Offer& offer, std::span<const HostId> ids) {
  const auto release = TRY(open_release(*line.release, std::nullopt));
  if (release.piece != offer.piece || release.account != offer.account ||
      release.contract != contract_hash(line.acceptance) || std::ranges::find(ids, release.host) == ids.end())
    return bad("the release is about another contract");
  if (std::ranges::find(ids, release.successor) != ids.end()) return bad("the successor is the Host itself");
  return {};
}

}  // namespace

Result<void> check_released(const ReleasedLine& line, const proof::InventoryLeaf& leaf, const HostId& host,
                            std::int64_t answered_unix_s) {
  const auto offer = TRY(open_offer(line.offer, std::nullopt));
  if (line.piece != leaf.piece || offer.piece != leaf.piece) return bad("it is about another piece");
  if (offer.size != leaf.size_bytes) return bad("the offer has another size than the inventory");
  const auto ids = TRY(ids_from(offer.host, host, line.succession));
  const auto acceptance = TRY(check_contract(line, offer));
  if (leaf.contracts != 1) return bad("the inventory has other contracts about the piece");
  const auto blinded = proof::blinded_contract(contract_hash(line.acceptance));
  if (leaf.contracts_root != proof::contracts_root({&blinded, 1}))
    return bad("the inventory has another contract");
  if (line.deletion) return check_deleted(*line.deletion, offer, ids);
  if (line.release) return check_release(line, offer, ids);

  auto until_unix_s = acceptance.until_unix_s;
  if (line.renewal)
    until_unix_s = TRY(check_renewed(offer, line.acceptance, *line.renewal, *line.renewal_acceptance,
                                     std::span(ids).subspan(1)))
                       .until_unix_s;
  if (until_unix_s >= answered_unix_s) return bad("the term is not over");
  return {};
}

}  // namespace inxt::format
