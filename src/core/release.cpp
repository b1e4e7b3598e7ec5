// The version of this program, as the file VERSION has it.
#include "core/release.h"

namespace telltale {

std::string_view release() { return TELLTALE_VERSION; }

}  // namespace telltale
