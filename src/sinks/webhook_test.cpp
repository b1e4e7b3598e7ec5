// The webhook against a small real HTTP server in another process (Python's http.server, which answers what the path asks for).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "clients/http_client.h"
#include "sinks/sample_items.h"

namespace telltale::sinks {
namespace {

// Prints its port, then one line per request: method, path, three headers, body. /status/N answers N; /hang never answers;
// /picky refuses bodies that hold the word poison.
constexpr const char* server_program = R"py(
import http.server, sys, threading, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        fields = [self.command, self.path] + [self.headers.get(h, "-") for h in ("Idempotency-Key", "X-Telltale-Signature", "Authorization")] + [body]
        open(sys.argv[1], "a").write("\t".join(fields) + "\n")
        status = int(self.path.split("/")[2]) if self.path.startswith("/status/") else 200
        if self.path == "/hang": time.sleep(60)
        if self.path == "/picky" and "poison" in body: status = 422
        self.send_response(status)
        if status in (301, 302, 307, 308): self.send_header("Location", "/elsewhere")
        text = b"because\nof details"
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
)py";

class WebhookTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = (std::filesystem::temp_directory_path() / "telltale-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::execlp("python3", "python3", "-c", server_program, log().c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    FILE* out = ::fdopen(ends[0], "r");
    std::array<char, 32> line{};
    if (std::fgets(line.data(), line.size(), out) != nullptr) port_ = std::atoi(line.data());
    std::fclose(out);
  }
  static void TearDownTestSuite() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    std::filesystem::remove_all(directory_);
  }
  void SetUp() override {
    if (port_ == 0) GTEST_SKIP() << "needs python3 for its HTTP server";
    std::filesystem::remove(log());
  }

  static std::string log() { return directory_ + "/requests"; }
  static std::string url(const std::string& path) { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  static std::unique_ptr<Sink> make(const std::string& path, std::map<std::string, std::string> settings = {}) {
    settings["url"] = path.starts_with("/") ? url(path) : path;
    auto made = part_called("webhook").make(Settings::of(part_called("webhook").fields, settings), "hook");
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  /// The requests that arrived, each as its fields.
  static std::vector<std::vector<std::string>> requests() {
    std::vector<std::vector<std::string>> all;
    std::ifstream file(log());
    for (std::string line; std::getline(file, line);) {
      std::istringstream in(line);
      auto& fields = all.emplace_back();
      for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
    }
    return all;
  }

  static inline std::string directory_;
  static inline pid_t child_ = 0;
  static inline int port_ = 0;
};

TEST_F(WebhookTest, PostsOneAlarmACallWithAKeyThatARepeatRepeats) {
  SampleItems s;
  s.alarm();
  s.alarm(Transition::Kind::updated, 2);
  auto sink = make("/hook", {{"secret", "s3cret"}, {"token", "t0ken"}});
  ASSERT_TRUE(sink->open({}));
  EXPECT_EQ(sink->write(s.items, soon()), 1u) << "one a call: the engine offers the rest again";
  EXPECT_EQ(sink->write(std::span(s.items).subspan(1), soon()), 1u);
  EXPECT_EQ(sink->write(std::span(s.items).subspan(1), soon()), 1u);
  const auto all = requests();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0][2], "00ff00ff00ff00ff-raised-1");
  EXPECT_EQ(all[1][2], "00ff00ff00ff00ff-updated-2");
  EXPECT_EQ(all[2][2], all[1][2]);
  EXPECT_EQ(all[0][3], "sha256=" + clients::hmac_sha256("s3cret", all[0][5]));
  EXPECT_EQ(all[0][4], "Bearer t0ken");
  EXPECT_TRUE(all[0][5].starts_with(R"({"kind":"alarm","id":"00ff00ff00ff00ff-raised-1")")) << all[0][5];
}

TEST_F(WebhookTest, PostsBatchesAsOneArray) {
  SampleItems s;
  for (int i = 0; i < 5; ++i) s.reading("P", "x", SampleItems::at(i), i);
  auto sink = make("/hook", {{"batch", "3"}, {"write", "readings"}});
  EXPECT_TRUE(sink->wants(ItemKind::reading));
  EXPECT_FALSE(sink->wants(ItemKind::transition));
  EXPECT_EQ(sink->write(s.items, soon()), 3u);
  const auto all = requests();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0][2], "s1-0..s3-0");
  EXPECT_TRUE(all[0][5].starts_with("[{") && all[0][5].ends_with("}]"));
}

TEST_F(WebhookTest, TellsByTheStatusWhatComesNext) {
  SampleItems s;
  s.alarm();
  const std::pair<int, ErrorKind> expected[] = {
      {408, ErrorKind::timeout},       {429, ErrorKind::timeout},      {500, ErrorKind::timeout}, {502, ErrorKind::not_connected},
      {503, ErrorKind::not_connected}, {400, ErrorKind::refused},      {413, ErrorKind::refused}, {422, ErrorKind::refused},
      {401, ErrorKind::not_connected}, {404, ErrorKind::not_connected}};
  for (const auto& [status, kind] : expected) {
    const auto done = make("/status/" + std::to_string(status))->write(s.items, soon());
    ASSERT_FALSE(done) << status;
    EXPECT_EQ(done.error().kind, kind) << status;
    EXPECT_TRUE(done.error().message.contains(std::to_string(status) + ": because")) << done.error().message;
    EXPECT_EQ(done.error().item.has_value(), kind == ErrorKind::refused) << status;
  }
}

TEST_F(WebhookTest, FollowsNoRedirect) {
  SampleItems s;
  s.alarm();
  const auto done = make("/status/307")->write(s.items, soon());
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().message.contains("/elsewhere")) << done.error().message;
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(WebhookTest, FindsTheOneOfABatchThatIsRefused) {
  SampleItems s;
  for (const char* name : {"a", "b", "poison", "c"}) s.reading("P", name, SampleItems::at(0), 1);
  auto sink = make("/picky", {{"batch", "100"}, {"write", "readings"}});
  EXPECT_EQ(sink->write(s.items, soon()), 2u);
  const auto done = sink->write(std::span(s.items).subspan(2), soon());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::refused);
  EXPECT_EQ(done.error().item, 0u);
  EXPECT_EQ(sink->write(std::span(s.items).subspan(3), soon()), 1u);
}

TEST_F(WebhookTest, NeverWaitsLongerThanItMay) {
  SampleItems s;
  s.alarm();
  const auto done = make("/hang", {{"timeout", "200ms"}})->write(s.items, soon());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::timeout);
  const auto past = make("/hook")->write(s.items, std::chrono::steady_clock::now());
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().kind, ErrorKind::timeout);
}

TEST_F(WebhookTest, SaysWhenNobodyListensAndWhatItNeverCalls) {
  SampleItems s;
  s.alarm();
  const auto nobody = make("http://127.0.0.1:1/")->write(s.items, soon());
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, ErrorKind::not_connected);
  const auto metadata = make("http://169.254.169.254/latest/meta-data")->write(s.items, soon());
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().kind, ErrorKind::config);
  for (const char* wrong : {"ftp://host/", "host", "file:///etc/passwd"}) {
    const auto made = part_called("webhook").make(Settings::of(part_called("webhook").fields, {{"url", wrong}}), "hook");
    ASSERT_FALSE(made) << wrong;
    EXPECT_EQ(made.error().kind, ErrorKind::config);
  }
}

TEST(Hmac, GivesThePublishedVector) {  // RFC 4231, test case 2
  EXPECT_EQ(clients::hmac_sha256("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace telltale::sinks
