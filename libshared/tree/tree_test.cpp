// SPDX-License-Identifier: AGPL-3.0-or-later
// The fold: each rule with an example, all of them against a model, and two machines that change names at
// once.
#include "tree/tree.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "crypto/random.h"
#include "tree/conflict_name.h"

namespace inxt::tree {
namespace {

using namespace format;

RecordId record(std::uint64_t number) {
  RecordId id;
  std::ranges::copy(big_endian(number), id.bytes.begin());
  return id;
}

PutOp put(std::string path, std::uint64_t number, Base base = {}) {
  PutOp op;
  op.path = std::move(path);
  op.record = record(number);
  op.object = {op.record.bytes};
  op.bytes = number;
  op.base = base;
  return op;
}
Base saw(std::uint64_t number) {
  return {Base::Saw::record, record(number)};
}
const Base kSawNothing{Base::Saw::nothing, {}};

Bytes state_of(const Tree& tree) {
  Bytes out;
  REQUIRE(tree.save([&](ByteView bytes) -> Result<void> {
    append(out, bytes);
    return {};
  }));
  return out;
}

Result<Tree> load(ByteView state) {
  return Tree::load([&](ByteSpan out) -> Result<void> {
    if (out.size() > state.size()) return fail(Code::integrity, "cut short");
    std::ranges::copy(state.first(out.size()), out.begin());
    state = state.subspan(out.size());
    return {};
  });
}

/// A tree with a hand to write entries into it.
struct Log {
  Tree tree;
  std::uint64_t seq = 0;
  std::int64_t now = 1000;
  std::int64_t owner_time = 0;

  void apply(const std::vector<Op>& ops, std::uint32_t uploader = 0) {
    ++seq;
    for (const auto& op : ops)
      tree.apply({.seq = seq, .time_unix_s = now, .uploader = uploader, .owner_unix_s = owner_time}, op);
    if (uploader == 0) owner_time = now;
  }
  /// "/a=1 /b/": files with the first 8 bytes of their record, folders.
  std::string show() const {
    std::string out;
    tree.walk(Names::kRoot, [&](const Item& item) {
      if (!out.empty()) out += ' ';
      out += tree.path_of(item.node);
      out += item.is_folder ? "/"
                            : fmt::format("={}", from_big_endian<std::uint64_t>(item.version->record.bytes));
      return true;
    });
    return out;
  }
  std::string notes() const {
    std::string out;
    for (const auto& note : tree.notes())
      out += fmt::format("{}{}:{}", out.empty() ? "" : " ", kind_name(note.kind), note.path);
    return out;
  }
  std::string kept() const {
    std::string out;
    for (const auto& one : tree.kept())
      out += fmt::format("{}{}={}", out.empty() ? "" : " ", one.path,
                         from_big_endian<std::uint64_t>(one.version->record.bytes));
    return out;
  }
};

TEST_CASE("a put makes the folders of its path; a second one keeps what it overwrites") {
  Log log;
  log.apply({put("/a/b/c", 1)});
  CHECK(log.show() == "/a/ /a/b/ /a/b/c=1");
  log.apply({put("/a/b/c", 2, saw(1))});
  CHECK(log.show() == "/a/ /a/b/ /a/b/c=2");
  CHECK(log.kept() == "/a/b/c=1");
  log.apply({put("/a/b/c", 3)});
  CHECK(log.kept() == "/a/b/c=1 /a/b/c=2");
  CHECK(log.tree.kept_of("/a/b/c").front()->version->bytes == 2);
  CHECK(log.notes() == "");
}

TEST_CASE("a put that did not see what is there lies beside it") {
  Log log;
  log.apply({put("/a.tar", 1)});
  log.apply({put("/a.tar", 2, kSawNothing)});
  CHECK(log.show() == "/a (conflict 2).tar=2 /a.tar=1");
  log.apply({put("/a.tar", 3, saw(9)), put("/a.tar", 4, saw(9))});
  CHECK(log.show() == "/a (conflict 2).tar=2 /a (conflict 3).tar=3 /a (conflict 3-2).tar=4 /a.tar=1");
  CHECK(log.notes() == "conflict_copy:/a.tar conflict_copy:/a.tar conflict_copy:/a.tar");
  CHECK(log.tree.notes().back().other == "/a (conflict 3-2).tar");
  // The same put twice, as after a lost answer, is one.
  log.apply({put("/a.tar", 1, kSawNothing)});
  CHECK(log.tree.notes().size() == 3);
}

TEST_CASE("a file where a folder is due, and the other way round: both survive") {
  Log log;
  log.apply({put("/f", 1), MkdirOp{"/d", 0700}});
  log.apply({put("/f/x", 2), put("/f/y", 3), put("/d", 4), MkdirOp{"/f", 0700}, MkdirOp{"/d", 0750}});
  CHECK(log.show() == "/d/ /d (conflict 2)=4 /f=1 /f (conflict 2)/ /f (conflict 2)/x=2 /f (conflict 2)/y=3");
  CHECK(log.notes() == "conflict_copy:/d name_taken:/f");
  CHECK(log.tree.find("/d")->mode == 0700);
}

TEST_CASE("a put into a folder that was removed makes it again") {
  Log log;
  log.apply({put("/d/a", 1)});
  log.apply({RmOp{"/d", true}});
  CHECK(log.show() == "");
  log.apply({put("/d/a", 2, saw(1)), put("/d/b", 3, kSawNothing)});
  CHECK(log.show() == "/d/ /d/a=2 /d/b=3");
  CHECK(log.notes() == "put_again:/d/a");
  CHECK(log.kept() == "/d/a=1");
}

TEST_CASE("mv: files, folders, onto files, onto folders, into itself, of nothing, too deep") {
  Log log;
  log.apply({put("/a", 1), put("/b", 2), put("/d/x", 3), MkdirOp{"/e", 0}});
  log.apply({MvOp{"/a", "/n/m"}});
  CHECK(log.show() == "/b=2 /d/ /d/x=3 /e/ /n/ /n/m=1");
  log.apply({MvOp{"/n/m", "/b"}});
  CHECK(log.show() == "/b=1 /d/ /d/x=3 /e/ /n/");
  CHECK(log.kept() == "/b=2");
  log.apply({MvOp{"/d", "/d/y/z"}, MvOp{"/q", "/r"}, MvOp{"/b", "/b"}});
  CHECK(log.notes() == "into_itself:/d nothing_there:/q");
  log.apply({MvOp{"/b", "/e"}, MvOp{"/d", "/b"}, MvOp{"/d", "/n"}});
  CHECK(log.show() == "/b/ /b/x=3 /e/ /e (conflict 5)=1 /n/");
  CHECK(log.notes().ends_with("conflict_copy:/e nothing_there:/d"));
}

TEST_CASE("mv of a folder onto a file and onto a folder gives it a name beside") {
  Log log;
  log.apply({put("/f", 1), put("/d/x", 2), put("/e/y", 3)});
  log.apply({MvOp{"/d", "/f"}});
  CHECK(log.show() == "/e/ /e/y=3 /f=1 /f (conflict 2)/ /f (conflict 2)/x=2");
  log.apply({MvOp{"/f (conflict 2)", "/e"}});
  CHECK(log.show() == "/e/ /e/y=3 /e (conflict 3)/ /e (conflict 3)/x=2 /f=1");
  // A folder made beside a file may be the very one that is moved.
  log.apply({MvOp{"/e", "/f/z"}});
  CHECK(
      log.show() ==
      "/e (conflict 3)/ /e (conflict 3)/x=2 /f=1 /f (conflict 4)/ /f (conflict 4)/z/ /f (conflict 4)/z/y=3");
  log.seq = 3;  // the next is entry 4 again
  log.apply({MvOp{"/f (conflict 4)", "/f/z2"}});
  CHECK(log.notes().ends_with("into_itself:/f (conflict 4)"));
}

TEST_CASE("mv that would pass the depth is noted and not done") {
  Log log;
  std::string deep;
  for (std::size_t i = 0; i < kTreeDepthMax - 1; ++i) deep += "/d";
  log.apply({put(deep + "/x", 1), put("/a/b", 2)});
  const auto before = log.show();
  log.apply({MvOp{"/a", deep + "/a"}});
  CHECK(log.show() == before);
  CHECK(log.notes() == "too_deep:/a");
  log.apply({MvOp{"/a/b", deep + "/b"}});
  CHECK(log.tree.find(deep + "/b").has_value());
}

TEST_CASE("rm: of nothing, of a folder that is not empty, of all below") {
  Log log;
  log.apply({put("/d/a", 1), put("/d/e/b", 2), MkdirOp{"/x", 0}});
  log.apply({RmOp{"/d", false}, RmOp{"/x", false}, RmOp{"/y", true}});
  CHECK(log.show() == "/d/ /d/a=1 /d/e/ /d/e/b=2");
  CHECK(log.notes() == "not_empty:/d nothing_there:/y");
  log.apply({RmOp{"/d", true}});
  CHECK(log.show() == "");
  CHECK(log.kept() == "/d/e/b=2 /d/a=1");
  CHECK(log.tree.names() == 0);
}

TEST_CASE("versions: restored, due after their time, purged for ever") {
  Log log;
  log.apply({put("/a", 1)});
  log.now = 2000;
  log.apply({put("/a", 2, saw(1))});
  log.now = 3000;
  log.apply({RmOp{"/a", false}});
  CHECK(log.kept() == "/a=1 /a=2");
  log.apply({RestoreOp{"/a", record(1)}});
  CHECK(log.show() == "/a=1");
  CHECK(log.kept() == "/a=2");
  log.apply({RestoreOp{"/a", record(2)}, RestoreOp{"/b", record(2)}, RestoreOp{"/c", record(7)}});
  CHECK(log.show() == "/a=2 /b=2");
  CHECK(log.notes() == "nothing_there:/c");
  log.apply({SettingsOp{500}});
  CHECK(log.tree.due(3499).empty());
  CHECK(log.tree.due(3500) == std::vector{record(1)});
  log.apply({PurgeOp{{record(1), record(2)}}});
  CHECK(log.kept() == "");
  CHECK(log.notes() == "nothing_there:/c in_use:");
  log.apply({RestoreOp{"/a", record(1)}});
  CHECK(log.show() == "/a=2 /b=2");
}

TEST_CASE("objects without a name") {
  Log log;
  auto one = put("", 1);
  one.path.reset();
  auto two = one;
  two.record = record(2);
  two.base = saw(1);
  log.apply({one});
  log.apply({two});
  REQUIRE(log.tree.unnamed().size() == 1);
  CHECK(log.tree.unnamed().begin()->second->bytes == 1);
  CHECK(log.tree.find_object(one.object)->second->record == record(2));
  auto late = two;
  late.record = record(3);
  log.apply({late});  // it saw 1, and 2 is there
  CHECK(log.tree.find_object(one.object)->second->record == record(2));
  CHECK(log.kept() == "=1 =3");
  log.apply({RmObjectOp{one.object}, RmObjectOp{one.object}});
  CHECK(log.tree.unnamed().empty());
  CHECK(log.kept() == "=1 =3 =2");
  log.apply({RestoreOp{"/named", record(3)}});
  CHECK(log.show() == "/named=3");
}

TEST_CASE("a delegated uploader adds and never takes a place") {
  Log log;
  log.apply({put("/in/a", 1)});
  log.apply({put("/in/a", 2), put("/in/b", 3)}, 4);
  CHECK(log.show() == "/in/ /in/a=1 /in/a (conflict 2)=2 /in/b=3");
  log.tree.note_refused({.seq = 3, .time_unix_s = 5, .uploader = 4, .owner_unix_s = 0}, "it is not JSON");
  CHECK(to_text(log.tree.notes().back()) == "entry 3: by uploader 4, was left out: it is not JSON");
}

TEST_CASE("a clock that was wrong does not shorten the time of what was kept") {
  Log log;
  log.now = 5000;
  log.apply({put("/a", 1), SettingsOp{500}});
  log.now = 10;
  log.apply({put("/a", 2)});
  CHECK(log.tree.kept().front().kept_unix_s == 5000);
  CHECK(log.tree.due(5499).empty());
  CHECK(log.tree.due(5500) == std::vector{record(1)});
  // And one that runs ahead is not the log's for ever.
  log.now = 1'000'000;
  log.apply({put("/b", 3)});
  log.now = 6000;
  log.apply({MkdirOp{"/c", 0}});
  log.apply({put("/b", 4)});
  CHECK(log.tree.kept().back().kept_unix_s == 6000);
}

TEST_CASE("a delegated uploader that names the owner's records holds none of them") {
  Log log;
  log.apply({put("/a", 1), put("/b", 2), SettingsOp{500}});
  log.apply({put("/in/a", 1), put("/in/b", 2), put("/in/own", 3)}, 4);
  log.apply({RmOp{"/a", false}, RmOp{"/b", false}, RmOp{"/in/own", false}});
  log.now = 1'000'000;
  log.apply({put("/in/again", 3)}, 4);
  CHECK(log.tree.due(1500) == std::vector{record(1), record(2)});  // 3 is its own, and shown
  // Kept by it again, and later: the owner's time counts.
  log.apply({RmOp{"/in/a", false}});
  CHECK(log.tree.due(1500) == std::vector{record(1), record(2)});
  log.apply({PurgeOp{{record(1), record(2), record(3)}}});
  CHECK(log.kept() == "/in/own=3");
  CHECK(log.notes() == "in_use:");
}

TEST_CASE("delegated uploaders leave the owner room") {
  Log log;
  TreeLimits limits;
  limits.names = 10;
  limits.delegated_names = 8;
  limits.kept = 6;
  limits.delegated_kept = 3;
  limits.metadata_bytes = 600;
  limits.delegated_metadata_bytes = 300;
  log.tree = Tree(limits);
  log.apply({put("/x", 1), put("/y", 2)});
  std::vector<Op> flood;
  for (std::uint64_t i = 100; i < 200; ++i) flood.push_back(put(fmt::format("/in/{}", i), i));
  log.apply(flood, 4);
  // Of what found no place three are kept, and none goes for it.
  CHECK(log.tree.names() == 7);
  CHECK(log.kept() == "/in/104=104 /in/105=105 /in/106=106");
  // Names, and versions, of the owner's.
  log.apply({put("/z", 3), MkdirOp{"/w", 0}, put("/x", 5), put("/x", 6), put("/v", 8), put("/full", 4)});
  CHECK(log.tree.names() == 10);
  const std::string kept = "/in/104=104 /in/105=105 /in/106=106 /x=1 /x=5 /full=4";
  CHECK(log.kept() == kept);
  // Removing what flooded the names makes nothing be forgotten either.
  log.apply({RmOp{"/in", true}});
  CHECK(log.kept() == kept);
  CHECK(log.tree.names() == 5);
  // Only the owner's own make something go.
  log.apply({put("/x", 7)});
  CHECK(log.kept() == "/in/105=105 /in/106=106 /x=1 /x=5 /full=4 /x=6");
  // Metadata as well.
  const auto described = [](std::string path, std::uint64_t number) {
    auto op = put(std::move(path), number);
    op.metadata = {{"k", std::string(100, 'v')}};
    return op;
  };
  log.apply({described("/m1", 11), described("/m2", 12)}, 4);
  log.apply({described("/m3", 13)});
  CHECK(log.tree.find("/m1")->version->metadata != nullptr);
  CHECK(log.tree.find("/m2")->version->metadata == nullptr);
  CHECK(log.tree.find("/m3")->version->metadata != nullptr);
}

TEST_CASE("shares follow what they show; segments replace what lies in them") {
  Log log;
  ShareOp share{.share = {}, .what = "/d/e", .expires_unix_s = 9, .secret = {}, .recipient = {}};
  log.apply({put("/d/e/x", 1), share});
  log.apply({MvOp{"/d", "/f/g"}});
  CHECK(log.tree.shares().begin()->second.what == "/f/g/e");
  log.apply({UnshareOp{}, UnshareOp{}});
  CHECK(log.tree.shares().empty());
  CHECK(log.tree.stored_until() == 0);
  log.apply({SegmentOp{5, 9, 1, "b"}, SegmentOp{1, 4, 1, "a"}});
  CHECK(log.tree.stored_until() == 9);
  log.apply({SegmentOp{1, 9, 1, "ab"}, SegmentOp{2, 3, 1, "late"}});
  REQUIRE(log.tree.segments().size() == 1);
  CHECK(log.tree.segments().front().manifest == "ab");
  log.apply({SegmentOp{11, 12, 1, "gap"}});
  CHECK(log.tree.stored_until() == 9);
}

TEST_CASE("conflict names keep their extension and their length") {
  CHECK(conflict_name("a.tar", 7, 1) == "a (conflict 7).tar");
  CHECK(conflict_name("a", 7, 3) == "a (conflict 7-3)");
  CHECK(conflict_name(".profile", 7, 1) == ".profile (conflict 7)");
  CHECK(conflict_name("a.this is no extension", 7, 1) == "a.this is no extension (conflict 7)");
  std::string letters;
  while (letters.size() + 2 <= kTreeNameBytesMax) letters += "ä";
  const auto cut = conflict_name(letters + "x", 123456789, 1000);
  CHECK(cut.size() <= kTreeNameBytesMax);
  CHECK(is_utf8(cut));
}

TEST_CASE("lists go on behind a name, by bytes") {
  Log log;
  log.apply({put("/b", 1), put("/a/x", 2), put("/ä", 3), put("/B", 4)});
  const auto names = [&](std::string_view after, std::size_t limit) {
    std::string out;
    for (const auto& item : log.tree.list(Names::kRoot, after, limit)) out += std::string(item.name) + ' ';
    return out;
  };
  CHECK(names("", 10) == "B a b ä ");
  CHECK(names("", 2) == "B a ");
  CHECK(names("a", 10) == "b ä ");
  CHECK(log.tree.list(log.tree.find("/b")->node).empty());
  std::string flat;
  log.tree.each_object("/a", [&](std::string_view path, const Version&) {
    flat += path;
    return true;
  });
  CHECK(flat == "/a/x");
}

// ---- a model: paths in a map, the same rules said once more and slowly

struct Model {
  std::map<std::string, std::uint64_t> files;
  std::set<std::string> folders;  // without "/"
  std::multiset<std::uint64_t> kept;

  static std::string above(const std::string& path) { return path.substr(0, path.rfind('/')); }
  bool is_folder(const std::string& path) const { return path.empty() || folders.contains(path); }
  bool taken(const std::string& path) const { return files.contains(path) || folders.contains(path); }
  std::string beside(const std::string& path, std::uint64_t seq, bool folder) const {
    for (unsigned n = 1;; ++n) {
      auto other = above(path) + '/' + conflict_name(path.substr(path.rfind('/') + 1), seq, n);
      if (!taken(other) || (folder && folders.contains(other))) return other;
    }
  }
  /// The folder as it is called in the end.
  std::string make(const std::string& path, std::uint64_t seq) {
    if (path.empty()) return path;
    auto at = make(above(path), seq) + path.substr(path.rfind('/'));
    if (files.contains(at)) at = beside(at, seq, true);
    folders.insert(at);
    return at;
  }
  void put(const std::string& path, std::uint64_t number, const Base& base, std::uint64_t seq) {
    auto at = make(above(path), seq) + path.substr(path.rfind('/'));
    if (const auto old = files.find(at); old != files.end()) {
      if (old->second == number) return;
      if (base.saw == Base::Saw::whatever || base == saw(old->second)) {
        kept.insert(old->second);
        old->second = number;
        return;
      }
    }
    if (taken(at)) at = beside(at, seq, false);
    files[at] = number;
  }
  void mkdir(const std::string& path, std::uint64_t seq) {
    const auto at = make(above(path), seq) + path.substr(path.rfind('/'));
    if (!files.contains(at)) folders.insert(at);
  }
  static bool lies_in(const std::string& path, const std::string& folder) {
    return path == folder || path.starts_with(folder + '/');
  }
  void remove(const std::string& path, bool recursive) {
    if (!taken(path)) return;
    const auto inside = [&](const auto& one) { return lies_in(one, path); };
    std::size_t below = 0;
    for (const auto& [file, number] : files) below += inside(file) && file != path;
    for (const auto& folder : folders) below += inside(folder) && folder != path;
    if (below > 0 && !recursive) return;
    for (const auto& [file, number] : files)
      if (inside(file)) kept.insert(number);
    std::erase_if(files, [&](const auto& one) { return inside(one.first); });
    std::erase_if(folders, inside);
  }
  void move(const std::string& from, const std::string& to, std::uint64_t seq) {
    if (!taken(from) || lies_in(to, from)) return;
    const auto folder = make(above(to), seq);
    if (lies_in(folder, from)) return;
    auto at = folder + to.substr(to.rfind('/'));
    if (at == from) return;
    if (files.contains(at) && files.contains(from)) {
      kept.insert(files[at]);
      files.erase(at);
    } else if (taken(at)) {
      at = beside(at, seq, false);
    }
    std::map<std::string, std::uint64_t> moved_files;
    std::set<std::string> moved_folders;
    for (const auto& [file, number] : files)
      moved_files[lies_in(file, from) ? at + file.substr(from.size()) : file] = number;
    for (const auto& one : folders)
      moved_folders.insert(lies_in(one, from) ? at + one.substr(from.size()) : one);
    files = std::move(moved_files);
    folders = std::move(moved_folders);
  }
  void apply(const Op& op, std::uint64_t seq) {
    if (const auto* one = std::get_if<PutOp>(&op)) put(*one->path, one->bytes, one->base, seq);
    if (const auto* one = std::get_if<MkdirOp>(&op)) mkdir(one->path, seq);
    if (const auto* one = std::get_if<MvOp>(&op)) move(one->from, one->to, seq);
    if (const auto* one = std::get_if<RmOp>(&op)) remove(one->path, one->recursive);
  }
};

struct RandomOps {
  crypto::SeededRandom random;
  std::uint64_t next = 1;

  std::string path() {
    constexpr const char* names[] = {"a", "b", "c.x", "d"};
    std::string out;
    for (auto depth = 1 + random.below(3); depth > 0; --depth)
      out += std::string("/") + names[random.below(4)];
    return out;
  }
  Op op() {
    switch (random.below(8)) {
      case 0:
        return MkdirOp{path(), 0755};
      case 1: {
        auto from = path();
        return MvOp{std::move(from), path()};
      }
      case 2:
        return RmOp{path(), random.below(2) == 0};
      case 3:
        return put(path(), next++, kSawNothing);
      case 4: {
        const auto seen = saw(random.below(next));
        return put(path(), next++, seen);
      }
      default:
        return put(path(), next++);
    }
  }
};

TEST_CASE("the fold agrees with its model over random operations, and survives its own bytes") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    RandomOps random{.random = crypto::SeededRandom(seed)};
    Log log;
    Model model;
    for (int i = 0; i < 200; ++i) {
      const auto op = random.op();
      log.apply({op});
      model.apply(op, log.seq);
      if (i % 50 == 49) {
        auto again = load(state_of(log.tree));
        REQUIRE(again.has_value());
        REQUIRE(state_of(*again) == state_of(log.tree));
        log.tree = *std::move(again);
      }
    }
    std::map<std::string, std::uint64_t> files;
    std::set<std::string> folders;
    log.tree.walk(Names::kRoot, [&](const Item& item) {
      if (item.is_folder)
        folders.insert(log.tree.path_of(item.node));
      else
        files[log.tree.path_of(item.node)] = item.version->bytes;
      return true;
    });
    CHECK(files == model.files);
    CHECK(folders == model.folders);
    std::multiset<std::uint64_t> kept;
    for (const auto& one : log.tree.kept()) kept.insert(one.version->bytes);
    CHECK(kept == model.kept);
    CHECK(log.tree.names() == files.size() + folders.size());
  }
}

TEST_CASE("nothing that was put is lost, however two machines' operations interleave") {
  for (std::uint64_t seed = 100; seed < 160; ++seed) {
    CAPTURE(seed);
    RandomOps random{.random = crypto::SeededRandom(seed)};
    std::vector<Op> machines[2];
    for (int i = 0; i < 60; ++i) machines[i % 2].push_back(random.op());
    Log log;
    std::set<std::uint64_t> put;
    std::size_t at[2] = {0, 0};
    while (at[0] + at[1] < 60) {
      const auto which = at[0] == 30 ? 1U : at[1] == 30 ? 0U : static_cast<unsigned>(random.random.below(2));
      const auto& op = machines[which][at[which]++];
      if (const auto* one = std::get_if<PutOp>(&op)) put.insert(one->bytes);
      log.apply({op});
    }
    std::set<std::uint64_t> found;
    log.tree.each_object({}, [&](std::string_view, const Version& version) {
      found.insert(version.bytes);
      return true;
    });
    for (const auto& kept : log.tree.kept()) found.insert(kept.version->bytes);
    CHECK(found == put);
  }
}

TEST_CASE("a state that was cut or altered is refused or read, never worse") {
  Log log;
  auto with_metadata = put("/a/b", 1);
  with_metadata.metadata = {{"k", "v"}};
  log.apply(
      {with_metadata, put("/a/b", 2), put("/a/b", 3, kSawNothing), SegmentOp{1, 2, 3, "x"},
       ShareOp{.share = {}, .what = "/a", .expires_unix_s = 1, .secret = ByteArray<32>{}, .recipient = "r"}});
  const auto state = state_of(log.tree);
  REQUIRE(load(state).has_value());
  for (std::size_t i = 0; i < state.size(); ++i) CHECK_FALSE(load(ByteView(state).first(i)).has_value());
  for (std::size_t i = 0; i < state.size(); ++i) {
    auto altered = state;
    altered[i] ^= std::byte{0x81};
    (void)load(altered);
  }
}

}  // namespace
}  // namespace inxt::tree
