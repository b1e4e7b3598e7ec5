// VictoriaMetrics as a peer: a process of its own on a scratch directory, spoken to over loopback.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace telltale::bench {

class VictoriaMetrics {
 public:
  /// Starts it and waits until it answers. Null: the program is not installed, or does not start.
  static std::unique_ptr<VictoriaMetrics> start();
  ~VictoriaMetrics();

  static std::string version();  // "VictoriaMetrics 1.112.0"
  /// Influx line protocol, nanoseconds. False: it did not take them.
  bool write(std::string_view lines) { return post("/write", lines); }
  /// Merges small parts into large ones, the least that it ever takes on disk, and ends it: its files are all that is left.
  bool settle();
  std::size_t data_bytes() const;  // below its data directory, index and all
  double cpu_seconds() const;      // that the process has used

 private:
  VictoriaMetrics(pid_t process, std::string directory, int port) : process_(process), directory_(std::move(directory)), port_(port) {}
  void stop(int signal);
  bool connect();
  bool post(std::string_view path, std::string_view body);

  pid_t process_;  // 0: ended
  const std::string directory_;
  const int port_;
  int socket_ = -1;
};

}  // namespace telltale::bench
