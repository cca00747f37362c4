// SPDX-License-Identifier: AGPL-3.0-or-later
// The options of inxt-put and its two ways: from data in one pass, and from a manifest whose pieces lie in files.
#pragma once

#include "cli/key_options.h"
#include "cli/layout_options.h"
#include "cli/run.h"
#include "client/put.h"

namespace inxt::put_tool {

struct Options {
  std::optional<std::string> input;
  std::optional<std::string> output;
  std::optional<std::string> hosts;
  std::optional<std::string> receipts;
  std::vector<std::string> folders;
  std::optional<std::int64_t> term_s;
  std::uint64_t price_max = 0;
  unsigned jobs = client::kPutJobsDefault;
  bool data = false;
  bool dry_run = false;
  cli::KeyOptions key;
  cli::LayoutOptions layout;
  cli::ContentOptions content;
};

void declare(cli::Command& command, Options& to);

/// Where the pieces come from and which Hosts there are: all that put() needs, whichever way.
Result<cli::Exit> put_from(cli::World& world, const Options& options, const keys::Key& key,
                           std::vector<format::Descriptor> hosts, client::BatchSource& source,
                           client::PutJournal journal, const std::string& what);
Result<cli::Exit> put_data(cli::World& world, const Options& options, cli::Input input);
Result<cli::Exit> put_manifest(cli::World& world, const Options& options, cli::Input input);

/// The Hosts, or a usage error with a hint.
Result<std::vector<format::Descriptor>> hosts_for(cli::World& world, const Options& options, const format::Layout& layout);
/// -n: says pieces, overhead, price and Hosts.
Result<cli::Exit> say_plan(cli::World& world, const format::Layout& layout, std::optional<std::uint64_t> bytes,
                           const std::vector<format::Descriptor>& hosts);

}  // namespace inxt::put_tool
