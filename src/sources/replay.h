// A recorded table as a live feed: which row is shown when, under which time, and where a replay stands.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/batch.h"
#include "core/result.h"
#include "decoders/table.h"

namespace telltale::sources {

/// Where a replay stands. `shift` is fixed when it begins, so that a row gets the same time however often it is taken up again.
struct ReplayPosition {
  std::uint64_t file = 0;  // fingerprint of its content
  Time start{};            // when the first row was shown
  Nanoseconds shift{0};    // event time = time in the file + shift
  std::size_t next = 0;    // row

  static std::optional<ReplayPosition> parse(const Position& text);
  Position text() const;
};

struct ReplayOptions {
  double speed = 1;  // 0: no waiting
  bool shift_to_now = true;
};

/// The table and the plan over it. One thread.
class Replay {
 public:
  /// Reads the file, packed or not.
  /// errors   closed: there is no such file; config: no table in it, original times asked of a file that has none
  static Result<Replay> read(const std::string& path, const decoders::TableOptions&, const ReplayOptions&);

  /// Begins at the first row: it is shown at `now`.
  void begin(Time now);
  /// Goes on where another run stopped.
  /// errors   config: no position of a replay, or of another file
  Result<void> go_on(const Position& from);

  const decoders::Table& table() const { return *table_; }
  const ReplayPosition& position() const { return position_; }
  bool at_end() const { return position_.next == table_->rows(); }
  /// Of the next row.
  Time due() const { return due_[position_.next]; }
  Time event_time() const { return table_->time[position_.next] + position_.shift; }
  std::size_t row() const { return position_.next; }
  void next() { ++position_.next; }

 private:
  Replay(std::string path, std::uint64_t file, decoders::Table table, const ReplayOptions& options);
  void plan();
  Nanoseconds shift_to_now() const;

  std::string path_;
  ReplayOptions options_;
  std::unique_ptr<const decoders::Table> table_;  // views into it stay valid when the replay moves
  std::vector<Time> due_;                         // [rows]
  ReplayPosition position_;
};

}  // namespace telltale::sources
