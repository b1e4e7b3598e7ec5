// The sections of an entry's payload, which encoder and decoder agree on; docs/store.md tells what each holds.
#pragma once

#include <cstdint>

#include "core/finding.h"

namespace telltale::stores {

// The bits are stored: never renumber them.
enum EntrySection : std::uint64_t {
  of_source = 1u << 0,
  of_readings = 1u << 1,
  of_conflicts = 1u << 2,
  of_texts_in_full = 1u << 3,  // read, no longer written
  of_rejected = 1u << 4,
  of_unmapped = 1u << 5,
  of_findings = 1u << 6,
  of_transitions = 1u << 7,
  of_command = 1u << 8,
  of_configuration = 1u << 9,
  of_states = 1u << 10,
  of_gap = 1u << 11,
  of_topics = 1u << 12,  // from here on since form 2
  of_call = 1u << 13,
  of_replayed = 1u << 14,
  of_replacing = 1u << 15,
  of_decoding = 1u << 16,
  of_texts = 1u << 17,
  of_restart = 1u << 18,
};
constexpr std::uint64_t sections_of_version(std::uint16_t version) { return version == 1 ? (1u << 12) - 1 : (1u << 19) - 1; }

static_assert(static_cast<int>(Transition::Kind::raised) == 0 && static_cast<int>(Transition::Kind::updated) == 1 &&
                  static_cast<int>(Transition::Kind::acknowledged) == 2 && static_cast<int>(Transition::Kind::cleared) == 3,
              "the kinds of a transition are stored as these numbers");

// The word of a reading: two flags, then its quality. A good, normal reading is one zero byte.
constexpr std::uint64_t is_anomaly = 1, was_given_other = 2;

}  // namespace telltale::stores
