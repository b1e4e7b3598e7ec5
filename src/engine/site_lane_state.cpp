// A lane's memory as bytes: each part's state under a key of its settings, so that what is unchanged survives a change elsewhere.
#include <algorithm>
#include <cstring>
#include <optional>

#include "core/bytes.h"
#include "core/fault.h"
#include "core/log.h"
#include "engine/site_lane.h"
#include "stores/crc32c.h"

namespace telltale::engine {
namespace {

constexpr std::uint64_t form = 2;  // 1: without a seal

// Parts read their states as they stand, places in windows among them: bytes that are not what was saved must not get that far.
void seal(std::string& bytes) {
  const std::uint32_t sum = stores::crc32c(bytes);
  bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
}

/// What was sealed; none: it is damaged.
std::optional<std::string_view> unsealed(std::string_view bytes) {
  std::uint32_t sum = 0;
  if (bytes.size() < sizeof sum) return std::nullopt;
  const std::string_view inner = bytes.substr(0, bytes.size() - sizeof sum);
  std::memcpy(&sum, bytes.data() + inner.size(), sizeof sum);
  return sum == stores::crc32c(inner) ? std::optional(inner) : std::nullopt;
}

}  // namespace

std::vector<AssetState> SiteLane::save(std::size_t max_bytes, Sequence again_before) {
  std::vector<AssetState> saved;
  std::size_t bytes = 0;
  const auto take = [&](std::uint32_t index) {
    save_now(index, saved);
    bytes += saved.back().bytes.size();
  };
  while (!dirty_.empty() && (saved.empty() || bytes < max_bytes)) take(dirty_.begin()->second);
  while (!saved_.empty() && saved_.begin()->first < std::min(again_before, last_) && (saved.empty() || bytes < max_bytes))
    take(saved_.begin()->second);
  return saved;
}

void SiteLane::save_now(std::uint32_t index, std::vector<AssetState>& saved) {
  Asset& a = assets_[index];
  dirty_.erase({a.dirty, index});
  a.dirty = 0;
  AssetState state{.asset = a.name, .sequence = std::max(last_, a.includes), .settings = form, .bytes = {}};
  state.bytes.reserve(a.saved_bytes + a.saved_bytes / 16);
  save_asset(a, state.bytes);
  seal(state.bytes);
  note_save(index, state);
  saved.push_back(std::move(state));
}

void SiteLane::note_save(std::uint32_t index, const AssetState& state) {
  Asset& a = assets_[index];
  saved_.erase({a.saved, index});
  saved_bytes_ += state.bytes.size() - a.saved_bytes;
  a.saved = state.sequence;
  a.saved_bytes = static_cast<std::uint32_t>(state.bytes.size());
  saved_.emplace(a.saved, index);
}

/// Also what has not changed for long is needed from where it was saved: a machine that stands still has a state too.
RestartPoint SiteLane::restart_point() const {
  const Sequence rerun_from = dirty_.empty() ? last_ + 1 : dirty_.begin()->first;
  return {.states_from = saved_.empty() ? rerun_from : std::min(rerun_from, saved_.begin()->first), .rerun_from = rerun_from};
}

void SiteLane::save_asset(const Asset& a, std::string& bytes) const {
  ByteWriter out(bytes);
  out.varint(a.silence.size());
  for (const Silence& s : a.silence) {
    out.word(s.key);
    out.word(static_cast<std::uint64_t>(s.heard));
    out.word(static_cast<std::uint64_t>(s.due));
    out.varint((s.known ? 1u : 0u) | (s.open ? 2u : 0u));
    out.text({reinterpret_cast<const char*>(s.state), s.rule->segment.bytes});
  }
  out.varint(a.signals.size());
  for (const Signal* signal : a.signals) save_signal(*signal, bytes);
  std::string book;
  a.book.save(book);
  out.text(book);
}

/// A part without bytes has nothing to say. An event under way stands behind the bytes of its rule.
void SiteLane::save_signal(const Signal& s, std::string& bytes) const {
  ByteWriter out(bytes);
  const Program& program = s.runs->program;
  out.text(names_.signal_name(s.id));
  out.varint(static_cast<std::size_t>(std::ranges::count_if(program.segments, [](const Segment& one) { return one.bytes > 0; })));
  for (std::size_t k = 0; k < program.segments.size(); ++k) {
    const Segment& segment = program.segments[k];
    if (segment.bytes == 0) continue;
    const Rule* rule = k < program.first_rule() ? nullptr : &program.rules[k - program.first_rule()];
    const bool eventful = rule && rule->n_statistics > 0 && rule->judged(s.state).eventful != 0;
    out.word(segment.key);
    out.varint(segment.bytes + (eventful ? sizeof(JudgeEvent) : 0));
    bytes.append(reinterpret_cast<const char*>(s.state + segment.offset), segment.bytes);
    if (!eventful) continue;
    const JudgeEvent event = event_of(rule->judged(s.state));
    bytes.append(reinterpret_cast<const char*>(&event), sizeof event);
  }
}

bool SiteLane::restore(const AssetState& saved) {
  const std::uint32_t index = asset(names_.asset(saved.asset));
  Asset& a = assets_[index];
  anew_assets_.insert(index);
  if (saved.settings != form) return false;
  a.includes = saved.sequence;
  restored_ = std::max(restored_, saved.sequence);
  const auto bytes = unsealed(saved.bytes);
  ByteReader in(bytes.value_or(""));
  bool all = bytes && restore_silence(in, a);
  all = bytes && restore_signals(in, index) && all;
  const std::string_view book = in.text();
  if (!bytes || in.failed() || in.left() != 0 || !a.book.restore(book, names_)) {
    log(LogLevel::warning, "lane", saved.asset, "saved state is damaged; the asset starts anew",
        {{"bytes", std::to_string(saved.bytes.size())}});
    return false;
  }
  anew_assets_.erase(index);
  note_save(index, saved);
  if (!all) rebind(a);
  reschedule(index);
  return all;
}

bool SiteLane::restore_silence(ByteReader& in, Asset& a) {
  std::size_t taken = 0;
  for (std::size_t n = in.count(); n > 0 && !in.failed(); --n) {
    const std::uint64_t key = in.word();
    const auto heard = static_cast<std::int64_t>(in.word()), due = static_cast<std::int64_t>(in.word());
    const std::uint64_t flags = in.varint();
    const std::string_view bytes = in.text();
    const auto mine =
        std::ranges::find_if(a.silence, [&](const Silence& s) { return s.key == key && s.rule->segment.bytes == bytes.size(); });
    if (mine == a.silence.end()) continue;
    mine->heard = heard;
    mine->due = due;
    mine->known = (flags & 1) != 0;
    mine->open = (flags & 2) != 0;
    std::memcpy(mine->state, bytes.data(), bytes.size());
    ++taken;
  }
  return taken == a.silence.size();
}

bool SiteLane::restore_signals(ByteReader& in, std::uint32_t asset) {
  const AssetId asset_id = assets_[asset].id;
  bool all = true;
  std::vector<char> taken;  // per segment; bits would cost more than they save
  for (std::size_t n = in.count(); n > 0 && !in.failed(); --n) {
    const auto id = names_.signal(asset_id, in.text());
    Signal* known = id ? known_signal(*id) : nullptr;
    if (id && known == nullptr) known = &new_signal(*id, asset);
    static const Program none{};
    const Program& program = known ? known->runs->program : none;
    taken.resize(program.segments.size());
    for (std::size_t k = 0; k < taken.size(); ++k) taken[k] = program.segments[k].bytes == 0;
    std::size_t likely = 0;  // they were saved in the program's order
    for (std::size_t m = in.count(); m > 0 && !in.failed(); --m) {
      const std::uint64_t key = in.word();
      const std::string_view bytes = in.text();
      for (std::size_t tried = 0; tried < taken.size(); ++tried, ++likely) {
        if (likely >= taken.size()) likely = 0;
        if (taken[likely] || (program.segments[likely].key != key && !planted(Bug::snapshot_without_hash))) continue;
        taken[likely] = restore_segment(*known, likely, bytes);
        if (taken[likely]) break;
      }
    }
    all = all && std::ranges::all_of(taken, [](char one) { return one != 0; });
    for (std::size_t k = 0; known && k < program.rules.size(); ++k) {
      if (!taken[program.first_rule() + k]) rules_anew_[*id].push_back(k);
    }
  }
  return all;
}

/// False: the bytes are of another size.
bool SiteLane::restore_segment(const Signal& s, std::size_t k, std::string_view bytes) {
  const Program& program = s.runs->program;
  const Segment& segment = program.segments[k];
  const bool judges = k >= program.first_rule() && program.rules[k - program.first_rule()].n_statistics > 0;
  const bool eventful = judges && bytes.size() == segment.bytes + sizeof(JudgeEvent);
  if (bytes.size() != segment.bytes && !eventful) return false;
  std::memcpy(s.state + segment.offset, bytes.data(), segment.bytes);
  if (!eventful) return true;
  JudgeEvent event;
  std::memcpy(&event, bytes.data() + segment.bytes, sizeof event);
  keep_event(program.rules[k - program.first_rule()].judged(s.state), event);
  return true;
}

/// A rule that starts anew while its alarm stands goes on with that alarm, and clears it once all is well.
void SiteLane::rebind(Asset& a) {
  a.book.each([&](std::string_view signal, std::string_view rule) { bind(a, signal, rule); });
}

void SiteLane::bind(Asset& a, std::string_view signal, std::string_view rule_name) {
  for (Silence& s : a.silence) {
    if (s.rule->name == rule_name && (s.source.empty() ? signal == "*" : s.source == signal)) s.open = true;
  }
  for (const Signal* one : a.signals) {
    const Signal& s = *one;
    if (s.runs->program.signal != signal) continue;
    for (const Rule& rule : s.runs->program.rules) {
      if (rule.n_statistics > 0 && rule.name == rule_name) set_open(rule, s.state, true);
      for (std::size_t j = 0; j < rule.limit_names.size(); ++j) {
        if (rule.limit_names[j] == rule_name) rule.beyond(s.state, j).beyond = 1;
      }
    }
  }
}

}  // namespace telltale::engine
