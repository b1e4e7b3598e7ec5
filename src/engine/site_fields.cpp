// The settings that every site, source, sink and detector has, whatever part it is.
#include "engine/site.h"

namespace telltale::engine {

const std::vector<Field>& engine_fields() {
  static const std::vector<Field> fields = {
      Field("lanes", 1, "threads", "more when one core cannot judge all assets; results stay the same to the bit").between(1, 64),
      Field::bytes("queue", "64 MiB", "memory for what waits to be judged; above 80 % HTTP answers 429 and other sources wait"),
      Field("max_signals", 100'000, "signals", "new signals beyond it are refused, known ones keep working"),
      Field("new_signals_per_second", 100, "signals",
            "new ones over time beyond the burst; what the site declares is not counted; 0: as they come")
          .between(0, 1e9),
      Field("new_signals_burst", 1000, "signals", "so many new ones at once").between(1, 1e9),
  };
  return fields;
}

const std::vector<Field>& store_fields() {
  static const std::vector<Field> fields = {
      Field::choice("kind", {"local"}, "local", "where history is kept"),
      Field("directory", "telltale-data", "the store's own directory; relative to where the engine is started"),
      Field::duration("keep.raw", "400d", "single readings, by the day; 0s: for ever"),
      Field::duration("keep.minute", "1825d", "what each minute came to (least, greatest, mean, count); 0s: for ever"),
      Field::duration("keep.hour", "0s", "what each hour came to; 0s: for ever"),
      Field::bytes(
          "max_bytes", "0 B",
          "what the directory may take: beyond it the oldest days of history go, whatever keep says; 256 MiB or more; 0 B: no bound"),
  };
  return fields;
}

const std::vector<Field>& api_fields() {
  static const std::vector<Field> fields = {
      Field("listen", "127.0.0.1:8000", "address and port of page and API; port 0 takes a free one"),
      Field("allow_anonymous", false, "must be true to listen beyond this machine while there are no accounts"),
      Field::choice("compat", {"none", "fermenter", "powergrid", "compressor"}, "none",
                    "whose original /health and routes are offered at the root"),
      Field::texts("cors", "origins whose pages may call the API from a browser"),
      Field::optional_text("tls.certificate", "PEM file with the certificate chain: the listener speaks HTTPS"),
      Field::optional_text("tls.key", "PEM file with the certificate's key"),
      Field::bytes("max_body", "1 MiB", "largest request body, at most 8 MiB"),
      Field("max_connections", 1024, "connections", "further ones wait outside").between(8, 65536),
      Field("max_connections_per_client", 64, "connections", "per address").between(1, 65536),
  };
  return fields;
}

const std::vector<Field>& log_fields() {
  static const std::vector<Field> fields = {
      Field::choice("level", {"debug", "info", "warning", "error"}, "info", "least that is written"),
      Field::choice("format", {"logfmt", "json"}, "logfmt", "logfmt for people, JSON lines for machines"),
  };
  return fields;
}

const std::vector<Field>& source_fields() {
  static const std::vector<Field> fields = {
      Field("zone", "+00:00", "offset of times that carry none, as +02:00"),
      Field::choice("time", {"optional", "required"}, "optional",
                    "required: a message without time becomes a dead letter instead of taking arrival time"),
      Field::choice("conflict", {"first", "last"}, "first",
                    "which value of a signal stands when two come under one time; the other is kept aside"),
  };
  return fields;
}

const std::vector<Field>& sink_fields() {
  static const std::vector<Field> fields = {
      Field::bytes("budget_bytes", "1 GiB", "how far the sink may fall behind, in bytes of journal"),
      Field::duration("budget_age", "7d", "how far the sink may fall behind, in time"),
      Field::choice("policy", {"drop_oldest", "reject_new", "block"}, "drop_oldest", "beyond the budget; block stops ingest"),
      Field::texts("only", "assets it gets, as names or patterns with *; all when empty"),
  };
  return fields;
}

const std::vector<Field>& detector_fields() {
  static const std::vector<Field> fields = {
      Field::texts("signals", "what it watches, as ASSET.signal or signal, with *; everything it can when empty"),
      Field("false_alarm_probability", 2e-5, "per message",
            "how often healthy data of one asset may be flagged, all its signals together; limits follow from it")
          .between(1e-12, 0.5),
      Field("warm_up", 600, "readings",
            "a signal is learned so long before anything is said about it (hard limits and mode classic do not wait)")
          .between(0, 1e9),
      Field("k", 1, "readings", "a reading is abnormal when at least k ...").between(1, 64),
      Field("n", 1, "readings", "... of the newest n exceed the limit, itself included").between(1, 64),
      Field("clear_after", 20, "readings", "so many normal ones in a row end an anomaly and clear its alarm").between(1, 1e9),
      Field::duration("refractory", "0s", "so long after its last abnormal reading an anomaly may still go on: no second alarm within it"),
      Field("relearn_after", 300, "readings", "so many abnormal ones in a row are the new normal: nothing is abnormal for ever")
          .between(1, 1e9),
      Field("priority", 3, "1 to 4", "of its alarms: 1 critical, 2 high, 3 medium, 4 diagnostic; a limit's own priority stands before it")
          .between(1, 4),
      Field("alarm", true, "whether findings raise an alarm; without it they are only recorded and shown"),
  };
  return fields;
}

}  // namespace telltale::engine
