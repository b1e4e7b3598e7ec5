// A real small disk: a tmpfs that can be filled to its last byte.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace telltale::faultlab {

/// Mounted on a folder while it lives. Its bytes are shared by everything below `path()`.
class SmallDisk {
 public:
  explicit SmallDisk(std::string folder, std::size_t mib);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  /// Why there is none: mounting needs root, or a namespace of users.
  const std::optional<std::string>& missing() const { return missing_; }
  const std::string& path() const { return folder_; }
  void fill() const;       // until not one byte more goes in
  void make_room() const;  // what fill() took
  std::size_t free_bytes() const;
  /// Nothing on it can be changed, or again. False: somebody has a file open for writing.
  bool read_only(bool on) const;

 private:
  const std::string folder_;
  std::optional<std::string> missing_;
};

}  // namespace telltale::faultlab
