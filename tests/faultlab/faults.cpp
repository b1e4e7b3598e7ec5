// Crash points and planted bugs as the laboratory's programs have them. In the engine the environment decides:
//   TELLTALE_CRASH=NAME[:N]   the process ends with status 99 at the crash point NAME, the N-th time
//   TELLTALE_PLANT=NAME       that bug is in
//   TELLTALE_ALLOCATION=N     the N-th allocation by operator new finds no memory
//   TELLTALE_THREAD=N         the N-th thread cannot be started
#include "tests/faultlab/faults.h"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

namespace telltale::faultlab {
namespace {

constexpr std::array<std::string_view, 16> bugs = {"ack_before_sync",
                                                   "no_fdatasync",
                                                   "no_directory_sync",
                                                   "cursor_before_sink",
                                                   "unlink_before_cursor",
                                                   "no_checksum_check",
                                                   "checksum_without_sequence",
                                                   "retry_after_failed_sync",
                                                   "dedupe_off",
                                                   "snapshot_without_hash",
                                                   "alert_outside_outbox",
                                                   "wall_clock_timer",
                                                   "unbounded_websocket_queue",
                                                   "batch_drop_on_one_nan",
                                                   "dead_letters_unsynced",
                                                   "puback_out_of_order"};

struct Faults {
  std::string crash_at;
  std::atomic<long> crash_in = 0;
  std::function<void(std::string_view)> hook;
  std::optional<Bug> bug;

  Faults() {
    if (const char* wanted = std::getenv("TELLTALE_CRASH")) {
      const std::string_view text = wanted;
      const std::size_t colon = text.find(':');
      crash_at = text.substr(0, colon);
      crash_in = colon == std::string_view::npos ? 1 : std::atol(wanted + colon + 1);
    }
    if (const char* wanted = std::getenv("TELLTALE_PLANT")) {
      bug = bug_named(wanted);
      if (!bug) {
        std::fprintf(stderr, "TELLTALE_PLANT: there is no bug '%s'\n", wanted);
        std::_Exit(2);
      }
    }
  }
};

Faults& faults() {
  static Faults the_faults;
  return the_faults;
}

}  // namespace

void at_crash_points(std::function<void(std::string_view)> hook) { faults().hook = std::move(hook); }

std::span<const std::string_view> bug_names() { return bugs; }

std::optional<Bug> bug_named(std::string_view name) {
  const auto at = std::ranges::find(bugs, name);
  return at == bugs.end() ? std::nullopt : std::optional(static_cast<Bug>(at - bugs.begin()));
}

void plant(std::optional<Bug> bug) { faults().bug = bug; }

namespace {

std::atomic<std::uint64_t> allocations = 0, allocation_that_fails = 0;

std::uint64_t number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

const bool told_by_environment = [] {
  fail_allocation_in(number_in("TELLTALE_ALLOCATION"));
  return true;
}();

}  // namespace

void fail_allocation_in(std::uint64_t n) {
  allocations = 0;
  allocation_that_fails = n;
}

std::uint64_t n_allocations() { return allocations; }

/// As the language wants it: the handler is asked, and without one it is an exception.
void* allocate(std::size_t bytes, std::size_t alignment) {
  const bool fails = allocation_that_fails != 0 && ++allocations == allocation_that_fails;
  for (;;) {
    void* got = fails            ? nullptr
                : alignment == 0 ? std::malloc(bytes)
                                 : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (got != nullptr) return got;
    const auto handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace telltale::faultlab

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // those have these for themselves

void* operator new(std::size_t bytes) { return telltale::faultlab::allocate(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return telltale::faultlab::allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

/// Stands before the system's, also for std::thread.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) noexcept {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
  static std::atomic<std::uint64_t> left = telltale::faultlab::number_in("TELLTALE_THREAD");
  if (left != 0 && --left == 0) return EAGAIN;
  return create(thread, attributes, start, argument);
}

#endif

namespace telltale {

void crash_point(const char* name) {
  auto& faults = faultlab::faults();
  if (faults.hook) faults.hook(name);
  if (faults.crash_at == name && --faults.crash_in == 0) ::_exit(99);
}

bool planted(Bug bug) { return faultlab::faults().bug == bug; }

}  // namespace telltale
