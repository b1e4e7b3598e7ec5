// Fuzz target: failed_measurements.jsonl, the retry queue of the fermenter monitor. Whatever stands in it, every line ends as readings or
// dead letters, and the file is put away.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "api/fake_engine_test.h"
#include "api/fermenter.h"
#include "api/routes.h"
#include "core/log.h"

using namespace telltale;

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Lines that say something; an array may be empty.
std::uint64_t lines_in(std::string_view text) {
  std::uint64_t n = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
    const std::size_t first = line.find_first_not_of(" \t\r");
    n += first != std::string_view::npos && line[first] != '[' ? 1 : 0;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return n;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool quiet = (configure_log(LogLevel::error, LogFormat::logfmt, [](LogLevel, std::string_view) {}), true);
  static const std::string folder =
      (std::filesystem::temp_directory_path() / ("telltale-fuzz-retries-" + std::to_string(::getpid()))).string();
  static api::Counters counters;
  (void)quiet;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/failed_measurements.jsonl";
  std::ofstream(path, std::ios::binary).write(input.data(), static_cast<std::streamsize>(size));
  api::FakeEngine engine;
  const api::ServerOptions options;
  const auto at_once = [](std::function<void()> task) { task(); };
  recover_failed_measurements(
      std::make_shared<const api::Api>(engine, options, std::make_shared<api::LiveHub>(engine, options.limits), counters, at_once), folder);
  if (engine.status().total.received < lines_in(input)) std::abort();
  if (std::filesystem::exists(path) || !std::filesystem::exists(path + ".imported")) std::abort();
  std::filesystem::remove_all(folder);
  return 0;
}
