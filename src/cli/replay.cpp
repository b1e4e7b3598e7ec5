// `telltale replay`: a recorded CSV history as a live feed, resumable.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/command.h"
#include "cli/destination.h"
#include "cli/json_writer.h"
#include "cli/stop_signals.h"
#include "cli/words_for_people.h"
#include "core/clock.h"
#include "decoders/input_file.h"
#include "sources/replay.h"

namespace telltale::cli {
namespace {
constexpr std::size_t rows_at_once = 500;

/// Remembers the position in a file, so that a replay that was stopped goes on with the row after the last one that arrived.
class State {
 public:
  explicit State(std::string path) : path_(std::move(path)) {}
  Position saved() const {
    std::ifstream file(path_);
    std::string text;
    std::getline(file, text);
    return text;
  }
  Result<void> save(const Position& position) const {
    if (path_.empty()) return {};
    const std::string beside = path_ + ".new";
    std::ofstream file(beside);
    file << position << "\n";
    file.close();
    std::error_code wrong;
    if (file) std::filesystem::rename(beside, path_, wrong);
    if (!file || wrong) return failed(ErrorKind::config, "cannot write " + path_, "check the folder and your rights in it");
    return {};
  }

 private:
  const std::string path_;
};

/// One row as a message of POST /api/v1/readings; empty when it holds no number.
std::string message_of(const decoders::Table& table, std::size_t row, const std::string& asset, Time time) {
  std::string values;
  for (const decoders::Column& column : table.columns) {
    const bool numbers =
        !column.values.empty() && column.kind != decoders::ColumnKind::index && column.kind != decoders::ColumnKind::ignored;
    if (!numbers || column.cells[row] != decoders::Cell::number) continue;
    values += (values.empty() ? "" : ",") + json_string(column.name) + ":" + json_number(column.values[row]);
  }
  if (values.empty()) return "";
  return Json().add("asset", asset).add("time", to_rfc3339(time)).raw("values", "{" + values + "}").text();
}

class Player {
 public:
  Player(sources::Replay& replay, Destination& to, const State& state, std::string asset, const Call& call)
      : replay_(replay), to_(to), state_(state), asset_(std::move(asset)), call_(call) {}

  Result<void> play(const StopSignals& signals) {
    const bool shown = call_.text("--to", "-") != "-" || !call_.console.out_is_terminal();
    std::unique_ptr<Progress> progress;
    if (shown) progress = std::make_unique<Progress>(call_.console, "replaying", "rows", replay_.table().rows());
    while (!replay_.at_end()) {
      if (signals.wait_for(replay_.due() - Clock::system().now())) break;
      collect();
      if (auto delivered = deliver(to_, outgoing_, signals, call_.console); !delivered) return delivered;
      if (auto saved = state_.save(replay_.position().text()); !saved) return saved;
      messages += outgoing_.size();
      if (progress) progress->at(replay_.row());
    }
    return {};
  }
  std::uint64_t messages = 0, skipped = 0;

 private:
  void collect() {
    outgoing_.clear();
    const Time now = Clock::system().now();
    const decoders::Table& table = replay_.table();
    for (std::size_t n = 0; n < rows_at_once && !replay_.at_end() && replay_.due() <= now; ++n, replay_.next()) {
      const std::size_t row = replay_.row();
      const std::string& asset = table.asset_of_row.empty() ? asset_ : table.assets[table.asset_of_row[row]];
      std::string body = table.usable[row] ? message_of(table, row, asset, replay_.event_time()) : "";
      if (body.empty())
        ++skipped;
      else
        outgoing_.push_back({"telltale/" + asset, std::move(body)});
    }
  }

  sources::Replay& replay_;
  Destination& to_;
  const State& state_;
  const std::string asset_;
  const Call& call_;
  std::vector<Outgoing> outgoing_;
};

Result<sources::Replay> replay_of(const Call& call) {
  const sources::ReplayOptions options{.speed = call.number("--speed", 1), .shift_to_now = call.has("--shift-to-now")};
  if (options.speed < 0)
    return failed(ErrorKind::config, "--speed " + call.text("--speed") + " runs backwards", "1 is as recorded, 0 without waiting");
  const decoders::TableOptions table{.time_column = call.text("--time-col"),
                                     .time_format = call.text("--time-format"),
                                     .zone = call.text("--zone"),
                                     .ignore = call.texts("--ignore")};
  return sources::Replay::read(call.words.front(), table, options);
}

void say_end(const Call& call, const sources::Replay& replay, const Player& player, const std::string& to) {
  if (call.console.json) {
    const Json end =
        Json().add("status", "ok").add("rows", replay.table().rows()).add("next_row", replay.row()).add("messages", player.messages);
    return call.console.line(Json(end).add("skipped", player.skipped).text());
  }
  std::string line = counted(player.messages, "message", "messages") + " to " + to;
  if (player.skipped > 0) line += "; " + counted(player.skipped, "row", "rows") + " without a time or a number left out";
  if (!replay.at_end()) line += "; stopped before row " + grouped(replay.row() + 1) + " of " + grouped(replay.table().rows());
  call.console.say(line);
}

int run(Call& call) {
  const StopSignals signals;
  auto replay = replay_of(call);
  if (!replay && replay.error().kind == ErrorKind::closed) return call.fail(status::not_found, replay.error().message, replay.error().hint);
  if (!replay) return call.fail(replay.error());
  auto to = destination_of(call);
  if (!to) return call.fail(status::usage, to.error().message, to.error().hint);
  const State state(call.text("--state"));
  const Position saved = state.saved();
  replay->begin(Clock::system().now());
  if (!saved.empty()) {
    if (auto gone_on = replay->go_on(saved); !gone_on) return call.fail(gone_on.error());
    call.console.say(replay->at_end() ? "Replayed to its end before; remove " + call.text("--state") + " to begin anew."
                                      : "Going on with row " + grouped(replay->row() + 1) + ".");
  }
  const std::string stem = std::filesystem::path(decoders::without_packing(call.words.front())).stem().string();
  Player player(*replay, **to, state, call.text("--asset", stem), call);
  const auto played = player.play(signals);
  if (!played && played.error().kind != ErrorKind::closed) return call.fail(played.error());
  if (!call.console.wrote_all()) return status::ok;  // whoever read has seen enough
  say_end(call, *replay, player, (*to)->name());
  return status::ok;
}
}  // namespace

Command replay() {
  return {
      .word = "replay",
      .about = "Sends a recorded CSV history as a live feed, resumable",
      .examples = {"telltale replay pump.csv --speed 60", "telltale replay pump.csv.xz --to http://127.0.0.1:8000 --shift-to-now --speed 0",
                   "telltale replay plant.csv --to mqtt://localhost --shift-to-now --state plant.state"},
      .arguments = "FILE",
      .least_words = 1,
      .most_words = 1,
      .options = with_destination_options({
          {"--speed", "N", "1: as recorded; 60: an hour in a minute; 0: without waiting", OptionKind::number},
          {"--shift-to-now", "", "move all times so that the history seems to happen now, and nothing lies in the future",
           OptionKind::flag},
          {"--asset", "NAME", "whose history it is, where no column says so (the file's name)", OptionKind::text},
          {"--state", "FILE", "remember the row here, and go on from it next time", OptionKind::text},
          {"--time-col", "COL", "the time column, where it is not found by itself", OptionKind::text},
          {"--time-format", "FORMAT", "dmy, mdy, ymd, s, ms, us, ns, counter or a pattern such as %d.%m.%Y %H:%M", OptionKind::text},
          {"--zone", "ZONE", "of times that have none: +02:00, Europe/Berlin (UTC)", OptionKind::text},
          {"--ignore", "COL,..", "columns that are no signals", OptionKind::texts},
      }),
      .notes =
          "Every row becomes one message {\"asset\", \"time\", \"values\": {...}} for POST /api/v1/readings or the topic telltale/ASSET.\n",
      .run = run,
  };
}

}  // namespace telltale::cli
