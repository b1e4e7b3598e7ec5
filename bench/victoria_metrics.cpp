// Starting, feeding and measuring VictoriaMetrics.
#include "victoria_metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace telltale::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* program = "victoria-metrics";

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A port that nobody has at this moment.
int free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  const bool bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
                     ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(listener);
  return bound ? ntohs(address.sin_port) : 0;
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
  ::pclose(pipe);
  return out;
}

[[noreturn]] void become(const std::string& directory, int port) {
  const std::string data = "-storageDataPath=" + directory, listen = "-httpListenAddr=127.0.0.1:" + std::to_string(port);
  if (std::freopen((directory + "/log").c_str(), "w", stderr) == nullptr) std::_Exit(126);
  ::execlp(program, program, data.c_str(), listen.c_str(), "-retentionPeriod=100y", "-selfScrapeInterval=0", nullptr);
  std::_Exit(127);
}

}  // namespace

std::string VictoriaMetrics::version() {  // Debian's program does not know its own
  const std::string text = output_of("dpkg-query -W -f '${Version}' victoria-metrics 2>/dev/null");
  return "VictoriaMetrics " + text.substr(0, text.find_first_not_of("0123456789."));
}

std::unique_ptr<VictoriaMetrics> VictoriaMetrics::start() {
  std::string directory = (fs::temp_directory_path() / "telltale-bench-XXXXXX").string();
  const int port = free_port();
  if (::mkdtemp(directory.data()) == nullptr || port == 0) return nullptr;
  const pid_t child = ::fork();
  if (child < 0) return nullptr;
  if (child == 0) become(directory, port);
  std::unique_ptr<VictoriaMetrics> peer(new VictoriaMetrics(child, directory, port));
  for (const auto until = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < until;) {
    if (::waitpid(child, nullptr, WNOHANG) != 0) return nullptr;
    if (peer->connect()) return peer;
    std::this_thread::sleep_for(20ms);
  }
  return nullptr;
}

VictoriaMetrics::~VictoriaMetrics() {
  if (socket_ >= 0) ::close(socket_);
  stop(SIGKILL);
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

bool VictoriaMetrics::connect() {
  if (socket_ >= 0) return true;
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port_);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  ::close(socket_);
  socket_ = -1;
  return false;
}

bool VictoriaMetrics::post(std::string_view path, std::string_view body) {
  if (!connect()) return false;
  std::string request =
      "POST " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  request += body;
  for (std::string_view left = request; !left.empty();) {
    const auto n = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  // Its answers to these requests are short: a status line, headers, at most a few bytes.
  std::string answer;
  std::array<char, 4096> buffer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    const auto n = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (n <= 0) return false;
    answer.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return answer.starts_with("HTTP/1.1 2");
}

bool VictoriaMetrics::settle() {
  if (!post("/internal/force_flush", "") || !post("/internal/force_merge", "")) return false;
  stop(SIGTERM);  // what was only in its memory is written
  return true;
}

void VictoriaMetrics::stop(int signal) {
  if (process_ <= 0) return;
  ::kill(process_, signal);
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

std::size_t VictoriaMetrics::data_bytes() const {
  std::size_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory_, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;  // parts come and go while it merges
    if (entry->is_regular_file(gone) && entry->path().filename() != "log") bytes += entry->file_size(gone);
  }
  return bytes;
}

double VictoriaMetrics::cpu_seconds() const {
  std::ifstream stat("/proc/" + std::to_string(process_) + "/stat");
  std::string text;
  std::getline(stat, text);
  unsigned long user = 0, system = 0;
  const auto behind_name = text.rfind(')');
  if (behind_name == std::string::npos ||
      std::sscanf(text.c_str() + behind_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) {
    return 0;
  }
  return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace telltale::bench
