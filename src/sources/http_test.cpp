// Posted messages: a verdict per item after the commit, and words when nothing was taken.
#include <gtest/gtest.h>

#include <algorithm>

#include "sources/source.h"

namespace telltale::sources {
namespace {

/// A line or body of digits is a reading, anything else is not.
class Digits final : public decoders::Decoder {
 public:
  void decode(const decoders::Payload& p, Batch& batch) override {
    topic = p.topic;
    const std::uint32_t item = batch.n_items++;
    if (std::ranges::all_of(p.bytes, [](unsigned char c) { return std::isdigit(c); })) {
      batch.readings.push_back({0, item, p.arrival, std::stod(std::string(p.bytes)), Quality{}});
    } else {
      batch.reject(item, DeadLetterReason::not_json, "no digits", p.bytes);
    }
  }
  static inline std::string topic;
};

class OneRoute final : public Router {
 public:
  void add(std::string_view method, std::string_view pattern, Role least, Handler h) override {
    route = std::string(method) + " " + std::string(pattern);
    role = least;
    handler = std::move(h);
  }
  std::string route;
  Role role{};
  Handler handler;
};

class Desk final : public Inlet {
 public:
  Taken offer(Batch&& batch, Done&& d) override {
    if (answer != Taken::accepted) return answer;
    taken = std::move(batch);
    done = std::move(d);
    return answer;
  }
  void count_rejected(std::uint64_t n) override { rejected += n; }
  Taken answer = Taken::accepted;
  Batch taken;
  Done done;
  std::uint64_t rejected = 0;
};

class HttpSource : public testing::Test {
 protected:
  void serve(std::map<std::string, std::string> settings = {}) {
    const auto parts = source_parts();
    const SourcePart& part = *std::ranges::find(parts, "http", &SourcePart::name);
    auto made = part.serve(Settings::of(part.fields, settings),
                           {.name = "line-4", .names = names, .plant = plant, .clock = Clock::system(), .make_decoder = [] {
                              return std::make_unique<Digits>();
                            }});
    ASSERT_TRUE(made) << made.error().message;
    source = std::move(*made);
    source->add_routes(router, desk);
  }
  void post(std::string body, std::string type = "application/json") {
    reply.reset();
    HttpRequest request{
        .method = "POST", .path = "/in/line-4", .header = {{"content-type", type}}, .body = std::move(body), .request_id = "r1"};
    router.handler(request, [this](HttpReply r) { reply = std::move(r); });
  }

  Names names;
  machines::Plant plant;
  std::unique_ptr<ServedSource> source;
  OneRoute router;
  Desk desk;
  std::optional<HttpReply> reply;
};

TEST_F(HttpSource, AnswersAfterTheCommitAndNotBefore) {
  serve();
  EXPECT_EQ(router.route, "POST /in/line-4");
  EXPECT_EQ(router.role, Role::device);
  post("42");
  EXPECT_FALSE(reply);
  desk.done(std::vector<Verdict>{{.kind = Verdict::Kind::stored}});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, R"({"received":1,"stored":1,"duplicate":0,"conflict":0,"dead_letter":0,"items":[{"item":0,"verdict":"stored"}]})");
}

TEST_F(HttpSource, OneBadLineCostsOneItem) {
  serve();
  post("1\n\nzwei\r\n3\n", "application/x-ndjson; charset=utf-8");
  ASSERT_EQ(desk.taken.n_items, 3u);
  desk.done(std::vector<Verdict>{
      {}, {.kind = Verdict::Kind::dead_letter, .reason = DeadLetterReason::not_json}, {.kind = Verdict::Kind::duplicate}});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, R"({"received":3,"stored":1,"duplicate":1,"conflict":0,"dead_letter":1,"items":[{"item":0,"verdict":"stored"},)"
                         R"({"item":1,"verdict":"dead_letter:not_json","message":"no digits"},{"item":2,"verdict":"duplicate"}]})");
}

TEST_F(HttpSource, SaysWhenToComeAgainAndCountsIt) {
  serve();
  desk.answer = Inlet::Taken::full;
  post("1\n2", "application/x-ndjson");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 429);
  EXPECT_EQ(reply->header.at(0), (std::pair<std::string, std::string>{"Retry-After", "1"}));
  EXPECT_EQ(desk.rejected, 2u);
  desk.answer = Inlet::Taken::read_only;
  post("1");
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(desk.rejected, 3u);
}

TEST_F(HttpSource, NeverAnswersSuccessWhenTheCommitFailed) {
  serve();
  post("1");
  desk.done(failed(ErrorKind::storage, "the disk failed"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
  EXPECT_NE(reply->body.find("the disk failed"), std::string::npos);
}

TEST_F(HttpSource, AnEmptyBodyIsAMistake) {
  serve();
  post("");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 400);
  EXPECT_EQ(desk.rejected, 1u);
}

TEST_F(HttpSource, TakesAnotherPath) {
  serve({{"path", "/plant/{device}"}});
  EXPECT_EQ(router.route, "POST /plant/{device}");
}

TEST_F(HttpSource, OnlyARouteWithNamedPartsIsHeldAgainstTheMappingsTopic) {
  serve();
  post("1");
  EXPECT_EQ(Digits::topic, "");
  serve({{"path", "/in/{device}"}});
  post("1");
  EXPECT_EQ(Digits::topic, "in/line-4");
}

TEST_F(HttpSource, RefusesPathsThatAreNone) {
  const auto parts = source_parts();
  const SourcePart& part = *std::ranges::find(parts, "http", &SourcePart::name);
  for (const char* path : {"in", "/a b", "/api/v1/readings", "/a?b"}) {
    const auto made = part.serve(Settings::of(part.fields, {{"path", path}}),
                                 {.name = "x", .names = names, .plant = plant, .clock = Clock::system(), .make_decoder = nullptr});
    ASSERT_FALSE(made) << path;
    EXPECT_EQ(made.error().kind, ErrorKind::config);
  }
}
}  // namespace
}  // namespace telltale::sources
