// `telltale import`: recorded history with its own times into the store of a site, resumable, a second run changes nothing.
#include <csignal>
#include <filesystem>

#include "cli/command.h"
#include "cli/import_file.h"
#include "cli/json_writer.h"
#include "cli/site_words.h"
#include "cli/stop_signals.h"
#include "cli/words_for_people.h"
#include "core/fault.h"
#include "engine/projector.h"

namespace telltale::cli {
namespace {

/// The store of a site, open for this process alone, its history built up to the journal's end.
struct OpenStore {
  explicit OpenStore(std::size_t max_signals) : names(max_signals) {}
  Names names;
  std::unique_ptr<stores::Store> store;
};

Result<std::unique_ptr<OpenStore>> open_store(const engine::Site& site) {
  auto open = std::make_unique<OpenStore>(site.engine.count("max_signals"));
  const std::string directory = site.store.text("directory");
  auto store = stores::open_local(directory, open->names);
  if (!store && store.error().message.contains("in use by")) {
    return failed(store.error().kind, store.error().message,
                  "stop that engine, import, start it again; or leave it running and POST the rows to its /api/v1/readings");
  }
  if (!store) return std::unexpected(store.error());
  open->store = std::move(*store);
  engine::Projector projector(*open->store, [] { return Sequence{0}; });
  if (auto caught_up = projector.catch_up(); !caught_up) return std::unexpected(caught_up.error());
  return open;
}

Result<ImportOptions> options_of(const Call& call, const engine::Site& site) {
  const std::string folder = std::filesystem::path(site.file).parent_path().string();
  auto mapping = decoders::find_mapping(call.text("--mapping"), (folder.empty() ? "." : folder) + "/mappings");
  if (!mapping) return std::unexpected(mapping.error());
  return ImportOptions{.table = {.time_column = call.text("--time-col"),
                                 .time_format = call.text("--time-format"),
                                 .zone = call.text("--zone"),
                                 .asset_column = call.text("--asset-col"),
                                 .ignore = call.texts("--ignore")},
                       .mapping = std::move(*mapping),
                       .asset = call.text("--asset")};
}

std::string ledger_line(const Ledger& l) {
  return grouped(l.received) + " readings = " + grouped(l.stored) + " stored + " + grouped(l.duplicate) + " repeated + " +
         grouped(l.conflict) + " in conflict + " + grouped(l.dead_letter) + " dead letters";
}

class Import {
 public:
  Import(Call& call, ImportPlace place, ImportOptions options, std::map<std::string, Position> positions, const StopSignals& signals)
      : call_(call), place_(place), options_(std::move(options)), positions_(std::move(positions)), signals_(signals) {}

  int run(std::span<const std::string> files) {
    for (const std::string& path : files) {
      const int of_this = one(path);
      if (exit_ == status::ok) exit_ = of_this;
      if (stopped_ || of_this == status::disk) break;
    }
    close();
    return exit_;
  }

 private:
  int one(const std::string& path) {
    const auto from = positions_.find(ImportFile::source(path));
    auto file = ImportFile::read(path, options_, place_, from == positions_.end() ? Position{} : from->second);
    if (!file) return fail(path, file.error());
    const std::size_t begun_at = (*file)->row();
    if (begun_at == (*file)->rows()) {
      call_.console.say(path + ": imported before, nothing is left to do");
    } else if (begun_at > 0) {
      call_.console.say(path + ": going on with row " + grouped(begun_at + 1) + " of " + grouped((*file)->rows()));
    }
    const auto done = bring_in(path, **file);
    total_ += (*file)->counts();
    tell(path, **file);
    return done ? status::ok : fail(path, done.error());
  }

  Result<void> bring_in(const std::string& path, ImportFile& file) {
    Progress progress(call_.console, "importing " + path, "rows", file.rows());
    return file.bring_in([&](std::size_t row) { progress.at(row); }, [&] { return stopped_ = stopped_ || signals_.wait_for({}); });
  }

  void tell(const std::string& path, const ImportFile& file) const {
    const Ledger& l = file.counts();
    if (call_.console.json) {
      call_.console.line(Json()
                             .add("file", path)
                             .add("status", file.row() == file.rows() ? "ok" : "stopped")
                             .add("rows", file.rows())
                             .add("next_row", file.row())
                             .add("received", l.received)
                             .add("stored", l.stored)
                             .add("duplicate", l.duplicate)
                             .add("conflict", l.conflict)
                             .add("dead_letter", l.dead_letter)
                             .text());
      return;
    }
    for (const decoders::TableNote& note : file.table().notes) call_.console.say("  line " + std::to_string(note.line) + ": " + note.text);
    call_.console.line(path + ": " + ledger_line(l));
    if (file.row() < file.rows()) call_.console.say("  stopped before row " + grouped(file.row() + 1) + "; the same words go on there");
  }

  int fail(const std::string& path, const Error& error) const {
    const int exit = error.kind == ErrorKind::closed   ? status::not_found
                     : error.kind == ErrorKind::config ? status::failure
                                                       : status_of(error.kind);
    call_.console.error("telltale import: " + error.message);
    if (!error.hint.empty()) call_.console.error("  " + error.hint);
    if (call_.console.json)
      call_.console.line(
          Json().add("file", path).add("status", "failed").add("exit", exit).add("message", error.message).add("hint", error.hint).text());
    return exit;
  }

  void close() {
    crash_point("import.before_checkpoint");
    if (auto done = place_.store.projection().checkpoint(); !done && exit_ == status::ok) exit_ = fail("", done.error());
    crash_point("import.after_checkpoint");
    if (call_.console.json)
      return call_.console.line(
          Json().add("status", exit_ == status::ok ? "ok" : "failed").add("exit", exit_).add("stored", total_.stored).text());
    call_.console.line(ledger_line(total_));
    if (total_.stored > 0)
      call_.console.say("Imported readings stand in history, trends and roll-ups; detectors and limits do not judge them.");
  }

  Call& call_;
  ImportPlace place_;
  const ImportOptions options_;
  const std::map<std::string, Position> positions_;
  const StopSignals& signals_;
  Ledger total_;
  bool stopped_ = false;
  int exit_ = status::ok;
};

int run_import(Call& call) {
  const StopSignals signals;
  int exit = status::ok;
  const std::string& site_file = call.words.back();
  if (!site_file.ends_with(".yaml") && !site_file.ends_with(".yml"))
    return call.fail(status::usage, "'" + site_file + "' is no site file",
                     "the last word names the site: telltale import pump.csv site.yaml");
  const auto site = site_of(call, site_file, exit);
  if (!site) return exit;
  auto options = options_of(call, *site);
  if (!options) return call.fail(options.error());
  const auto open = open_store(*site);
  if (!open) return call.fail(open.error());
  auto positions = (*open)->store->reader().positions();
  if (!positions) return call.fail(positions.error());
  ImportKeys keys((*open)->names, (*open)->store->reader());
  if (auto begun = keys.begin(); !begun) return call.fail(begun.error());
  const ImportPlace place{*(*open)->store, (*open)->names, *site->plant, keys, Clock::system()};
  return Import(call, place, std::move(*options), std::move(*positions), signals).run(std::span(call.words).first(call.words.size() - 1));
}

}  // namespace

Command import_history() {
  return {
      .word = "import",
      .about = "Brings recorded history into a site's store under its own times, resumable",
      .examples = {"telltale import pump.csv site.yaml", "telltale import january/*.csv.xz site.yaml --asset P-101",
                   "telltale import export.csv site.yaml --time-col Zeit --zone Europe/Berlin"},
      .arguments = "FILE... SITE.yaml",
      .least_words = 2,
      .most_words = 100'000,
      .options = with_site_options({
          {"--asset", "NAME", "whose history it is, where no column says so (the file's name)", OptionKind::text},
          {"--asset-col", "COL", "the column that names the asset of each row", OptionKind::text},
          {"--mapping", "NAME", "how columns become signals: a mapping as sources use it", OptionKind::text},
          {"--time-col", "COL", "the time column, where it is not found by itself", OptionKind::text},
          {"--time-format", "FORMAT", "dmy, mdy, ymd, s, ms, us, ns or a pattern such as '%d.%m.%Y %H:%M:%S'", OptionKind::text},
          {"--zone", "ZONE", "of times that have none: +02:00, Europe/Berlin (UTC)", OptionKind::text},
          {"--ignore", "COL,..", "columns that are no signals", OptionKind::texts},
      }),
      .notes =
          "Files are tables as `telltale detect` reads them: wide, or long (time, signal, value, quality), plain or packed as .xz, .zst, "
          ".gz.\n"
          "The engine of the site must not run meanwhile. Whatever stops an import, the same words go on with the row behind the last one\n"
          "that is on disk. A reading that stands already is counted; one that stands with another value is kept aside as a conflict.\n"
          "Imported readings appear in history, trends and roll-ups; they are not judged.\n",
      .run = run_import,
  };
}

}  // namespace telltale::cli
