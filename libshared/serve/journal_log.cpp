// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/journal_log.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace inxt::serve {

namespace {

struct MessageId {
  std::string_view event, id;
};
// New ones are random numbers (`systemd-id128 new`).  The manual lists them: tests/cli/systemd.sh compares.
constexpr std::array kMessageIds = {
    MessageId{"ready", "493e83d5fdd1489cabbc545eadfec45f"},
    MessageId{"reloaded", "189cd2a6e5574d9098c1ed7e5391c575"},
    MessageId{"settings-kept", "8acec8bf3e34495d92c06ca57de23b13"},
    MessageId{"restart-needed", "65611d6e92594801a8786aec8f32f316"},
    MessageId{"stopping", "2ea4292caa364550baea0b3731885092"},
    MessageId{"stopped", "2c755e96f011462a8e9339c69095d3d1"},
    MessageId{"index-ready", "5a72f99c121248cb9152bbbd49ce60a3"},
    MessageId{"store", "0473a657082f4623ab3131028df69491"},
    MessageId{"damaged", "943be374d1f0409f9c618d54c3e32832"},
    MessageId{"unreadable", "6cde7ba9a8434f0e90ebef713937ecb9"},
    MessageId{"clock-doubtful", "61485b44e3be4a07a87eb6463cbeb4f6"},
    MessageId{"no-address", "21655a6905ac4091a4261fb84dc3ec08"},
    MessageId{"port-mapping-failed", "4da8f299126d4d3697ebffcdc78c45ed"},
    MessageId{"bridge-failed", "5218ef00a909465da6b372eec903ad31"},
    MessageId{"bridge-back", "0cefa14448e847c09d27e81552712b34"},
    MessageId{"not-reachable", "7e1ad92614ac4197a643ecbe43a4183f"},
    MessageId{"drain", "733d97ad88a74f799cf04b77313aacf9"},
    MessageId{"retire", "864aa08d281d417990f087d70bf81b79"},
    MessageId{"pause", "850c9aecec0f49249211d4e5f8236958"},
    MessageId{"released", "c2b9119bdb8540ebb3b4ec2a8200d7c8"},
    MessageId{"moved", "843d2d91fc784d169646efbf2b21cfa5"},
    MessageId{"failed", "b82cc2d55cc04058818a954f9fe2c974"},
    MessageId{"log-lost", "c34074f1646a455dabb080bc8d04147c"},
};

std::string_view priority_of(LogLevel level) {  // syslog(3)
  switch (level) {
    case LogLevel::error:
      return "3";
    case LogLevel::info:
      return "6";
    case LogLevel::debug:
      return "7";
  }
  return "3";
}

Result<void> send(sys::Journal& journal, std::string_view identifier, const LogRecord& record) {
  const std::string message = std::string(record.event) + log_fields(record.fields);
  std::vector<std::string> names;
  names.reserve(record.fields.size());  // views into it stay
  std::vector<sys::JournalField> fields{{"MESSAGE", message},
                                        {"PRIORITY", priority_of(record.level)},
                                        {"SYSLOG_IDENTIFIER", identifier},
                                        {"INXT_EVENT", record.event}};
  if (const auto id = message_id(record.event)) fields.push_back({"MESSAGE_ID", *id});
  for (const LogField& field : record.fields) {
    names.push_back("INXT_" + sys::journal_field_name(field.key));
    fields.push_back({std::string_view(names.back()).substr(0, 64),
                      std::string_view(field.value).substr(0, kLogValueBytesMax)});
  }
  return journal.send(fields);
}

}  // namespace

std::optional<std::string_view> message_id(std::string_view event) {
  const auto* const found = std::ranges::find(kMessageIds, event, &MessageId::event);
  if (found == kMessageIds.end()) return std::nullopt;
  return found->id;
}

Log::RecordSink journal_sink(sys::Journal journal, std::string identifier, Log::Sink otherwise) {
  struct State {
    sys::Journal journal;
    std::uint64_t lost = 0;
  };
  // std::function wants what can be copied.
  const auto state = std::make_shared<State>(std::move(journal));
  return
      [state, identifier = std::move(identifier), otherwise = std::move(otherwise)](const LogRecord& record) {
        if (state->lost > 0) {
          const std::array fields{LogField{"entries", std::to_string(state->lost)}};
          const LogRecord lost{
              .unix_s = record.unix_s, .level = LogLevel::error, .event = "log-lost", .fields = fields};
          if (send(state->journal, identifier, lost)) state->lost = 0;
        }
        const Result<void> sent = send(state->journal, identifier, record);
        if (sent) return;
        if (sent.error().code == Code::try_again)
          ++state->lost;
        else
          otherwise(log_line(record));
      };
}

}  // namespace inxt::serve
