// Asks a running engine over its HTTP interface, for the words that work beside it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "core/result.h"

namespace telltale::cli {

inline constexpr std::string_view default_url = "http://127.0.0.1:8000";
/// "--url": where the engine is; a word that asks one appends it to its options.
Option url_option();
/// --url, else the environment's TELLTALE_URL, else this machine's port 8000.
std::string url_of(const Call&);

class ApiClient {
 public:
  explicit ApiClient(std::string base) : base_(std::move(base)) {}
  using Arguments = std::vector<std::pair<std::string, std::string>>;

  /// The body of a 2xx answer. @param path  "/api/v1/alarms"
  /// errors   not_connected: nobody answers there; closed: 404; timeout: 429, 503 or no answer in time; refused: any other answer,
  ///          with the engine's own words
  Result<std::string> get(const std::string& path, const Arguments& arguments = {}) const;
  Result<std::string> post(const std::string& path, const std::string& json) const;
  const std::string& base() const { return base_; }

 private:
  Result<std::string> call(const std::string& path, const Arguments&, const std::string* body) const;
  const std::string base_;
};

/// Percent-encoded for one segment of a path or one argument.
std::string url_encoded(std::string_view text);

}  // namespace telltale::cli
