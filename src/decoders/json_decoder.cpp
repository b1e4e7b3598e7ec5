// JSON messages of any shape become readings: split, parsed, held against the mapping, stamped, resolved.
#include "decoders/formats.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <list>
#include <optional>

#include "decoders/json_message.h"
#include "decoders/json_split.h"
#include "decoders/message_layout.h"
#include "decoders/quality_word.h"
#include "decoders/shape_memory.h"
#include "decoders/signal_slots.h"
#include "decoders/straight_way.h"
#include "decoders/topic_view.h"
#include "decoders/unmapped.h"

namespace telltale::decoders {
namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_layouts = 256;

/// What a group says about all its values, or inherits from the group around it.
struct Context {
  Layout* layout = nullptr;
  AssetSlots* slots = nullptr;  // looked up with the first value
  std::string_view asset;
  Stamp stamp;
  bool has_time = false, has_children = false;
  std::optional<DeadLetterReason> reason;  // why none of its values can be taken
  std::string problem;
};

class JsonDecoder final : public Decoder {
 public:
  JsonDecoder(const Mapping& mapping, const machines::Plant& plant, Names& names, const DecoderOptions& options, const StampRules& rules)
      : mapping_(mapping), options_(options), rules_(rules), topic_(mapping_, plant, options.default_asset),
        slots_(plant, names, options.limits), reader_(options.limits), straight_(names, options_, rules_) {}

  void decode(const Payload& payload, Batch& batch) override;

 private:
  std::string_view held(std::string_view text);
  bool decode_alone(std::string_view bytes, Batch& batch);
  void decode_texts(std::string_view bytes, Batch& batch);
  bool decode_familiar(JsonSplitter& splitter, Batch& batch);
  void decode_text(std::string_view text, Batch& batch);
  bool decode_lines(std::string_view text, Batch& batch);
  void refuse_rest(std::size_t n, std::string_view bytes, Batch& batch);
  void decode_group(std::size_t index, Batch& batch);
  Layout& layout_of(const Group& group);
  void understand(std::size_t index, Layout& layout);
  std::string_view find_asset(const Group& group, const Context& context) const;
  void add_single(const Group& group, const Context& context, Batch& batch);
  void add_leaf(const Group& group, Context& context, std::size_t leaf, Batch& batch);
  void add_value(const Slot& slot, const Leaf& leaf, const Stamp& stamp, Quality quality, std::string_view name, Batch& batch,
                 const Group& group);
  AssetSlots& slots_of(Context& context);
  const Slot& slot_of(Context& context, std::size_t leaf, std::string_view unit);
  Quality quality_of(const Group& group, const Context& context, std::size_t leaf) const;

  const Mapping mapping_;
  const DecoderOptions options_;
  const StampRules rules_;
  TopicView topic_;  // of the payload
  SignalSlots slots_;
  JsonReader reader_;
  Message message_;
  std::list<Layout> layouts_;  // the one used last in front
  ShapeMemory shapes_;
  StraightWay straight_;
  std::vector<Context> contexts_;  // [groups]
  Payload payload_{};
  std::string_view bytes_, held_;  // the payload's texts, and their copy that the reader holds; empty: not yet
  std::size_t item_limit_ = 0;
};

std::string_view JsonDecoder::find_asset(const Group& group, const Context& context) const {
  if (context.layout->asset != no_leaf) {
    const Leaf& leaf = group.leaves[context.layout->asset];
    if (leaf.kind == Leaf::Kind::text || leaf.kind == Leaf::Kind::number) return leaf.text;
  }
  if (group.parent != static_cast<std::size_t>(&group - message_.groups.data()) && !contexts_[group.parent].asset.empty())
    return contexts_[group.parent].asset;
  return context.layout->single && context.layout->signal_name == no_leaf ? topic_.asset_of_signal() : topic_.asset();
}

/// The layout that fits, made when it is seen for the first time.
Layout& JsonDecoder::layout_of(const Group& group) {
  for (auto it = layouts_.begin(); it != layouts_.end(); ++it) {
    if (!it->fits(group, !topic_.signal().empty())) continue;
    if (it != layouts_.begin()) layouts_.splice(layouts_.begin(), layouts_, it);
    return layouts_.front();
  }
  if (layouts_.size() == most_layouts) {
    shapes_.forget(layouts_.back());
    layouts_.pop_back();
  }
  layouts_.push_front(make_layout(mapping_, group, !topic_.signal().empty()));
  return layouts_.front();
}

/// Whose values, and of when.
void JsonDecoder::understand(std::size_t index, Layout& layout) {
  const Group& group = message_.groups[index];
  Context& context = contexts_[index];
  const bool root = group.parent == index;
  context.layout = &layout;
  const auto text_of = [&](std::size_t leaf) -> std::optional<std::string_view> {
    if (leaf == no_leaf || group.leaves[leaf].kind == Leaf::Kind::null) return std::nullopt;
    return group.leaves[leaf].text;
  };
  context.asset = find_asset(group, context);
  const auto time = text_of(layout.time);
  context.has_time = time.has_value();
  if (!root && !time && contexts_[group.parent].has_time) {
    context.stamp = contexts_[group.parent].stamp;
    context.has_time = true;
  } else {
    context.stamp = stamp(time, text_of(layout.second_clock), payload_.arrival, rules_);
  }
  if (payload_.retained) context.stamp.marks.mark(Reason::retained, Grade::uncertain);
  if (!root && contexts_[group.parent].reason == DeadLetterReason::duplicate_key)
    context.reason = DeadLetterReason::duplicate_key, context.problem = contexts_[group.parent].problem;
  else if (group.duplicate_key)
    context.reason = DeadLetterReason::duplicate_key, context.problem = "a key stands twice in one object";
  else if (context.stamp.reason)
    context.reason = context.stamp.reason, context.problem = context.stamp.problem;
  else if (context.asset.empty())
    context.reason = DeadLetterReason::unmapped,
    context.problem = "the message names no asset, and mapping '" + mapping_.name + "' knows none";
}

Quality JsonDecoder::quality_of(const Group& group, const Context& context, std::size_t leaf) const {
  Quality quality = context.stamp.marks;
  if (leaf != no_leaf) quality.mark(quality_word(group.leaves[leaf].text));
  return quality;
}

void JsonDecoder::add_value(const Slot& slot, const Leaf& leaf, const Stamp& when, Quality quality, std::string_view name, Batch& batch,
                            const Group& group) {
  if (when.reason) return add_rejected(batch, *when.reason, std::string(name) + ": " + when.problem, group.bytes);
  if (leaf.kind == Leaf::Kind::null) return add_reading(batch, slot, when.time, nan_value, quality, group.bytes);
  if (leaf.is_number) return add_reading(batch, slot, when.time, leaf.number, quality, group.bytes);
  const DeadLetterReason reason = leaf.kind == Leaf::Kind::bad ? leaf.reason : DeadLetterReason::bad_number;
  add_rejected(batch, reason,
               std::string(name) + ": '" + std::string(leaf.text.substr(0, 40)) + "' is no number of JSON that a double holds",
               group.bytes);
}

/// {asset, signal, time, value}
void JsonDecoder::add_single(const Group& group, const Context& context, Batch& batch) {
  const Layout& layout = *context.layout;
  const std::string_view name = layout.signal_name == no_leaf ? topic_.signal() : group.leaves[layout.signal_name].text;
  const std::string_view unit =
      layout.unit == no_leaf || group.leaves[layout.unit].kind != Leaf::Kind::text ? "" : group.leaves[layout.unit].text;
  const Slot& slot = slots_.find(context.asset, name, unit);
  add_value(slot, group.leaves[layout.value], context.stamp, quality_of(group, context, layout.quality), name, batch, group);
}

AssetSlots& JsonDecoder::slots_of(Context& context) {
  if (!context.slots) context.slots = &context.layout->slots_of(context.asset, slots_.names());
  return *context.slots;
}

const Slot& JsonDecoder::slot_of(Context& context, std::size_t leaf, std::string_view unit) {
  const LeafRole& role = context.layout->roles[leaf];
  if (role.unit_leaf != no_leaf) return slots_.find(context.asset, role.name, unit);
  AssetSlots::Target& target = slots_of(context).of_leaf[leaf];
  if (target.slot) return *target.slot;
  const Slot& made = slots_.find(context.asset, role.name, role.unit);
  if (made.signal != no_signal) target = {&made, made.signal, made.conversion.identity()};
  return made;
}

/// One value of a message of several.
void JsonDecoder::add_leaf(const Group& group, Context& context, std::size_t index, Batch& batch) {
  const Leaf& leaf = group.leaves[index];
  LeafRole& role = context.layout->roles[index];
  if (role.kind == LeafRole::Kind::text) {
    if (leaf.kind == Leaf::Kind::null) return;
    AssetId& asset = slots_of(context).asset;
    if (asset == no_asset) asset = slots_.names().admitted_asset(context.asset).value_or(no_asset);
    if (asset == no_asset) return add_rejected(batch, DeadLetterReason::cardinality, no_more_assets(context.asset), group.bytes);
    return keep_text(batch.texts, asset, context.stamp.time, role, leaf.text);
  }
  if (role.kind != LeafRole::Kind::signal) return;
  if (leaf.kind == Leaf::Kind::array) return note_unmapped(batch, std::string(payload_.topic) + " " + role.name + " (an array)");
  if (leaf.kind == Leaf::Kind::text && !leaf.is_number && !role.named) return;  // just a text
  const std::string_view unit = role.unit_leaf == no_leaf ? "" : group.leaves[role.unit_leaf].text;
  const Slot& slot = slot_of(context, index, unit);
  const Quality quality = quality_of(group, context, role.quality_leaf);
  if (role.time_leaf == no_leaf) return add_value(slot, leaf, context.stamp, quality, role.name, batch, group);
  add_value(slot, leaf, stamp(group.leaves[role.time_leaf].text, std::nullopt, payload_.arrival, rules_), quality, role.name, batch, group);
}

void JsonDecoder::decode_group(std::size_t index, Batch& batch) {
  const Group& group = message_.groups[index];
  Context& context = contexts_[index];
  const Layout& layout = *context.layout;
  const bool silent = !layout.single && !layout.has_signals;
  if (silent && context.has_children) return;  // its children speak for it
  if (context.reason) return add_rejected(batch, *context.reason, context.problem, group.bytes);
  const std::uint32_t before = batch.n_items;
  if (layout.single) add_single(group, context, batch);
  for (std::size_t leaf = 0; leaf < group.leaves.size() && !silent; ++leaf) add_leaf(group, context, leaf, batch);
  if (batch.n_items > before || context.has_children) return;
  add_rejected(batch, DeadLetterReason::unmapped, "the message holds no number that mapping '" + mapping_.name + "' knows", group.bytes);
}

/// Broken text may be several lines of which one is broken. False: it is not.
bool JsonDecoder::decode_lines(std::string_view text, Batch& batch) {
  if (text.find('\n') == text.npos) return false;
  std::vector<std::string_view> lines;
  bool any_whole = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == ',')) line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (!line.empty()) lines.push_back(line);
    any_whole = any_whole || (line.starts_with('{') && line.ends_with('}'));
    at = end + 1;
  }
  if (!any_whole || lines.size() < 2) return false;
  for (const auto line : lines) decode_text(line, batch);
  return true;
}

/// The same text where the general reader can read it.
std::string_view JsonDecoder::held(std::string_view text) {
  if (held_.empty()) held_ = reader_.hold(bytes_);
  return held_.substr(static_cast<std::size_t>(text.data() - bytes_.data()), text.size());
}

/// The next text, if it looks like an earlier one: then only its values are read. False: it does not, and was not taken.
bool JsonDecoder::decode_familiar(JsonSplitter& splitter, Batch& batch) {
  const std::string_view ahead = splitter.ahead();
  if (const std::size_t size = straight_.read(ahead, shapes_, topic_); size != 0 && splitter.ends_behind(size)) {
    if (straight_.add(payload_, topic_, batch)) return splitter.pass(size), true;
  }
  if (message_.groups.empty()) message_.groups.emplace_back();
  Group& group = message_.groups[0];
  const auto fit = shapes_.read(ahead, options_.limits.text, group.leaves);
  if (!fit.layout || fit.layout->topic_names_signal == topic_.signal().empty() || !splitter.ends_behind(fit.bytes)) return false;
  splitter.pass(fit.bytes);
  group.parent = 0;
  group.bytes = ahead.substr(0, fit.bytes);
  group.duplicate_key = group.bare = false;
  message_.n_groups = 1;
  contexts_.assign(1, {});
  understand(0, *fit.layout);
  decode_group(0, batch);
  return true;
}

void JsonDecoder::decode_text(std::string_view text, Batch& batch) {
  if (const auto problem = reader_.read(text, message_)) {
    if (problem->reason == DeadLetterReason::not_json && decode_lines(text, batch)) return;
    return add_rejected(batch, problem->reason, problem->text, text);
  }
  contexts_.assign(message_.n_groups, {});
  for (std::size_t g = 0; g < message_.n_groups; ++g) {
    if (message_.groups[g].parent != g) contexts_[message_.groups[g].parent].has_children = true;
  }
  for (std::size_t g = 0; g < message_.n_groups; ++g) understand(g, layout_of(message_.groups[g]));
  if (message_.n_groups == 1 && text.starts_with('{') && !message_.groups[0].duplicate_key)
    shapes_.learn(text, *contexts_[0].layout, message_.groups[0].leaves);
  for (std::size_t g = 0; g < message_.n_groups; ++g) {
    if (batch.n_items >= item_limit_) return refuse_rest(message_.n_groups - g, text, batch);
    decode_group(g, batch);
  }
}

void JsonDecoder::refuse_rest(std::size_t n, std::string_view bytes, Batch& batch) {
  add_rejected(
      batch, DeadLetterReason::limit_exceeded,
      "more than " + std::to_string(options_.limits.items) + " readings in one payload: " + std::to_string(n) + " messages are refused",
      bytes);
}

/// Nearly every payload is one message that looks like the one before it.
bool JsonDecoder::decode_alone(std::string_view bytes, Batch& batch) {
  while (bytes.ends_with('\n') || bytes.ends_with(' ')) bytes.remove_suffix(1);
  return options_.learn_shapes && !bytes.empty() && straight_.read(bytes, shapes_, topic_) == bytes.size() &&
         straight_.add(payload_, topic_, batch);
}

void JsonDecoder::decode_texts(std::string_view bytes, Batch& batch) {
  JsonSplitter splitter(bytes);
  std::string_view text;
  std::size_t rejected_before = batch.rejected.size();  // the last text
  while (true) {
    const std::size_t rejected = batch.rejected.size();
    const bool may_be_known = options_.learn_shapes && batch.n_items < item_limit_ && !splitter.ahead().empty();
    if (may_be_known && decode_familiar(splitter, batch)) {
      rejected_before = rejected;
      continue;
    }
    if (!splitter.next(text)) break;
    if (batch.n_items < item_limit_) {
      rejected_before = rejected;
      decode_text(held(text), batch);
      continue;
    }
    std::size_t n = 1;
    const std::string_view first = text;
    while (splitter.next(text)) ++n;
    refuse_rest(n, first, batch);
  }
  if (splitter.unclosed() && batch.rejected.size() == rejected_before) {
    add_rejected(batch, DeadLetterReason::not_json, "the array is never closed: the payload was cut off",
                 bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 200)));
  }
}

void JsonDecoder::decode(const Payload& payload, Batch& batch) {
  payload_ = payload;
  if (!topic_.accepts(payload, options_.limits, batch)) return;
  if (decode_alone(payload.bytes, batch)) return;
  std::string_view bytes = payload.bytes;
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  if (bytes.find_first_not_of(" \t\r\n") == bytes.npos)
    return add_rejected(batch, DeadLetterReason::not_json, "an empty payload", payload.bytes);
  item_limit_ = batch.n_items + options_.limits.items;
  bytes_ = bytes;
  held_ = {};
  decode_texts(bytes, batch);
}

}  // namespace

std::unique_ptr<Decoder> make_json_decoder(const Mapping& mapping, const machines::Plant& plant, Names& names,
                                           const DecoderOptions& options, const StampRules& rules) {
  return std::make_unique<JsonDecoder>(mapping, plant, names, options, rules);
}

}  // namespace telltale::decoders
