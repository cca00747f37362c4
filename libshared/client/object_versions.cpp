// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/object_versions.h"

namespace inxt::client {

using format::ObjectRecord;
using format::RecordId;
using net::Awaitable;

namespace {

format::PutOp put_of(const ObjectRecord& record, const RecordId& id) {
  format::PutOp put;
  put.record = id;
  put.object = record.object.value_or(format::ObjectId{id.bytes});
  put.bytes = record.bytes;
  put.mtime_unix_s = record.mtime_unix_s;
  put.mode = record.mode;
  put.metadata = record.metadata;
  return put;
}

}  // namespace

Awaitable<Result<RecordId>> append_version(TreeView& view, const FoundObject& base, ObjectRecord record,
                                           bool& is_nowhere) {
  is_nowhere = false;
  record.object = base.version.object;
  record.previous = base.version.record;
  CO_TRY(const auto made, view.sign_record(record));
  auto put = put_of(record, made.id);
  put.base = {.saw = format::Base::Saw::record, .record = base.version.record};
  // Asked again for each tree on which it could come to stand, so that it never becomes a conflict's copy.
  const MakeChanges make = [&](const tree::Tree& tree) -> Result<Changes> {
    put.path = TRY(path_of_unchanged(tree, base));
    Changes out;
    out.ops.emplace_back(put);
    out.records.push_back(made);
    return out;
  };
  const auto report = co_await view.append(make);
  if (!report) {
    // Certain only where another version has its place; this one itself, too, is no longer `base`.
    is_nowhere = report.error().code != Code::integrity && !view.tree().has_record(made.id) &&
                 !path_of_unchanged(view.tree(), base).has_value();
    co_return std::unexpected(report.error());
  }
  co_return made.id;
}

Awaitable<Result<format::ObjectId>> append_object(TreeView& view, ObjectRecord record) {
  if (!view.key().is_owner())
    co_return fail(Code::denied, "a delegated machine makes no object without a name");
  record.object.reset();
  record.previous.reset();
  CO_TRY(const auto made, view.sign_record(record));
  const auto put = put_of(record, made.id);
  const MakeChanges make = [&](const tree::Tree&) -> Result<Changes> {
    Changes out;
    out.ops.emplace_back(put);
    out.records.push_back(made);
    return out;
  };
  CO_TRY(const auto report, co_await view.append(make));
  co_return put.object;
}

}  // namespace inxt::client
