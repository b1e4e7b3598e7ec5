// Recovers what the fermenter monitor's original could not store: the lines of its failed_measurements.jsonl.
#include <filesystem>
#include <fstream>
#include <optional>

#include "api/fermenter.h"
#include "api/intake.h"
#include "core/log.h"

namespace telltale::api {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t lines_at_once = 1000;
const std::string file_name = "failed_measurements.jsonl", source_name = "http";

/// One file on its way into the engine, a thousand lines at a time.
class Recovery : public std::enable_shared_from_this<Recovery> {
 public:
  Recovery(ApiPtr api, fs::path path)
      : api_(std::move(api)), path_(std::move(path)), file_(path_),
        decoders_(decoders::readings_mapping(), *api_->engine.site().plant, api_->engine.names(), api_->engine.clock()) {}

  void next() {
    auto intake = read_lines();
    while (intake && *intake && (*intake)->batch.n_items == 0) intake = read_lines();  // lines such as []
    if (!intake) return give_up(intake.error().message);
    if (!*intake) return done();
    const auto taken = api_->engine.inlet(source_name).offer(std::move((*intake)->batch), [self = shared_from_this()](auto verdicts) {
      self->api_->later([self, verdicts = std::move(verdicts)] {
        if (verdicts)
          self->next();
        else
          self->give_up(verdicts.error().message);
      });
    });
    if (taken != sources::Inlet::Taken::accepted) give_up("the engine takes nothing now");
  }

 private:
  /// The next lines that say something; nullopt: there are no more.
  Result<std::optional<Intake>> read_lines() {
    std::string lines;
    const SignalTags tags(api_->engine);
    std::size_t n = 0;
    for (std::string line; n < lines_at_once && std::getline(file_, line);) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      ++n;
      const auto parsed = parse_flat_items(line, 1);
      if (parsed && !parsed->is_array && parsed->items.size() == 1)
        append_line(lines, parsed->items.front(), tags);
      else
        lines += line + "\n";  // the decoder says what is wrong with it, and keeps it
    }
    if (n == 0) return std::nullopt;
    n_ += n;
    return decoders_.decode_lines(lines, api_->engine.clock().now());
  }

  void done() {
    std::error_code error;
    fs::rename(path_, path_.string() + ".imported", error);
    log(error ? LogLevel::warning : LogLevel::info, "api", path_.string(), "measurements of the retry queue are stored",
        {{"lines", std::to_string(n_)}, {"renamed", error ? error.message() : path_.string() + ".imported"}});
  }
  void give_up(const std::string& why) {
    log(LogLevel::warning, "api", path_.string(), "the retry queue is read again at the next start", {{"why", why}});
  }

  const ApiPtr api_;
  const fs::path path_;
  std::ifstream file_;
  Decoders decoders_;
  std::size_t n_ = 0;
};

}  // namespace

void recover_failed_measurements(const ApiPtr& api, const std::string& folder) {
  const fs::path path = fs::path(folder) / file_name;
  std::error_code error;
  if (fs::is_regular_file(path, error)) std::make_shared<Recovery>(api, path)->next();
}

}  // namespace telltale::api
