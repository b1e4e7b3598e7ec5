// SQL table: readings as plain rows in a table of SQLite, PostgreSQL or MySQL, for those who ask with SQL.

#include <algorithm>
#include <cmath>
#include <map>

#include "clients/sql.h"
#include "sinks/sink.h"

namespace telltale::sinks {
namespace {

using clients::SqlKind;
using clients::SqlValue;

constexpr std::size_t rows_per_statement = 500;
constexpr std::size_t longest_name = 63;  // PostgreSQL's; MySQL takes 64

/// Names go into statements as they are: letters, digits and _ only, not beginning with a digit.
bool is_identifier(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && name.size() <= longest_name && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string in_quotes(std::string_view name) { return '"' + std::string(name) + '"'; }  // MySQL: sql_mode has ANSI_QUOTES

/// The names of one dialect for what the columns hold.
struct Types {
  std::string_view row_id, time, tag, number, flag;
};
Types types_of(SqlKind kind) {
  switch (kind) {
    case SqlKind::sqlite: return {"INTEGER PRIMARY KEY", "TEXT NOT NULL", "TEXT NOT NULL", "REAL", "INTEGER NOT NULL"};
    case SqlKind::postgres:
      return {"BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "TIMESTAMPTZ NOT NULL", "TEXT NOT NULL", "DOUBLE PRECISION",
              "BOOLEAN NOT NULL"};
    case SqlKind::mysql:  // 255 x 4 bytes: more does not fit into a key. Tags differ by every byte.
      return {"BIGINT AUTO_INCREMENT PRIMARY KEY", "DATETIME(6) NOT NULL",
              "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL", "DOUBLE", "BOOLEAN NOT NULL"};
  }
  return {};
}

/// SQLite keeps the text with its nanoseconds, the others know microseconds.
Time kept_time(SqlKind kind, Time time) {
  return kind == SqlKind::sqlite ? time : Time(std::chrono::floor<std::chrono::microseconds>(time));
}

/// UTC as each database reads it.
SqlValue time_value(SqlKind kind, Time time) {
  std::string text = to_rfc3339(kept_time(kind, time));
  if (kind != SqlKind::mysql) return text;
  text.pop_back();  // MySQL: no Z
  text[text.find('T')] = ' ';
  return text;
}
SqlValue number_value(double v) { return std::isfinite(v) ? SqlValue(v) : SqlValue(nullptr); }

/// What stands in the table: its columns in order, and which of them are the key.
struct Form {
  std::string table;
  std::vector<std::string> columns;      // without the row id
  std::vector<std::string> definitions;  // of the columns
  bool has_row_id = false;
  std::string key;                  // columns of the unique key
  std::vector<std::string> merged;  // columns that a second row under the same key may still fill
};

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : std::string(between)) + part;
  return out;
}

std::string create_statement(const Form& form, SqlKind kind) {
  std::vector<std::string> lines;
  if (form.has_row_id) lines.push_back(in_quotes("id") + " " + std::string(types_of(kind).row_id));
  for (std::size_t i = 0; i < form.columns.size(); ++i) lines.push_back(in_quotes(form.columns[i]) + " " + form.definitions[i]);
  lines.push_back("UNIQUE (" + form.key + ")");
  return "CREATE TABLE IF NOT EXISTS " + in_quotes(form.table) + " (" + joined(lines, ", ") + ")";
}

/// The first value under a key stays. MySQL's INSERT IGNORE would swallow every other error too, so it is not used.
std::string insert_statement(const Form& form, SqlKind kind, std::size_t rows) {
  std::vector<std::string> columns, merges;
  for (const std::string& column : form.columns) columns.push_back(in_quotes(column));
  const std::string places = "(" + joined(std::vector<std::string>(columns.size(), "?"), ", ") + ")";
  std::string sql = "INSERT INTO " + in_quotes(form.table) + " (" + joined(columns, ", ") + ") VALUES " +
                    joined(std::vector<std::string>(rows, places), ", ");
  const std::string table = in_quotes(form.table) + ".";
  for (const std::string& column : form.merged) {
    const std::string c = in_quotes(column);
    merges.push_back(c + " = COALESCE(" + table + c + ", " + (kind == SqlKind::mysql ? "VALUES(" + c + ")" : "excluded." + c) + ")");
  }
  if (kind == SqlKind::mysql)
    return sql + " ON DUPLICATE KEY UPDATE " + (merges.empty() ? columns.front() + " = " + table + columns.front() : joined(merges, ", "));
  return sql + " ON CONFLICT (" + form.key + ") DO " + (merges.empty() ? "NOTHING" : "UPDATE SET " + joined(merges, ", "));
}

class SqlTable final : public Sink {
 public:
  SqlTable(const Settings& s, Form form)
      : url_(s.secret("url")), wide_(s.text("form") == "sensor_data"), whole_tags_(s.text("tag") == "asset.signal"),
        form_(std::move(form)) {}

  bool wants(ItemKind kind) const override { return kind == ItemKind::reading; }

  Result<void> open(std::stop_token) override {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    connection_.reset();
    auto opened = clients::open_sql(url_.reveal(), deadline);
    if (!opened) return std::unexpected(opened.error());
    const SqlKind kind = (*opened)->kind();
    define_columns(kind);
    if (auto made = (*opened)->run(create_statement(form_, kind), {}, deadline); !made) return made;
    connection_ = std::move(*opened);
    return {};
  }

  Result<std::size_t> write(std::span<const Item> items, Deadline deadline) override {
    return wide_ ? write_wide(items, deadline) : write_plain(items, deadline);
  }

 private:
  void define_columns(SqlKind kind) {
    const Types t = types_of(kind);
    form_.definitions.clear();
    if (wide_) {
      form_.definitions = {std::string(t.tag), std::string(t.time)};
      form_.definitions.resize(form_.columns.size(), std::string(t.number));
    } else {
      form_.definitions = {std::string(t.time), std::string(t.tag), std::string(t.number), std::string(t.flag)};
    }
  }

  Result<std::size_t> write_plain(std::span<const Item> items, Deadline deadline) {
    items = items.first(std::min(items.size(), rows_per_statement));
    std::vector<SqlValue> values;
    for (const Item& item : items) {
      values.push_back(time_value(connection_->kind(), item.reading->time));
      values.emplace_back(whole_tags_ ? std::string(item.asset) + "." + std::string(item.signal) : std::string(item.signal));
      values.push_back(number_value(item.reading->value));
      values.emplace_back(std::int64_t{item.reading->anomaly});
    }
    auto done = connection_->run(insert_statement(form_, connection_->kind(), items.size()), values, deadline);
    if (!done) return refused(done.error(), items.size());
    return items.size();
  }

  /// One row for all signals of an asset at one time; signals without a column of their name are not for this table.
  Result<std::size_t> write_wide(std::span<const Item> items, Deadline deadline) {
    std::map<std::pair<std::string_view, Time>, std::vector<SqlValue>> rows;
    std::size_t taken = 0;
    for (; taken < items.size() && rows.size() < rows_per_statement; ++taken) {
      const Item& item = items[taken];
      const auto column = std::ranges::find(form_.merged, item.signal);
      if (column == form_.merged.end()) continue;
      auto& row = rows[{item.asset, kept_time(connection_->kind(), item.reading->time)}];
      if (row.empty()) row.assign(form_.merged.size(), nullptr);
      SqlValue& value = row[static_cast<std::size_t>(column - form_.merged.begin())];
      if (std::holds_alternative<std::nullptr_t>(value)) value = number_value(item.reading->value);
    }
    if (rows.empty()) return taken;
    std::vector<SqlValue> values;
    for (const auto& [key, row] : rows) {
      values.emplace_back(std::string(key.first));
      values.push_back(time_value(connection_->kind(), key.second));
      values.insert(values.end(), row.begin(), row.end());
    }
    auto done = connection_->run(insert_statement(form_, connection_->kind(), rows.size()), values, deadline);
    if (!done) return refused(done.error(), taken);
    return taken;
  }

  /// A statement of several rows does not say which one was refused: the engine halves until it is alone.
  static Result<std::size_t> refused(Error error, std::size_t n) {
    if (error.kind == ErrorKind::refused && n == 1) error.item = 0;
    return std::unexpected(std::move(error));
  }

  const Secret url_;
  const bool wide_, whole_tags_;
  Form form_;
  std::unique_ptr<clients::SqlConnection> connection_;
};

/// errors   config: a name that is no plain identifier, with the setting
Result<Form> form_of(const Settings& s) {
  const bool wide = s.text("form") == "sensor_data";
  Form form;
  form.table = s.has("table") ? s.text("table") : s.text("form");
  if (wide) {
    form.columns = {s.text("column.device"), s.text("column.time")};
    form.merged = s.texts("values").empty() ? std::vector<std::string>{"voltage", "current", "temperature"} : s.texts("values");
    form.columns.insert(form.columns.end(), form.merged.begin(), form.merged.end());
  } else {
    form.columns = {s.text("column.time"), s.text("column.tag"), s.text("column.value"), s.text("column.anomaly")};
    form.has_row_id = true;
  }
  std::vector<std::string> names = form.columns;
  names.push_back(form.table);
  if (form.has_row_id) names.emplace_back("id");
  for (const std::string& name : names) {
    if (!is_identifier(name)) {
      return failed(ErrorKind::config, "'" + name + "' cannot be the name of a table or column",
                    "use letters, digits and _, at most " + std::to_string(longest_name) + ", not beginning with a digit");
    }
    if (name != form.table && std::ranges::count(names, name) > 1)
      return failed(ErrorKind::config, "two columns are called '" + name + "'");
  }
  form.key = in_quotes(form.columns[1]) + ", " + in_quotes(form.columns[0]);
  return form;
}

}  // namespace

SinkPart sql_table() {
  return {
      .name = "sql_table",
      .about = "Writes readings as plain rows into a table of SQLite, PostgreSQL or MySQL.",
      .fields = {Field::secret("url",
                               "sqlite:PATH, postgresql://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE; must be set"),
                 Field::choice("form", {"measurements", "sensor_data"}, "measurements",
                               "a row per reading, or a wide row per device and time"),
                 Field::optional_text("table", "its name, made when missing; the form's when unset"),
                 Field::choice("tag", {"signal", "asset.signal"}, "signal",
                               "what names a reading; signal only where names are unique over all assets"),
                 Field::texts("values", "sensor_data: signals that have a column; voltage, current, temperature when empty"),
                 Field("column.time", "timestamp", "the column of the time, UTC"),
                 Field("column.tag", "tag", "measurements: the column of the tag"),
                 Field("column.value", "value", "measurements: the column of the value"),
                 Field("column.anomaly", "is_anomaly", "measurements: the column that says whether a detector flagged it"),
                 Field("column.device", "device_id", "sensor_data: the column of the asset")},
      .make = [](const Settings& s, const std::string&) -> Result<std::unique_ptr<Sink>> {
        if (s.secret("url").empty())
          return failed(ErrorKind::config, "sql_table needs a url", "write url: sqlite:PATH, postgresql://... or mysql://...");
        auto form = form_of(s);
        if (!form) return std::unexpected(form.error());
        return std::make_unique<SqlTable>(s, std::move(*form));
      },
  };
}

}  // namespace telltale::sinks
