// One JSON text as a flat list of leaves: what a mapping looks at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/batch.h"
#include "decoders/mapping.h"

namespace telltale::decoders {

/// A value that is no object and no array of objects.
struct Leaf {
  enum class Kind : std::uint8_t { number, text, truth, null, array, bad } kind = Kind::null;
  std::string_view path;   // JSON pointer within its group, without the leading '/'; empty: the group is the value itself
  double number = 0;       // of a number; of a text that is a number; 1 and 0 of true and false
  bool is_number = false;  // `number` may be taken
  std::string_view text;   // of a text what it says, else the token as it stands
  DeadLetterReason reason = DeadLetterReason::other;  // of Kind::bad
};

/// An object with everything nested in it; elements of arrays are groups of their own.
struct Group {
  std::size_t parent = 0;  // the group around it; the first one is its own
  std::vector<Leaf> leaves;
  std::string_view bytes;  // as it came
  bool duplicate_key = false;
  bool bare = false;  // the text is a value alone, "23.5": its one leaf has no path
};

struct Message {
  std::vector<Group> groups;  // [n_groups] are valid; the vectors keep their memory
  std::size_t n_groups = 0;
};

/// Parses strictly (RFC 8259). A number that no double holds or a token that is none (NaN) spoils its own leaf only.
/// One thread; the views of a message are valid until the next one is read.
class JsonReader {
 public:
  explicit JsonReader(const DecoderLimits& limits);
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;

  /// Copies the payload to where the parser can read beyond its end. Every text given to `read` must lie within what this returns.
  std::string_view hold(std::string_view payload);

  struct Problem {
    DeadLetterReason reason;
    std::string text;
  };
  /// Nothing: `message` is filled. Else why this text is no message.
  std::unique_ptr<Problem> read(std::string_view text, Message& message);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace telltale::decoders
