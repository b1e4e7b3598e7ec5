// What `doctor` asks a running engine: is it ready, how are its sources, does its ledger balance?
#include "cli/api_client.h"
#include "cli/checkup.h"
#include "cli/json_reader.h"
#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

namespace json = boost::json;

void check_ready(const ApiClient& api, const Report& report) {
  const auto body = api.get("/readyz");
  if (body) return report({Health::good, "engine", "ready at " + api.base(), ""});
  report({Health::bad, "engine", "not ready: " + body.error().message, body.error().hint});
}

void check_store_bytes(const json::object& disk, const Report& report) {
  const auto mib = [&](const char* name) { return grouped(static_cast<std::uint64_t>(number_in(disk, name).value_or(0)) >> 20) + " MiB"; };
  const double most = number_in(disk, "store_limit_bytes").value_or(0), gone = number_in(disk, "files_gone").value_or(0);
  if (most == 0) return;
  const std::string finding = "takes " + mib("store_bytes") + " of " + mib("store_limit_bytes") + " that it may";
  if (number_in(disk, "store_bytes").value_or(0) > most)
    report({Health::warning, "store", finding, "what is left may not go: raise store.max_bytes, or look which sink is behind"});
  else if (gone > 0)
    report(
        {Health::warning, "store",
         finding + "; " + counted(static_cast<std::uint64_t>(gone), "file", "files") + " of its oldest days went for that since the start",
         "raise store.max_bytes, or shorten store.keep so that it is said how long history stays"});
  else
    report({Health::good, "store", finding, ""});
}

void check_status(const ApiClient& api, const Report& report) {
  const auto body = api.get("/api/v1/status");
  const auto status = body ? json_object(*body, api.base()) : std::unexpected(body.error());
  if (!status) return report({Health::bad, "engine", status.error().message, status.error().hint});
  report({Health::good, "engine",
          "version " + text_in(*status, "version") + ", up " +
              to_words(Nanoseconds{static_cast<std::int64_t>(number_in(*status, "uptime_s").value_or(0) * 1e9)}),
          ""});
  if (flag_in(*status, "read_only"))
    report({Health::bad, "engine", "read-only: nothing is acknowledged", "free disk space; it goes on by itself within 10 s"});
  check_store_bytes(object_in(*status, "disk"), report);
  for (const json::value& n : array_in(*status, "notices"))
    if (n.is_object())
      report({Health::warning, text_in(n.as_object(), "kind"), text_in(n.as_object(), "message"), text_in(n.as_object(), "hint")});
}

void check_sources(const ApiClient& api, const Report& report) {
  const auto body = api.get("/api/v1/sources");
  const auto answer = body ? json_object(*body, api.base()) : std::unexpected(body.error());
  if (!answer) return;
  for (const json::value& v : array_in(*answer, "sources")) {
    if (!v.is_object()) continue;
    const auto& s = v.as_object();
    const std::string state = text_in(s, "state"), detail = text_in(s, "detail"), about = "source " + text_in(s, "name");
    const double lag = number_in(s, "lag_s").value_or(0);
    const std::string finding = state + (detail.empty() ? "" : ": " + detail) + ", " + rounded(number_in(s, "rate").value_or(0), 3) +
                                " readings/s" +
                                (lag > 1 ? ", its times lie " + to_words(Nanoseconds{static_cast<std::int64_t>(lag * 1e9)}) + " back" : "");
    const bool down = state == "failed" || state == "reconnecting";
    report({down       ? Health::bad
            : lag > 60 ? Health::warning
                       : Health::good,
            about, finding, down ? "mend what the message names; the engine tries again by itself" : ""});
    if (const auto& unmapped = array_in(s, "unmapped"); !unmapped.empty())
      report({Health::warning, about, counted(unmapped.size(), "topic", "topics") + " that nothing maps",
              "telltale init lists them; add a mapping"});
  }
}

void check_ledger(const ApiClient& api, const Report& report) {
  const auto body = api.get("/api/v1/ledger");
  const auto ledger = body ? json_object(*body, api.base()) : std::unexpected(body.error());
  if (!ledger) return;
  const auto& total = object_in(*ledger, "total");
  const auto count = [&](const char* name) { return grouped(static_cast<std::uint64_t>(number_in(total, name).value_or(0))); };
  const std::string finding = count("received") + " received = " + count("stored") + " stored + " + count("duplicate") + " duplicate + " +
                              count("conflict") + " conflict + " + count("dead_letter") + " dead letters + " + count("rejected") +
                              " rejected + " + count("in_flight") + " in flight";
  if (flag_in(*ledger, "balanced"))
    report({Health::good, "ledger", finding, ""});
  else
    report({Health::bad, "ledger", finding + ": it does not add up", "please report it: this is a defect"});
}

}  // namespace

void check_engine(const std::string& url, bool must_run, const Report& report) {
  const ApiClient api(url);
  if (const auto alive = api.get("/livez"); !alive) {
    const bool nobody = alive.error().kind == ErrorKind::not_connected;
    report({must_run || !nobody ? Health::bad : Health::warning, "engine", alive.error().message,
            nobody ? "start it: telltale run site.yaml" : alive.error().hint});
    return;
  }
  check_ready(api, report);
  check_status(api, report);
  check_sources(api, report);
  check_ledger(api, report);
}

}  // namespace telltale::cli
