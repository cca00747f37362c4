// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/share_requests.h"

#include <doctest/doctest.h>

#include "format/lease.h"
#include "support/share_drafts.h"

using namespace inxt;
using namespace inxt::format;
using namespace inxt::testing;

TEST_CASE("a share's body is read as it says, or refused with the place named") {
  const ShareDraft draft(1, 2, 1500);
  const std::string body = draft.body();
  const auto read = format::read_share_request(body);
  REQUIRE(read);
  CHECK(read->share == draft.share);
  CHECK(read->client == draft.client.public_key());
  CHECK(read->places == draft.places);
  CHECK(read->bundle == draft.bundle);
  CHECK(pieces_of(*read) == 3000);

  const auto refused = [](std::string text, std::string_view part) {
    const auto wrong = read_share_request(text);
    REQUIRE(!wrong);
    CAPTURE(wrong.error().what);
    CHECK(wrong.error().code == Code::integrity);
    CHECK(wrong.error().what.contains(part));
  };
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = body;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  refused("", "line 1");
  refused("x\n", "line 1");
  refused(std::string(kShareBodyBytesMax + 1, 'x'), "kShareBodyBytesMax");
  refused(std::string(kShareLineBytesMax + 1, 'x'), "kShareLineBytesMax");
  refused(body + "x", "bundle_bytes");
  refused(body.substr(0, body.size() - 1), "bundle_bytes");
  refused(with(R"("type":"share")", R"("type":"shape")"), "line 1: type");
  refused(with(R"("lines":4)", R"("lines":5)"), "line 6");
  refused(with(R"("lines":4)", R"("lines":2049)"), "kShareLinesMax");
  refused(with(R"("bundle_bytes":)", R"("bundle_bytes":99999999)"), "kShareBundleBytesMax");
  refused(with(to_hex(draft.client.public_key()), std::string(64, '0')), "line 1: client");
  refused(with(draft.places[0].host.hex(), "zz"), "line 2: host");
  refused(with(R"("capability":)", R"("other":)"), "line 2: capability");
  refused(with(R"("pieces":")", R"("pieces":"AAAA)"), "line 2: pieces");
  // The second line of a Host begins behind the first: in its place the first again is not ascending.
  const std::size_t second = body.find('\n') + 1, third = body.find('\n', second) + 1;
  std::string twice = body.substr(second, third - second);
  refused(body.substr(0, third) + twice + body.substr(body.find('\n', third) + 1), "line 3");
}

TEST_CASE("what no Bridge would take is not written") {
  const auto refused = [](const ShareDraft& draft, std::string_view part) {
    const auto wrong = write_share_request(draft.request());
    REQUIRE(!wrong);
    CHECK(wrong.error().code == Code::usage);
    CHECK(wrong.error().what.contains(part));
  };
  ShareDraft many(1, 1, kSharePiecesMax + 1);
  refused(many, "kSharePiecesMax");
  ShareDraft spread(1, kShareLinesMax + 1, 1);
  refused(spread, "kShareLinesMax");
  ShareDraft large(1, 1, 1);
  large.bundle.assign(kShareBundleBytesMax + 1, 'x');
  refused(large, "kShareBundleBytesMax");
  ShareDraft twice(1, 1, 3);
  twice.places[0].pieces[1] = twice.places[0].pieces[0];
  refused(twice, "ascending");
  // The largest that is taken goes through whole.
  ShareDraft most(1, 128, 1024);
  most.bundle.assign(kShareBundleBytesMax, 'x');
  const std::string body = most.body();
  const auto read = read_share_request(body);
  REQUIRE(read);
  CHECK(read->places == most.places);
}

TEST_CASE("requests for leases, their answers and what is listed come back as they were written") {
  const ShareDraft draft(3, 1, kLeasePiecesMax);
  const LeaseRequest request{
      .host = draft.places[0].host, .account = draft.places[0].account, .pieces = draft.places[0].pieces};
  const auto read = read_lease_request(write_lease_request(request));
  REQUIRE(read);
  CHECK(*read == request);
  LeaseRequest many = request, none = request;
  many.pieces.push_back({});
  none.pieces.clear();
  CHECK(!read_lease_request(write_lease_request(many)));
  CHECK(!read_lease_request(write_lease_request(none)));
  CHECK(!read_lease_request("{}"));

  const auto answer =
      read_lease_answer(write_lease_answer({.capability = "a.b.c", .lease = "d.e.f", .expires_unix_s = 9}));
  REQUIRE(answer);
  CHECK(answer->capability == "a.b.c");
  CHECK(answer->lease == "d.e.f");
  CHECK(answer->expires_unix_s == 9);

  ShareInfo info{.share = draft.share,
                 .client = draft.client.public_key(),
                 .created_unix_s = 1,
                 .expires_unix_s = 2,
                 .bundle_bytes = 3,
                 .pieces = 4};
  std::string line = write_share_info(info);
  line.pop_back();
  CHECK(read_share_info(line, "line") == info);
  info.object = ObjectId{};
  line = write_share_info(info);
  line.pop_back();
  CHECK(read_share_info(line, "line") == info);
  CHECK(!read_share_info("{}", "line"));
}
