// Changes of kept texts become rows.
#include "stores/text_table.h"

#include <algorithm>
#include <limits>

namespace telltale::stores {

Result<void> TextTable::prepare(clients::SqliteDatabase& database) {
  return database.prepare_all({
      {&add_, "INSERT INTO texts VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING"},
      {&newest_, "SELECT text, time_ns FROM texts WHERE asset_id = ? AND name = ? AND time_ns <= ? ORDER BY time_ns DESC LIMIT 1"},
  });
}

Result<void> TextTable::add(const KeptText& text, std::int64_t asset_row) {
  auto known = standing(text, asset_row);
  if (!known) return std::unexpected(known.error());
  const std::int64_t time = ns_of(text.time);
  if (*known == nullptr) {
    standing_[text.asset].push_back({std::string(text.name), std::string(text.text), time});
    return add_.run(asset_row, time, text.name, text.text);
  }
  Standing& now = **known;
  if (time < now.newest) return add_late(text, asset_row);
  if (time > now.newest && text.text != now.text) {
    if (auto done = add_.run(asset_row, time, text.name, text.text); !done) return done;
    now.text = text.text;
  }
  now.newest = time;
  return {};
}

/// It stands at its own time alone: what came after it said something else already.
Result<void> TextTable::add_late(const KeptText& text, std::int64_t asset_row) {
  const std::int64_t time = ns_of(text.time);
  const auto before = look_up(asset_row, text.name, time);
  if (!before) return std::unexpected(before.error());
  if (*before && (*before)->text == text.text) return {};
  if (auto done = add_.run(asset_row, time, text.name, text.text); !done) return done;
  return *before ? add_.run(asset_row, time + 1, text.name, (*before)->text) : Result<void>{};
}

Result<TextTable::Standing*> TextTable::standing(const KeptText& text, std::int64_t asset_row) {
  if (text.asset >= standing_.size()) standing_.resize(text.asset + 1);
  auto& of_asset = standing_[text.asset];
  const auto known = std::ranges::find(of_asset, text.name, &Standing::name);
  if (known != of_asset.end()) return &*known;
  auto stored = look_up(asset_row, text.name, std::numeric_limits<std::int64_t>::max());
  if (!stored) return std::unexpected(stored.error());
  return *stored ? &of_asset.emplace_back(std::move(**stored)) : nullptr;
}

Result<std::optional<TextTable::Standing>> TextTable::look_up(std::int64_t asset_row, std::string_view name, std::int64_t time_ns) {
  newest_.start(asset_row, name, time_ns);
  const auto row = newest_.step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  Standing found{std::string(name), newest_.text(0), newest_.integer(1)};
  newest_.reset();
  return found;
}

}  // namespace telltale::stores
