// my_source: every line of a file is one message; the position is the number of lines that were read.

#include <charconv>
#include <fstream>

#include "sources/source.h"

namespace telltale::sources {
namespace {

class MySource final : public Source {
 public:
  MySource(std::string path, std::unique_ptr<decoders::Decoder> decoder, const Clock& clock)
      : path_(std::move(path)), decoder_(std::move(decoder)), clock_(clock) {}

  Result<void> open(const Position& from, std::stop_token) override {
    file_ = std::ifstream(path_);
    if (!file_) return failed(ErrorKind::not_connected, "cannot read '" + path_ + "'", "check that the file is there and readable");
    n_lines_ = 0;
    std::size_t wanted = 0;
    std::from_chars(from.data(), from.data() + from.size(), wanted);
    for (std::string line; n_lines_ < wanted && std::getline(file_, line);) ++n_lines_;
    return {};
  }

  Result<void> read(Batch& batch, Deadline) override {
    for (std::string line; batch.n_items < 1000 && std::getline(file_, line); ++n_lines_) {
      decoder_->decode({.topic = path_, .bytes = line, .arrival = clock_.now()}, batch);
    }
    if (batch.n_items == 0) return failed(ErrorKind::closed, "'" + path_ + "' is read to its end");
    batch.position = std::to_string(n_lines_);
    return {};
  }

  Result<void> settle(BatchId, std::span<const Verdict>) override { return {}; }  // nobody waits for an answer

 private:
  const std::string path_;
  const std::unique_ptr<decoders::Decoder> decoder_;
  const Clock& clock_;
  std::ifstream file_;
  std::size_t n_lines_ = 0;
};

}  // namespace

SourcePart my_source() {
  return {
      .name = "my_source",
      .about = "Reads a file whose lines are messages.",
      .fields = {Field::required_text("path", "the file")},
      .make = [](const Settings& s, SourceContext context) -> Result<std::unique_ptr<Source>> {
        auto decoder = context.make_decoder();
        if (!decoder) return std::unexpected(decoder.error());
        return std::make_unique<MySource>(s.text("path"), std::move(*decoder), context.clock);
      },
  };
}

}  // namespace telltale::sources
