// One request and its answer, apart from any connection: who may, which route, unpacking, compressing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/access.h"
#include "api/router.h"
#include "core/http.h"

namespace telltale::api {

/// Before the body is read: the route, or the answer that the request gets without one.
struct Admission {
  const Route* route = nullptr;  // null: `reply` is the answer
  ErrorShape errors = ErrorShape::ours;
  HttpReply reply;
};

/// Fills method, path, query and segments of `request` from the target; header and request_id stand already.
Admission admit(const RouteTable& routes, const Access& access, std::string_view target, HttpRequest& request);

/// On a thread that may wait: unpacks the body, calls the handler, hands on its reply from whichever thread answers.
/// A handler that throws or drops its answer gives 500, said in the log.
void run_handler(const Route& route, const Limits& limits, std::shared_ptr<HttpRequest> request, std::function<void(HttpReply)> reply);

/// Compresses large texts for who accepts it and adds what pages of `api.cors` need.
void finish_reply(const Access& access, const HttpRequest& request, HttpReply& reply);

/// Unique in the life of the program and hard to guess, 16 hex digits.
std::string new_request_id();

}  // namespace telltale::api
