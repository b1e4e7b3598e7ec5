// Cuts a payload into JSON texts that are decoded one by one, so that a broken one costs nothing but itself.
#pragma once

#include <cstddef>
#include <string_view>

namespace telltale::decoders {

/// The values of a payload: one text, texts one after another (JSON lines), and the elements of arrays at the top.
/// It only finds where they end, by brackets and quotes; whether they are JSON is the parser's to say.
class JsonSplitter {
 public:
  explicit JsonSplitter(std::string_view payload) : text_(payload) {}
  /// False at the end. An element that is missing ("[1,,2]") comes as an empty text.
  bool next(std::string_view& value);
  /// Where the next value begins, up to the end of the payload; empty: there is none.
  std::string_view ahead();
  /// Whether the next value, which a reader has found to be `bytes` long, really ends there.
  bool ends_behind(std::size_t bytes) const;
  /// Takes the next value, which ends there.
  void pass(std::size_t bytes) { take(end_behind(bytes)); }
  /// At the end: an array at the top has no closing bracket, so the payload was cut off.
  bool unclosed() const { return unclosed_; }

 private:
  bool find_start();
  void take(std::size_t end);
  void skip_blanks();
  std::size_t end_behind(std::size_t bytes) const;
  std::size_t end_of_value(std::size_t at, bool in_array) const;
  std::string_view text_;
  std::size_t at_ = 0;
  bool in_array_ = false, first_element_ = false, at_value_ = false, unclosed_ = false;
};

}  // namespace telltale::decoders
