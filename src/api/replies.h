// Answers that many routes give: JSON, and errors in our shape or the fermenter monitor's.
#pragma once

#include <string>
#include <string_view>

#include "api/json_out.h"
#include "api/router.h"
#include "api/wire.h"
#include "core/http.h"
#include "core/result.h"

namespace telltale::api {

HttpReply json_reply(int status, JsonOut&& json);
HttpReply text_reply(int status, std::string_view content_type, std::string body);

/// {"error": {kind, message, hint, request_id}}
HttpReply error_reply(const HttpRequest& request, int status, std::string_view kind, std::string_view message, std::string_view hint = {});
/// {"detail": message}
HttpReply detail_reply(int status, std::string_view message);
HttpReply refusal_reply(const Refusal& refusal, std::string_view request_id, ErrorShape shape);

/// What failed inside, said outside without its insides: the message goes to the log under the request id, the caller learns the id.
HttpReply failure_reply(const HttpRequest& request, const Error& error, ErrorShape shape = ErrorShape::ours);

}  // namespace telltale::api
