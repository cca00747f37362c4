// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include <map>
#include <memory>

#include "cli/key_options.h"
#include "cli/run.h"
#include "cli/tree_options.h"
#include "client/renew.h"
#include "client/renewal_vouchers.h"
#include "client/session.h"
#include "transfer/bridge_care.h"

namespace inxt::renew_tool {

struct Options {
  std::optional<std::string> manifest;
  std::optional<std::string> hosts;
  std::optional<std::string> receipts;
  std::optional<std::int64_t> term_s;
  std::optional<std::int64_t> if_less_s;
  std::uint64_t price_max = 0;
  unsigned jobs = 12;
  bool dry_run = false;
  bool recursive = false;
  cli::BridgeFileOptions bridge;
  cli::KeyOptions key;
};

/// What all manifests of one command are renewed with.
class Renewing {
 public:
  /// REQUIRES: all of them outlive it.
  Renewing(cli::World& world, const Options& options, const keys::Key& key, const format::KnownHosts& hosts)
      : world_(world), options_(options), key_(key), hosts_(hosts) {}

  /// Errors: denied on a delegated machine; those of the receipts' file.
  Result<void> begin();

  /// The Bridge by whose vouchers Hosts know the accounts, and which may have put pieces elsewhere. REQUIRES:
  /// session and accounts outlive this.
  void use_bridge(client::Session& session, transfer::BridgeAccounts& accounts,
                  std::unique_ptr<transfer::BridgeCare> care);

  /// `only`: which segments; null: all.  Errors: those of the output; what could not be renewed is told, and
  /// counts.
  Result<void> renew(client::ManifestTable manifest,
                     const std::function<bool(std::uint64_t segment)>& only = {});

  /// A file that cannot be renewed keeps none of the others from it.
  Result<void> leave_out(const std::string& path, const Error& error);

  /// Says what was done, and how the tool ends.
  Result<cli::Exit> end();

 private:
  Result<void> renew_as(std::uint32_t number, const client::ManifestTable& manifest,
                        const std::function<bool(std::uint64_t segment)>& only,
                        const std::function<bool(std::uint32_t uploader)>& only_uploaders);
  void add_places_told(client::ManifestTable& manifest);
  void settle(const client::ManifestTable& manifest);
  void tell(const client::RenewTrouble& trouble);
  void keep_error(Result<void> written);
  Result<cli::Exit> judge();

  cli::World& world_;
  const Options& options_;
  const keys::Key& key_;
  const format::KnownHosts& hosts_;
  std::optional<sys::OutputFile> receipts_;
  std::optional<Error> output_error_;
  client::Session* bridge_session_ = nullptr;
  std::optional<client::RenewalVouchers> vouchers_;
  std::unique_ptr<transfer::BridgeCare> care_;  // none, too, once it gave no answer
  std::map<std::uint32_t, std::unique_ptr<client::Session>> sessions_;
  client::RenewReport total_;
  std::uint64_t replaced_ = 0;     // places that were not renewed, of pieces that are kept at others
  std::vector<std::size_t> kept_;  // of each piece of this manifest: the latest place that keeps it
  std::vector<client::RenewTrouble> waiting_;  // of pieces of this manifest that have other places
};

}  // namespace inxt::renew_tool
