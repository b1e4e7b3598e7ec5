// SQLite on the simulated disk: a file system of SQLite's own kind, registered by name, one per simulated process.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "tests/faultlab/sim_disk.h"

namespace telltale::faultlab {

/// What was ever written to each page of each database, over all processes of one disk: a page that reads as none of it is damaged.
class PageBook {
 public:
  void wrote(const std::string& path, std::size_t offset, std::string_view page);
  void read(const std::string& path, std::size_t offset, std::string_view page);
  std::size_t damaged() const { return damaged_; }  // pages that were read so

 private:
  std::map<std::pair<std::string, std::size_t>, std::set<std::uint32_t>> known_;
  std::size_t damaged_ = 0;
};

/// Lives as long as its process: locks and the shared memory of write-ahead logs die with it. The store uses one writing connection
/// and readers beside it in one process, so shared memory is plain memory here, and locks are counted among the connections.
class SimVfs {
 public:
  SimVfs(SimDisk& disk, PageBook& pages, std::uint64_t seed);
  ~SimVfs();  // after the last connection
  SimVfs(const SimVfs&) = delete;
  SimVfs& operator=(const SimVfs&) = delete;

  const std::string& name() const { return name_; }

  struct Inside;  // SQLite's view of it

 private:
  const std::string name_;
  std::unique_ptr<Inside> inside_;
};

}  // namespace telltale::faultlab
