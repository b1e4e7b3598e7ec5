// What the demo shows: its site, the lines that it prints while it runs, and how it ends.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "cli/command.h"
#include "engine/engine.h"

namespace telltale::cli {

/// The site file of the demo: four healthy machines; COMP-001's vibration fails from 8 s to 40 s unless other faults are ordered.
std::string demo_site_text(const std::vector<std::string>& faults);

/// "12:00:09", UTC.
std::string clock_of_day();

/// Prints alarms as they come and go. Hub's thread.
class DemoStory final : public engine::Listener {
 public:
  DemoStory(Console& console, const Names& names, const machines::Plant& plant) : console_(console), names_(names), plant_(plant) {}
  void begin(const std::string& url, bool own_faults);
  void committed(const std::shared_ptr<const Entry>&) override;

 private:
  std::string raised(const Transition&) const;
  std::string cleared(const Transition&) const;
  std::string subject(const Transition&) const;

  Console& console_;
  const Names& names_;
  const machines::Plant& plant_;
};

/// The summary, read back from what was stored; exit status 0 when the ledger balances and no reading is missing.
int tell_demo_end(const Call& call, const std::string& directory, std::size_t kills);

}  // namespace telltale::cli
