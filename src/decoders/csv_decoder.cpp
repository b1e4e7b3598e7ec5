// CSV bodies become readings: a table per payload, rows and cells held against the mapping.
#include <algorithm>

#include "decoders/formats.h"
#include "decoders/table.h"
#include "decoders/table_rows.h"
#include "decoders/topic_view.h"

namespace telltale::decoders {
namespace {

class CsvDecoder final : public Decoder {
 public:
  CsvDecoder(const Mapping& mapping, const machines::Plant& plant, Names& names, const DecoderOptions& options, const StampRules& rules)
      : mapping_(mapping), plant_(plant), names_(names), options_(options), rules_(rules), topic_(mapping_, plant, options.default_asset) {}

  void decode(const Payload& payload, Batch& batch) override {
    if (!topic_.accepts(payload, options_.limits, batch)) return;
    const auto table = read_table(std::string(payload.bytes), table_options());
    if (!table) return add_rejected(batch, DeadLetterReason::bad_csv, table.error().message, payload.bytes);
    const bool timed = table->clock.kind == ClockKind::calendar || table->clock.kind == ClockKind::epoch;
    if (!timed && (rules_.time_required || table->rows() > 1)) {
      return add_rejected(batch, DeadLetterReason::no_time, "the table has no time, and only a single row can take its arrival time",
                          payload.bytes);
    }
    TableRows rows(*table, mapping_, plant_, names_, options_.limits, std::string(topic_.asset()));
    const std::uint32_t limit = batch.n_items + static_cast<std::uint32_t>(options_.limits.items);
    for (std::size_t row = 0; row < table->rows(); ++row) {
      if (batch.n_items >= limit) {
        return add_rejected(batch, DeadLetterReason::limit_exceeded,
                            "more than " + std::to_string(options_.limits.items) +
                                " readings in one payload: " + std::to_string(table->rows() - row) + " rows are refused",
                            rows.line(row));
      }
      add_row(*table, rows, row, timed, payload, batch);
    }
  }

 private:
  void add_row(const Table& table, TableRows& rows, std::size_t row, bool timed, const Payload& payload, Batch& batch) {
    Stamp when{.time = timed ? table.time[row] : payload.arrival, .marks = rows.marks(), .reason = std::nullopt, .problem = {}};
    if (!timed) when.marks.mark(Reason::no_time, Grade::good);
    if (payload.retained) when.marks.mark(Reason::retained, Grade::uncertain);
    check_future(when, payload.arrival, rules_);
    if (when.reason) return add_rejected(batch, *when.reason, when.problem, rows.line(row));
    rows.add(row, when.time, when.marks, batch);
  }

  TableOptions table_options() const {
    TableOptions options;
    options.zone = options_.zone;
    return options;
  }

  const Mapping mapping_;
  const machines::Plant& plant_;
  Names& names_;
  const DecoderOptions options_;
  const StampRules rules_;
  TopicView topic_;  // of the payload
};

}  // namespace

std::unique_ptr<Decoder> make_csv_decoder(const Mapping& mapping, const machines::Plant& plant, Names& names, const DecoderOptions& options,
                                          const StampRules& rules) {
  return std::make_unique<CsvDecoder>(mapping, plant, names, options, rules);
}

}  // namespace telltale::decoders
