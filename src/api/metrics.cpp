// What Prometheus scrapes: text format 0.0.4.
#include "api/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "api/shapes.h"
#include "core/release.h"

namespace telltale::api {
namespace {

using Label = std::pair<std::string_view, std::string_view>;

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

/// Families one after another; within a family its samples.
class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  void sample(std::initializer_list<Label> labels, double value) {
    out_ += name_;
    char separator = '{';
    for (const auto& [label, text] : labels) {
      out_.append(1, separator).append(label).append("=\"").append(escaped(text)).append("\"");
      separator = ',';
    }
    out_.append(labels.size() ? "} " : " ").append(number_text(value)).append("\n");
  }
  void sample(std::initializer_list<Label> labels, std::uint64_t value) { sample(labels, static_cast<double>(value)); }
  std::string take() { return std::move(out_); }

 private:
  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
    return out;
  }
  std::string name_, out_;
};

void add_sources(Exposition& out, const engine::EngineStatus& status) {
  out.family("telltale_ingest_messages_total", "counter", "Readings by source and by what became of them.");
  for (const auto& s : status.sources) {
    const Ledger& l = s.ledger;
    for (const auto& [result, n] : {std::pair{"stored", l.stored},
                                    {"duplicate", l.duplicate},
                                    {"conflict", l.conflict},
                                    {"rejected", l.rejected},
                                    {"dead_letter", l.dead_letter}})
      out.sample({{"source", s.name}, {"result", result}}, n);
  }
  out.family("telltale_ingest_received_total", "counter", "Readings received by source: the sum of all results and of those in flight.");
  for (const auto& s : status.sources) out.sample({{"source", s.name}}, s.ledger.received);
  out.family("telltale_ingest_in_flight", "gauge", "Readings received whose fate is not decided yet.");
  for (const auto& s : status.sources) out.sample({{"source", s.name}}, s.ledger.in_flight);
  out.family("telltale_dead_letter_total", "counter", "Messages kept aside because they could not be used.");
  for (const auto& s : status.sources) out.sample({{"source", s.name}}, s.ledger.dead_letter);
  out.family("telltale_ingest_lag_seconds", "gauge", "Arrival minus event time of the newest reading.");
  for (const auto& s : status.sources)
    if (s.last_message != Time{}) out.sample({{"source", s.name}}, s.lag_seconds);
  out.family("telltale_source_up", "gauge", "1 while the source delivers or has ended well.");
  for (const auto& s : status.sources)
    out.sample({{"source", s.name}, {"kind", s.kind}},
               std::uint64_t{s.state == engine::SourceStatus::State::running || s.state == engine::SourceStatus::State::ended});
}

/// Contract C1: received is the sum of all others at every moment.
void add_ledger(Exposition& out, const engine::EngineStatus& status) {
  const Ledger& l = status.total;
  out.family("telltale_ledger_total", "gauge", "Readings of all sources since the data folder was made, by what became of them.");
  for (const auto& [result, n] : {std::pair{"received", l.received},
                                  {"stored", l.stored},
                                  {"duplicate", l.duplicate},
                                  {"conflict", l.conflict},
                                  {"dead_letter", l.dead_letter},
                                  {"rejected", l.rejected},
                                  {"in_flight", l.in_flight}})
    out.sample({{"result", result}}, n);
  out.family("telltale_ledger_balanced", "gauge", "1 while received is the sum of all others, for every source and in total.");
  const bool each = std::ranges::all_of(status.sources, [](const auto& s) { return s.ledger.balances(); });
  out.sample({}, std::uint64_t{each && l.balances()});
}

void add_disk(Exposition& out, const engine::EngineStatus& status) {
  out.family("telltale_read_only", "gauge", "1 while nothing is taken for want of room.");
  out.sample({}, std::uint64_t{status.read_only});
  out.family("telltale_disk_free_bytes", "gauge", "Free room on the disk of the data folder.");
  out.sample({}, status.disk.free);
  out.family("telltale_disk_size_bytes", "gauge", "Size of that disk.");
  out.sample({}, status.disk.total);
  out.family("telltale_store_bytes", "gauge", "What the store takes on its disk.");
  out.sample({}, status.disk.used);
  out.family("telltale_store_bytes_limit", "gauge", "What it may take, store.max_bytes; 0: no bound.");
  out.sample({}, status.disk.most);
  out.family("telltale_store_files_gone_total", "counter", "Files of history that went since the start because the store took too much.");
  out.sample({}, status.disk.files_gone);
}

void add_sinks(Exposition& out, const engine::EngineStatus& status) {
  out.family("telltale_sink_delivered_total", "counter", "Items that a sink surely took.");
  for (const auto& s : status.sinks) out.sample({{"sink", s.name}}, s.delivered);
  out.family("telltale_sink_retries_total", "counter", "Deliveries that were tried again.");
  for (const auto& s : status.sinks) out.sample({{"sink", s.name}}, s.retries);
  out.family("telltale_sink_dropped_total", "counter", "Entries left out because the sink's budget was used up.");
  for (const auto& s : status.sinks) out.sample({{"sink", s.name}}, s.dropped);
  out.family("telltale_sink_behind", "gauge", "Entries of the journal that the sink has yet to see.");
  for (const auto& s : status.sinks) out.sample({{"sink", s.name}}, s.behind);
}

void add_engine(Exposition& out, const engine::EngineStatus& status) {
  out.family("telltale_build_info", "gauge", "Always 1; the version is the label.");
  out.sample({{"version", release()}}, std::uint64_t{1});
  out.family("telltale_ready", "gauge", "1 while readings are taken.");
  out.sample({}, std::uint64_t{status.ready && !status.read_only});
  out.family("telltale_queue_depth", "gauge", "Bytes of readings that wait for a lane.");
  out.sample({}, static_cast<std::uint64_t>(status.queue_bytes));
  out.family("telltale_queue_limit", "gauge", "Bytes that may wait at most.");
  out.sample({}, static_cast<std::uint64_t>(status.queue_limit));
  out.family("telltale_commits_total", "counter", "Commits to the journal since the start.");
  out.sample({}, status.commits);
  out.family("telltale_commit_seconds_max", "gauge", "Longest commit of the last minute.");
  out.sample({}, status.commit_seconds_max);
  out.family("telltale_journal_bytes", "gauge", "Size of the journal.");
  out.sample({}, static_cast<std::uint64_t>(status.journal_bytes));
  out.family("telltale_journal_sequence", "gauge", "Number of the newest durable input.");
  out.sample({}, status.committed);
}

void add_alarms(Exposition& out, const engine::Engine& engine) {
  const auto open = engine.history().alarms({.open = true, .limit = 100'000});
  if (!open) return;  // a missing family shows in the scrape; a wrong number would not
  out.family("telltale_alarms_active", "gauge", "Open alarms by priority, 1 is critical.");
  const auto counts = count_open(*open);
  for (std::size_t k = 0; k < counts.size(); ++k) out.sample({{"priority", std::string_view("1234").substr(k, 1)}}, counts[k]);
}

void add_server(Exposition& out, const LiveHub& hub, const Counters& c) {
  out.family("telltale_http_answers_total", "counter", "Answers by class of status.");
  out.sample({{"status", "2xx"}}, c.answered_2xx.load());
  out.sample({{"status", "3xx"}}, c.answered_3xx.load());
  out.sample({{"status", "4xx"}}, c.answered_4xx.load());
  out.sample({{"status", "5xx"}}, c.answered_5xx.load());
  out.family("telltale_http_answer_seconds_total", "counter", "Time spent on answers.");
  out.sample({}, static_cast<double>(c.answer_nanoseconds.load()) / 1e9);
  out.family("telltale_http_connections", "gauge", "Open connections, WebSocket among them.");
  out.sample({}, c.connections.load());
  out.family("telltale_http_connections_refused_total", "counter", "Connections beyond the limits.");
  out.sample({}, c.refused_connections.load());
  out.family("telltale_live_clients", "gauge", "Clients of the live stream.");
  out.sample({}, static_cast<std::uint64_t>(hub.n_clients()));
}

/// The names that scrapes of the power grid monitor know.
void add_powergrid(Exposition& out, const engine::EngineStatus& status, const LiveHub& hub) {
  Ledger mqtt;
  for (const auto& s : status.sources)
    if (s.kind == "mqtt") mqtt += s.ledger;
  out.family("mqtt_ingest_total", "counter", "Readings received by MQTT.");
  out.sample({}, mqtt.received);
  out.family("mqtt_ingest_errors_total", "counter", "MQTT messages that could not be used.");
  out.sample({}, mqtt.dead_letter);
  out.family("validation_errors_total", "counter", "Readings that a validator marked since the start.");
  out.sample({}, hub.n_marked());
}

}  // namespace

std::string metrics_text(const engine::Engine& engine, const LiveHub& hub, const Counters& counters) {
  const auto status = engine.status();
  Exposition out;
  add_engine(out, status);
  add_sources(out, status);
  add_ledger(out, status);
  add_disk(out, status);
  add_sinks(out, status);
  add_alarms(out, engine);
  add_server(out, hub, counters);
  add_powergrid(out, status, hub);
  return out.take();
}

}  // namespace telltale::api
