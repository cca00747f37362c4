// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/offer_maker.h"

#include <algorithm>

#include "transfer/piece_tag.h"

namespace inxt::transfer {

Result<MadeOffer> OfferMaker::make(const format::Descriptor& host, const format::Chain& chain,
                                   const format::PieceLine& piece, const std::string& piece_line) const {
  crypto::Key control_seed;
  random_.fill(control_seed.span());
  MadeOffer made{.token = {}, .control = crypto::SigningKey::from_seed(control_seed.view())};
  const auto account = uploader_.account(host.host);
  const auto now = clock_.unix_s();
  format::Offer offer;
  offer.account.bytes = account.public_key();
  offer.host = host.host;
  offer.piece = piece.id;
  offer.size = piece.size;
  offer.until_unix_s = now + std::min(term_s_, static_cast<std::int64_t>(host.term_seconds_max));
  offer.price = host.price;
  offer.control = made.control.public_key();
  offer.tag = TRY(tag_for(owner_, chain, piece_line, std::move(control_seed)));
  offer.jti = random_.bytes<16>();
  offer.issued_unix_s = now;
  offer.expires_unix_s = now + kOfferLifeS;
  made.token = TRY(format::sign_offer(offer, account));
  return made;
}

Result<std::string> make_deletion(const crypto::SigningKey& control, const HostId& host, const PieceId& piece,
                                  const AccountId& account, std::int64_t now_unix_s) {
  format::Deletion deletion;
  deletion.control = control.public_key();
  deletion.host = host;
  deletion.piece = piece;
  deletion.account = account;
  deletion.issued_unix_s = now_unix_s;
  deletion.expires_unix_s = now_unix_s + kOfferLifeS;
  return format::sign_deletion(deletion, control);
}

}  // namespace inxt::transfer
