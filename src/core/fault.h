// Places where the crash laboratory (tests/faultlab) interferes. In the product both are nothing.
#pragma once

#include <cstdint>

namespace telltale {

/// Mistakes that the laboratory must notice, each one line at its place.
enum class Bug : std::uint8_t {
  ack_before_sync,
  no_fdatasync,
  no_directory_sync,
  cursor_before_sink,
  unlink_before_cursor,
  no_checksum_check,
  checksum_without_sequence,
  retry_after_failed_sync,
  dedupe_off,
  snapshot_without_hash,
  alert_outside_outbox,
  wall_clock_timer,
  unbounded_websocket_queue,
  batch_drop_on_one_nan,
  dead_letters_unsynced,
  puback_out_of_order,
};

#ifdef TELLTALE_FAULTS
/// The process may die here: at this name, the n-th time.
void crash_point(const char* name);
bool planted(Bug);
#else
constexpr void crash_point(const char*) {}
constexpr bool planted(Bug) { return false; }
#endif

}  // namespace telltale
