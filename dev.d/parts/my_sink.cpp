// my_sink: one line per item, its id and its asset, at the end of a file.

#include <cstdio>

#include "sinks/sink.h"

namespace telltale::sinks {
namespace {

class MySink final : public Sink {
 public:
  explicit MySink(std::string path) : path_(std::move(path)) {}
  MySink(const MySink&) = delete;
  MySink& operator=(const MySink&) = delete;
  ~MySink() override {
    if (file_) std::fclose(file_);
  }

  Result<void> open(std::stop_token) override {
    if (!file_) file_ = std::fopen(path_.c_str(), "a");
    if (!file_) return failed(ErrorKind::not_connected, "cannot write to '" + path_ + "'", "check the folder and its rights");
    return {};
  }

  Result<std::size_t> write(std::span<const Item> items, Deadline) override {
    for (const Item& item : items) std::fprintf(file_, "%s %.*s\n", item.id().c_str(), int(item.asset.size()), item.asset.data());
    if (std::fflush(file_) != 0) return failed(ErrorKind::timeout, "cannot tell whether '" + path_ + "' has all lines");
    return items.size();
  }

 private:
  const std::string path_;
  std::FILE* file_ = nullptr;
};

}  // namespace

SinkPart my_sink() {
  return {
      .name = "my_sink",
      .about = "Writes a line per item to a file.",
      .fields = {Field::required_text("path", "the file; lines are added to it")},
      .make = [](const Settings& s, const std::string&) -> Result<std::unique_ptr<Sink>> {
        return std::make_unique<MySink>(s.text("path"));
      },
  };
}

}  // namespace telltale::sinks
