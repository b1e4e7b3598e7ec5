// The short way of a message: the fields of one that was read before, with values of the kinds that they had. What each value is for was
// worked out once, so nothing is looked up by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoders/json_shape.h"
#include "decoders/message_layout.h"
#include "decoders/number_form.h"
#include "decoders/opening.h"

namespace telltale::decoders {

/// What a message says; views into its bytes. Reused: it keeps its memory.
struct StraightMessage {
  struct Number {
    double value;
    std::uint32_t leaf;  // of the layout
  };
  struct Text {
    std::string_view text;
    std::uint32_t leaf;
  };
  std::size_t bytes = 0;
  std::string_view asset, time, second_clock;
  std::vector<Number> numbers;  // of signals, in the order of the message
  std::vector<Text> texts;      // kept ones
};

/// One thread. What it reads the general reader (json_message.h) would read to the same end; of whatever else it meets it says nothing,
/// and the general reader is asked.
class StraightReader {
 public:
  /// From an object that the general reader has read and found good.
  /// nullopt: its layout needs more than a plain look at each value (units or times of their own, single readings ...)
  static std::optional<StraightReader> of(const Layout& layout, const std::vector<Leaf>& leaves, const Shape& shape);

  enum class Spelling : std::uint8_t {
    exact,  // the text between the values to the letter
    loose,  // any order of the fields, any blanks between the tokens; only where no object stands within the object
  };
  /// Reads the object at the front of `bytes`.
  /// @param expected      whose message it is most likely
  /// @param longest_text  longer ones are for the general reader to refuse
  /// false: it is not so plain; `into` then holds nothing of worth
  bool read(std::string_view bytes, std::string_view expected, std::size_t longest_text, Spelling spelling, StraightMessage& into);

 private:
  enum class What : std::uint8_t {
    number,  // of a signal
    time_number,
    second_clock_number,
    unused_number,
    text,  // kept
    asset,
    time,
    second_clock,
    no_number,  // where a signal would be, were it a number
    unused_text,
    end
  };
  struct Field {
    What what;
    std::uint32_t leaf;
    Opening before;         // what stands before the value
    Opening said_last;      // of a text, with its closing quote
    NumberForm form;        // of a signal's last number
    std::size_t bytes = 0;  // of a clock's last number
    Opening key;            // with its quotes
    bool is_text() const { return what >= What::text && what != What::end; }
  };
  struct UnderWay;
  static std::optional<What> what_of(const Layout& layout, std::size_t leaf, const Leaf& learned);
  void add(What what, std::size_t leaf, std::string_view before, std::string_view said);
  bool read_loosely(const char* at, std::size_t k, UnderWay read);
  const char* find_field(const char* at, const char* end, std::size_t& k) const;
  static const char* take(const char* at, Field& field, UnderWay& read);

  std::vector<Field> fields_;  // as the first message had them; the last one is the end of the object
  std::size_t n_values_ = 0, n_numbers_ = 0, n_texts_ = 0;
  bool flat_ = false;           // no object within the object: fields may be looked for by key
  unsigned begin_loosely_ = 0;  // messages that are not held against the letter: one before them was written otherwise
};

}  // namespace telltale::decoders
