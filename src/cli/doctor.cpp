// `telltale doctor`: what is configured, listening, reachable and lagging, each finding with what to do.
#include "cli/api_client.h"
#include "cli/checkup.h"
#include "cli/command.h"
#include "cli/json_writer.h"
#include "cli/site_words.h"
#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

std::string_view word_for(Health health) { return health == Health::good ? "ok" : health == Health::warning ? "warning" : "bad"; }

class Findings {
 public:
  explicit Findings(const Console& console) : console_(console) {}

  void take(const Checkup& c) {
    ++n_[static_cast<std::size_t>(c.health)];
    if (console_.json) {
      console_.line(Json().add("health", word_for(c.health)).add("about", c.about).add("finding", c.finding).add("fix", c.fix).text());
      return;
    }
    std::string head(word_for(c.health));
    head.resize(8, ' ');
    const Paint paint = c.health == Health::bad ? Paint::critical : Paint::warning;
    console_.line((c.health == Health::good ? head : console_.painted(paint, head)) + " " + c.about + ": " + c.finding);
    if (!c.fix.empty()) console_.line("         " + c.fix);
  }

  int close() const {
    const auto bad = n_[2], warnings = n_[1];
    if (console_.json)
      console_.line(Json().add("status", bad > 0 ? "bad" : "ok").add("good", n_[0]).add("warnings", warnings).add("bad", bad).text());
    else
      console_.line("\n" + (bad + warnings == 0
                                ? std::string("All is well.")
                                : counted(bad, "thing is bad", "things are bad") + ", " + counted(warnings, "warning", "warnings")));
    return bad > 0 ? status::failure : status::ok;
  }

 private:
  const Console& console_;
  std::size_t n_[3] = {};
};

/// Where the site's own engine would answer: its listen address, seen from this machine.
std::string url_for(const Call& call, const engine::Site& site) {
  if (call.has("--url")) return url_of(call);
  std::string listen = site.api.text("listen");
  for (const std::string_view any : {"0.0.0.0", "[::]"})
    if (listen.starts_with(any)) listen.replace(0, any.size(), "127.0.0.1");
  return (site.api.has("tls.certificate") ? "https://" : "http://") + listen;
}

int run_doctor(Call& call) {
  Findings findings(call.console);
  const Report report = [&](const Checkup& c) { findings.take(c); };
  check_clock(report);
  if (call.words.empty()) {
    if (call.has("--data")) check_store(call.text("--data"), report);
    check_engine(url_of(call), true, report);
    return findings.close();
  }
  int exit = status::ok;
  const auto site = site_of(call, call.words[0], exit);
  if (!site) return exit;
  report({Health::good, "site",
          call.words[0] + ": no mistakes, " + counted(site->plant->assets().size(), "asset", "assets") + ", " +
              counted(site->sources.size(), "source", "sources"),
          ""});
  if (site->sources.empty())
    report({Health::warning, "site", "no sources: readings can come only over HTTP", "telltale init mqtt://HOST finds what a broker has"});
  check_store(call.has("--data") ? call.text("--data") : site->store.text("directory"), report);
  check_addresses(*site, report);
  check_brokers(*site, report);
  check_engine(url_for(call, *site), false, report);
  return findings.close();
}

}  // namespace

Command doctor() {
  return {
      .word = "doctor",
      .about = "Says what is configured, listening, reachable and lagging, with a fix for each finding",
      .examples = {"telltale doctor site.yaml", "telltale doctor --url http://gateway:8000", "telltale doctor --data telltale-data --json"},
      .arguments = "[SITE.yaml]",
      .least_words = 0,
      .most_words = 1,
      .options = with_site_options({{"--data", "DIR", "look at this data directory too", OptionKind::text}, url_option()}),
      .notes = "It reads and asks only. Exit status 1 when something is bad, 78 when the site file has mistakes.\n",
      .run = run_doctor,
  };
}

}  // namespace telltale::cli
