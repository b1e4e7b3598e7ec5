// One item as a JSON object: what files hold, webhooks carry and dead letters keep.
#pragma once

#include <string>

#include "core/time.h"
#include "sinks/sink.h"

namespace telltale::sinks {

/// "reading", "anomaly", "alarm": what people and settings call the kinds.
std::string_view word_of(ItemKind);
std::optional<ItemKind> kind_of(std::string_view word);

/// When it happened: the reading's, the finding's or the transition's event time.
Time time_of(const Item&);

/// Appends the object without a line end. Times are RFC 3339 in UTC, a value that is no number is null, texts are valid UTF-8 in any case.
void append_json(std::string& out, const Item&);

}  // namespace telltale::sinks
